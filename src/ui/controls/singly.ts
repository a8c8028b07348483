import type { MouseEvent } from 'react';

/**
 * Leaves out the second click of a double one, which would take back what the first began: the button says
 * something else by then. A key pressed twice is meant twice.
 */
export const singly =
  (act: () => void) =>
  ({ detail }: MouseEvent): void => {
    if (detail < 2) act();
  };
