import type { JSX } from 'react';
import type { PromptPicture } from '../../state/rolloutViews';
import type { DrawingProps } from './Picture';

interface MazeProps extends DrawingProps {
  readonly prompt: Extract<PromptPicture, { kind: 'maze' }>;
}

const WIDTH = 100; // viewBox units
const HEIGHT = 62;
const WALL = 5; // thickness

/** The walls with their doors, and the ways that were tried, each as far as it led. */
export function Maze({ prompt, turns, size, showsHidden }: MazeProps): JSX.Element {
  const { walls, places, open, text } = prompt;
  const step = (HEIGHT - 2) / places;
  const yOf = (place: number): number => 1 + (place + 0.5) * step;
  const xOf = (wall: number): number => ((wall + 1) * WIDTH) / (walls.length + 1);
  const ways = turns.flatMap(({ answer: { marks }, isCorrect }) =>
    marks ? [{ isCorrect, ...wayThrough(marks, open, xOf, yOf) }] : [],
  );
  return (
    <svg
      className={`maze maze-${size}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={text}
    >
      <rect className="maze-floor" width={WIDTH} height={HEIGHT} rx={4} />
      {walls.map((doors, wall) =>
        Array.from({ length: places }, (_, place) => {
          const isDoor = doors.includes(place);
          const isOpen = isDoor && open[wall] === place && showsHidden;
          return (
            <rect
              key={`${wall} ${place}`}
              className={isOpen ? 'maze-open' : isDoor ? 'maze-door' : 'maze-brick'}
              x={xOf(wall) - WALL / 2}
              y={yOf(place) - step / 2 + 0.8}
              width={WALL}
              height={step - 1.6}
              rx={1}
            />
          );
        }),
      )}
      {ways.map(({ path, isCorrect, bump }, i) => (
        <g key={i} className={isCorrect ? 'maze-found' : 'maze-try'}>
          <path data-old={(i < ways.length - 1 && !isCorrect) || undefined} d={path} />
          {bump && <path className="maze-bump" d={`M${bump.x - 2} ${bump.y - 2}l4 4m0 -4l-4 4`} />}
        </g>
      ))}
      <circle className="maze-robot" cx={8} cy={HEIGHT / 2} r={3.5} />
      <path className="maze-flag" d={`M${WIDTH - 9} ${HEIGHT / 2 + 6}v-12l7 3.5-7 3.5`} />
    </svg>
  );
}

/** The way that an answer leads, up to the first closed door. */
function wayThrough(
  doors: readonly number[],
  open: readonly number[],
  xOf: (wall: number) => number,
  yOf: (place: number) => number,
): { path: string; bump: { x: number; y: number } | undefined } {
  const closed = doors.findIndex((place, wall) => place !== open[wall]);
  const passed = closed < 0 ? doors : doors.slice(0, closed);
  const bump = closed < 0 ? undefined : { x: xOf(closed) - WALL / 2 - 2, y: yOf(doors[closed]!) };
  const end = bump ?? { x: WIDTH - 9, y: HEIGHT / 2 };
  const corners = passed.map((place, wall) => `L${xOf(wall)} ${yOf(place)}`).join('');
  return { path: `M8 ${HEIGHT / 2}${corners}L${end.x} ${end.y}`, bump };
}
