import { Popover } from '@base-ui/react/popover';
import type { JSX, ReactNode } from 'react';

interface HelpProps {
  readonly label: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A word that explains itself when pointed at, focused and pressed, or tapped. */
export function Help({ label, children, className = '' }: HelpProps): JSX.Element {
  return (
    <Popover.Root>
      <Popover.Trigger className={`help ${className}`} openOnHover delay={350}>
        {label}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" sideOffset={6} collisionPadding={8}>
          <Popover.Popup className="popup popup-help">
            <Popover.Title render={<span />} className="sr-only">
              {label}
            </Popover.Title>
            <Popover.Description render={<div />}>{children}</Popover.Description>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
