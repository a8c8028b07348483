import type { JSX, ReactNode } from 'react';
import { usePlayground } from '../../state/hooks';
import { isHidden, type PagePart } from '../../state/lesson';

interface ShownProps {
  readonly part: PagePart;
  readonly children: ReactNode;
}

/** A part of the page, unless the lesson leaves it out. */
export function Shown({ part, children }: ShownProps): JSX.Element | null {
  return usePlayground((s) => isHidden(s.lesson, part)) ? null : <>{children}</>;
}
