import type { JSX } from 'react';
import type { PromptPicture, TurnView } from '../../state/rolloutViews';
import type { DrawingProps } from './Picture';

interface NumberLineProps extends DrawingProps {
  readonly prompt: Extract<PromptPicture, { kind: 'line' }>;
}

const LEFT = 6; // viewBox units
const WIDTH = 108;
const AXIS = 28;
const NEAR = 10; //  names closer than this would lie over each other

/** The numbers, the interval that all feedback leaves, and the tries with where they were sent. */
export function NumberLine({ prompt, turns, size, showsHidden }: NumberLineProps): JSX.Element {
  const { ends, low, high, target, text } = prompt;
  const at = (n: number): number => LEFT + ((n - ends[0]) / (ends[1] - ends[0])) * WIDTH;
  const tries = turns.map((turn) => ({ ...turn, number: turn.answer.marks?.[0] }));
  const numbers = tries.flatMap(({ number }) => number ?? []);
  const left = Math.max(low, ...numbers.filter((n) => n < target).map((n) => n + 1));
  const right = Math.min(high, ...numbers.filter((n) => n > target).map((n) => n - 1));
  return (
    <svg className={`line line-${size}`} viewBox="0 0 120 48" role="img" aria-label={text}>
      <line className="line-axis" x1={LEFT} x2={LEFT + WIDTH} y1={AXIS} y2={AXIS} />
      <line className="line-asked" x1={at(low)} x2={at(high)} y1={AXIS} y2={AXIS} />
      <line className="line-left" x1={at(left)} x2={at(right)} y1={AXIS} y2={AXIS} />
      <text className="line-end" x={Math.max(8, at(low))} y={AXIS + 18}>
        {low}
      </text>
      <text className="line-end" x={Math.min(112, at(high))} y={AXIS + 18}>
        {high}
      </text>
      {showsHidden && !numbers.includes(target) && (
        <path className="line-target" d={`M${at(target)} ${AXIS - 4.5}l4 4.5-4 4.5-4-4.5Z`} />
      )}
      {tries.map((turn, i) => {
        const { number } = turn;
        const isFirst = tries.findIndex((t) => t.number === number) === i;
        if (number === undefined || !isFirst) return null;
        const x = at(number);
        const isCovered = tries.some(
          (t, k) => k > i && t.number !== number && Math.abs(at(t.number ?? -99) - x) < NEAR,
        );
        const name = isCovered ? undefined : i + 1;
        return <Try key={i} x={x} turn={turn} name={name} isBelow={number < target} />;
      })}
    </svg>
  );
}

interface TryProps {
  readonly x: number;
  readonly turn: TurnView;
  readonly name: number | undefined; // its turn, where there is room
  readonly isBelow: boolean;
}

/** A flag with the number of its turn, that points to where the target lies. */
function Try({ x, turn, name, isBelow }: TryProps): JSX.Element {
  const tip = isBelow ? 6 : -6;
  return (
    <g className={turn.isCorrect ? 'line-found' : 'line-try'}>
      <line x1={x} x2={x} y1={AXIS - 5} y2={AXIS + 5} />
      {!turn.isCorrect && <path d={`M${x} ${AXIS - 5}l${tip} -3 ${-tip} -3Z`} />}
      <text x={x} y={AXIS - 12}>
        {name}
      </text>
    </g>
  );
}
