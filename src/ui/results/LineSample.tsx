import type { JSX } from 'react';

interface LineSampleProps {
  readonly color: string; // custom property
  readonly dash: readonly number[];
}

/** A short piece of a chart's line. */
export const LineSample = ({ color, dash }: LineSampleProps): JSX.Element => (
  <svg className="line-sample" width="30" height="8" aria-hidden="true">
    <line
      x1="1"
      x2="29"
      y1="4"
      y2="4"
      stroke={`var(${color})`}
      strokeWidth="2.5"
      strokeDasharray={dash.join(' ')}
    />
  </svg>
);
