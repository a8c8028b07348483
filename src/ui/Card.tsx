import { useId, type JSX, type ReactNode } from 'react';
import { Boundary } from './panels/Boundary';

interface CardProps {
  readonly className?: string;
  readonly number?: number;
  readonly title: ReactNode;
  readonly aside?: ReactNode; // beside the title, quieter
  readonly children: ReactNode;
}

/** One box of the page, with its heading. */
export function Card({ className = '', number, title, aside, children }: CardProps): JSX.Element {
  const id = useId();
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <h2 id={id} className="card-title">
        {number !== undefined && <span className="badge">{number}</span>}
        <span>{title}</span>
        {aside !== undefined && <span className="aside">{aside}</span>}
      </h2>
      <Boundary>{children}</Boundary>
    </section>
  );
}
