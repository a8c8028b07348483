import type { JSX } from 'react';
import type { PromptPicture } from '../../state/rolloutViews';
import type { DrawingProps } from './Picture';

interface BoardProps extends DrawingProps {
  readonly prompt: Extract<PromptPicture, { kind: 'board' }>;
}

const CELL = 20; // viewBox units

/** The nine boxes, with the first try of each numbered. */
export function Board({ prompt, turns, size, showsHidden }: BoardProps): JSX.Element {
  const { cells, text, treasure } = prompt;
  return (
    <svg className={`board board-${size}`} viewBox="0 0 60 60" role="img" aria-label={text}>
      {cells.map((mark, cell) => {
        const x = (cell % 3) * CELL;
        const y = Math.floor(cell / 3) * CELL;
        const first = turns.findIndex(({ answer }) => answer.marks?.[0] === cell);
        const found = turns.some((t) => t.isCorrect && t.answer.marks?.[0] === cell);
        return (
          <g key={cell}>
            <rect
              className={`cell cell-${mark}`}
              x={x + 1}
              y={y + 1}
              width={18}
              height={18}
              rx={3}
            />
            {found && (
              <rect className="cell-found" x={x + 2} y={y + 2} width={16} height={16} rx={2.5} />
            )}
            {showsHidden && cell === treasure && first < 0 && (
              <circle className="cell-treasure" cx={x + 10} cy={y + 10} r={3.5} />
            )}
            {first >= 0 && (
              <text className={`cell-try cell-try-${mark}`} x={x + 10} y={y + 14}>
                {first + 1}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
