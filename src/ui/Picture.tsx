import type { JSX } from 'react';
import type { PromptPicture, TurnView } from '../state/rolloutViews';

interface PictureProps {
  readonly prompt: PromptPicture;
  /** Answers so far, to be marked on the picture. */
  readonly turns?: readonly TurnView[];
  readonly size?: 'small' | 'large';
  /** Marks what the model cannot see. */
  readonly showsHidden?: boolean;
}

/** A prompt as the task draws it: a sum, or a board with the tries numbered. */
export function Picture({
  prompt,
  turns = [],
  size = 'small',
  showsHidden,
}: PictureProps): JSX.Element {
  if (prompt.kind === 'facts') {
    return <span className={`sum sum-${size}`}>{prompt.text}</span>;
  }
  const treasure = showsHidden ? prompt.treasure : undefined;
  return (
    <Board cells={prompt.cells} label={prompt.text} turns={turns} size={size} treasure={treasure} />
  );
}

const CELL = 20; // viewBox units

interface BoardProps {
  readonly cells: readonly string[]; // [9] 'gold', 'grey' or 'empty'
  readonly label: string;
  readonly turns: readonly TurnView[];
  readonly size: 'small' | 'large';
  readonly treasure: number | undefined; // cell
}

function Board({ cells, label, turns, size, treasure }: BoardProps): JSX.Element {
  return (
    <svg className={`board board-${size}`} viewBox="0 0 60 60" role="img" aria-label={label}>
      {cells.map((mark, cell) => {
        const x = (cell % 3) * CELL;
        const y = Math.floor(cell / 3) * CELL;
        const tries = turns.flatMap(({ answer }, i) =>
          answer.kind === 'boxes' && answer.cell === cell ? [i + 1] : [],
        );
        const found = turns.some(
          ({ answer, isCorrect }) => isCorrect && answer.kind === 'boxes' && answer.cell === cell,
        );
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
            {cell === treasure && tries.length === 0 && (
              <circle className="cell-treasure" cx={x + 10} cy={y + 10} r={3.5} />
            )}
            {tries[0] !== undefined && (
              <text className={`cell-try cell-try-${mark}`} x={x + 10} y={y + 14}>
                {tries[0]}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
