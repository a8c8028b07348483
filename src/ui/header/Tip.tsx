import { Tooltip } from '@base-ui/react/tooltip';
import type { JSX, ReactElement, ReactNode } from 'react';

interface TipProps {
  readonly text: ReactNode;
  readonly children: ReactElement<Record<string, unknown>>; // the button it belongs to
}

/** A hint beside a button that is pointed at or focused. */
export function Tip({ text, children }: TipProps): JSX.Element {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner className="positioner" sideOffset={6} collisionPadding={8}>
          <Tooltip.Popup className="popup popup-tip">{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
