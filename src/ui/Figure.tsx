import type { JSX, ReactNode } from 'react';
import { Help } from './controls/Help';

interface FigureProps {
  readonly value: string;
  readonly unit?: string;
  readonly label: ReactNode;
  readonly help: ReactNode;
}

/** One number with its unit, its name, and on demand its meaning. */
export function Figure({ value, unit, label, help }: FigureProps): JSX.Element {
  return (
    <div className="figure">
      <span className="figure-value">
        {value}
        {unit && <small> {unit}</small>}
      </span>
      <Help className="figure-label" label={label}>
        <p>{help}</p>
      </Help>
    </div>
  );
}
