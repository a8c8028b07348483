import type { JSX } from 'react';
import type { PlotSeries } from '../charts/linePlot';
import { LineSample } from './LineSample';

/** Which line is which: by colour and by dash. */
export function Legend({ series }: { readonly series: readonly PlotSeries[] }): JSX.Element {
  return (
    <ul className="legend" aria-label="Lines of the charts">
      {series.map((s, i) => (
        <li key={i}>
          <LineSample color={s.color} dash={s.dash} />
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
