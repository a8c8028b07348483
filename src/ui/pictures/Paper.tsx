import type { JSX } from 'react';
import type { PromptPicture } from '../../state/rolloutViews';
import type { DrawingProps } from './Picture';

interface PaperProps extends DrawingProps {
  readonly prompt: Extract<PromptPicture, { kind: 'paper' }>;
}

/** Middles of the five characters, in viewBox units: "a1 a0 + b1 b0". */
const MIDDLE = [9, 17, 27, 37, 45];
const BLOT =
  'M-6.4 1.6C-8.6-3-5.4-8.2-.6-7.6 3-9.6 7.4-6.4 6.6-2.4 9.6.6 7.6 6 3.6 6 .8 9.4-5.2 8-6.4 1.6Z';

/** A sum on paper, with ink on one of its digits and what can still be made out of it. */
export function Paper({ prompt, size, showsHidden }: PaperProps): JSX.Element {
  const { glyphs, stained, under, range, text } = prompt;
  const x = MIDDLE[stained]!;
  return (
    <svg className={`paper paper-${size}`} viewBox="0 0 60 36" role="img" aria-label={text}>
      <path className="paper-sheet" d="M1 1H53L59 7V35H1Z" />
      <path className="paper-fold" d="M53 1V7H59Z" />
      {Array.from(glyphs, (glyph, place) => (
        <text key={place} className="paper-glyph" x={MIDDLE[place]} y={18}>
          {place === stained ? '' : glyph}
        </text>
      ))}
      <g transform={`translate(${x} 14)`}>
        <path className="paper-ink" d={BLOT} />
        <circle className="paper-ink" cx={-7.6} cy={8.4} r={1.1} />
        {showsHidden && (
          <text className="paper-under" y={4.4}>
            {under}
          </text>
        )}
      </g>
      <text className="paper-range" x={x} y={32}>
        {range}
      </text>
    </svg>
  );
}
