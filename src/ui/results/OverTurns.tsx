import { useMemo, type JSX } from 'react';
import { LineChart } from '../charts/LineChart';
import type { PlotSeries } from '../charts/linePlot';
import { percent } from '../controls/numbers';
import type { ResultProps } from './Race';

interface OverTurnsProps extends ResultProps {
  readonly what: 'success' | 'correctionRate';
}

const TEXT = {
  success: {
    title: 'Solved by turn',
    help: 'Share of prompts solved by the first try, by the second, … by the last: success@1 … T.',
    empty: 'How many are solved by the first try, the second, … the last.',
  },
  correctionRate: {
    title: 'Correction rate',
    help: 'Of the prompts still wrong at a turn, the share that this turn’s answer solves. Turn 1 is the first try.',
    empty: 'Correction rate: of the prompts still wrong, how many each further try solves.',
  },
};

/** Scores by turn: flat for a policy that repeats itself, rising for one that corrects. */
export function OverTurns({ lines, reference, decoding, what }: OverTurnsProps): JSX.Element {
  const series = useMemo((): PlotSeries[] => {
    const turnsOf = (values: readonly number[]) => ({
      x: values.map((_, i) => i + 1),
      y: [...values],
    });
    const runs = lines.flatMap((line): PlotSeries[] => {
      const last = line.evaluations.at(-1);
      if (!last || last.step === 0) return [];
      const { label: name, color, dash } = line;
      return [{ name, color, dash, dots: true, ...turnsOf(last[decoding][what]) }];
    });
    if (!reference) return runs;
    const values = turnsOf(reference[decoding][what]);
    return [
      { name: 'π_ref', color: '--reference', dash: [], dots: true, endLabel: 'ref', ...values },
      ...runs,
    ];
  }, [lines, reference, decoding, what]);
  const turns = series[0]?.x.length ?? 5;
  return (
    <LineChart
      title={TEXT[what].title}
      help={TEXT[what].help}
      xLabel="turn"
      yLabel="share of prompts"
      xRange={[1, Math.max(2, turns)]}
      yRange={[0, 1]}
      series={series}
      summary={summaryOf(series, what)}
      empty={TEXT[what].empty}
    />
  );
}

function summaryOf(series: readonly PlotSeries[], what: 'success' | 'correctionRate'): string {
  const main = series.find((s) => s.name !== 'π_ref') ?? series[0];
  if (!main) return '';
  const first = main.y[0];
  if (what === 'success') {
    return `${main.name === 'π_ref' ? 'The reference' : main.name}: ${percent(first)} at the first try, ${percent(main.y[main.y.length - 1])} by the last.`;
  }
  return `${main.name === 'π_ref' ? 'The reference' : main.name}: after one miss, ${percent(main.y[1])} of the next tries are right.`;
}
