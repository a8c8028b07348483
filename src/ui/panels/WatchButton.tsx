import type { JSX } from 'react';
import { useActions } from '../../state/hooks';

interface WatchButtonProps {
  readonly className?: string;
}

/** Plays a recorded run of the preset; for visitors without a GPU, and whoever is curious. */
export function WatchButton({ className = 'button' }: WatchButtonProps): JSX.Element {
  const act = useActions();
  return (
    <button type="button" className={className} onClick={() => void act().watch()}>
      Watch a recorded run
    </button>
  );
}
