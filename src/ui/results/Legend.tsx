import type { JSX } from 'react';
import type { PlotSeries } from '../charts/linePlot';
import { LineSample } from './LineSample';
import { Symbols } from '../Symbols';

/** Which line is which: by colour and by dash. */
export function Legend({ series }: { readonly series: readonly PlotSeries[] }): JSX.Element {
  return (
    <ul className="legend" aria-label="Lines of the charts">
      {series.map((s, i) => (
        <li key={i}>
          <LineSample color={s.color} dash={s.dash} marker={s.marker} />
          <span>
            {s.name === 'π_ref' && 'reference '}
            <Symbols text={s.name} />
          </span>
        </li>
      ))}
    </ul>
  );
}
