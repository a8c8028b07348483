import type { JSX } from 'react';
import { markerPath, type Marker } from '../charts/markers';

interface LineSampleProps {
  readonly color: string; // custom property
  readonly dash: readonly number[];
  readonly marker?: Marker | undefined;
}

/** A short piece of a chart's line. */
export const LineSample = ({ color, dash, marker }: LineSampleProps): JSX.Element => (
  <svg className="line-sample" width={marker ? 42 : 30} height="10" aria-hidden="true">
    <line
      x1="1"
      x2={marker ? 41 : 29}
      y1="5"
      y2="5"
      stroke={`var(${color})`}
      strokeWidth="2.5"
      strokeDasharray={dash.join(' ')}
    />
    {marker && (
      <path d={markerPath(marker)} fill={`var(${color})`} transform="translate(21 5) scale(3.8)" />
    )}
  </svg>
);
