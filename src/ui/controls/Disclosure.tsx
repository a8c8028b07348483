import { Collapsible } from '@base-ui/react/collapsible';
import type { JSX, ReactNode } from 'react';

interface DisclosureProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** What is needed now and then, one press away. */
export function Disclosure({ title, children }: DisclosureProps): JSX.Element {
  return (
    <Collapsible.Root className="disclosure">
      <Collapsible.Trigger className="disclosure-trigger">
        <span aria-hidden="true" className="disclosure-icon">
          ▸
        </span>
        {title}
      </Collapsible.Trigger>
      <Collapsible.Panel className="disclosure-panel">{children}</Collapsible.Panel>
    </Collapsible.Root>
  );
}
