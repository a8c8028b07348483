import type { JSX } from 'react';

interface PagerProps {
  readonly label: string; // accessible name
  readonly text: string;
  readonly canGoBack: boolean;
  readonly canGoOn: boolean;
  readonly onMove: (by: -1 | 1) => void;
}

/** Previous, where, next. */
export function Pager({ label, text, canGoBack, canGoOn, onMove }: PagerProps): JSX.Element {
  return (
    <div className="pager" role="group" aria-label={label}>
      <button
        type="button"
        aria-label="Previous"
        aria-disabled={!canGoBack}
        onClick={() => canGoBack && onMove(-1)}
      >
        ‹
      </button>
      <span className="pager-text">{text}</span>
      <button
        type="button"
        aria-label="Next"
        aria-disabled={!canGoOn}
        onClick={() => canGoOn && onMove(1)}
      >
        ›
      </button>
    </div>
  );
}
