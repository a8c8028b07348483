import { evaluationLine, metricLines, rolloutLine } from '../formats/metricsJsonl';
import type { FinishedRun, MetricSeries } from './resultsSlice';

/** The metrics of a finished run as the command line writes them: text of a metrics.jsonl. */
export function metricsText(run: FinishedRun): string {
  const evaluations = [...(run.reference ? [run.reference] : []), ...run.evaluations];
  return [
    stepLines('pretrain', run.pretraining),
    rolloutLine(run.rollouts, 0),
    stepLines('train', run.metrics),
    ...evaluations.map(evaluationLine),
  ].join('');
}

const stepLines = (stage: string, metrics: MetricSeries): string =>
  metricLines({ stage, ...metrics.columns() }, 0).text;
