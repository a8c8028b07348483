import type { JSX } from 'react';
import type { PlotSeries } from '../charts/linePlot';

/** Which line is which: by colour and by dash. */
export function Legend({ series }: { readonly series: readonly PlotSeries[] }): JSX.Element {
  return (
    <ul className="legend" aria-label="Lines of the charts">
      {series.map((s, i) => (
        <li key={i}>
          <svg width="30" height="8" aria-hidden="true">
            <line
              x1="1"
              x2="29"
              y1="4"
              y2="4"
              stroke={`var(${s.color})`}
              strokeWidth="2.5"
              strokeDasharray={s.dash.join(' ')}
            />
          </svg>
          {s.name === 'π_ref' ? (
            <span>
              reference π<sub>ref</sub>
            </span>
          ) : (
            s.name
          )}
        </li>
      ))}
    </ul>
  );
}
