import { differingLeaves, leafValue } from '../../config/leaves';
import type { RunConfig } from '../../config/runConfig';
import { methodView } from '../../state/methodViews';
import type { EvaluationView, FinishedRun, MetricSeries } from '../../state/resultsSlice';
import { settingText } from '../controls/settingText';

/** One policy's way through its evaluations, with its look. */
export interface RunLine {
  readonly label: string;
  readonly color: string; // custom property
  readonly dash: readonly number[];
  readonly config: RunConfig;
  readonly evaluations: readonly EvaluationView[]; // by step, the reference's first
  readonly metrics: MetricSeries;
}

export type Decoding = 'greedy' | 'sampled';
export type CostAxis = 'step' | 'tokens' | 'seconds';

interface Look {
  readonly color: string; // custom property
  readonly dash: readonly number[];
}

const LOOKS: Readonly<Record<string, Look>> = {
  drift: { color: '--weight', dash: [] },
  rft: { color: '--rollout', dash: [8, 4] },
  sft: { color: '--sft', dash: [10, 3, 2, 3] },
  rest: { color: '--rollout', dash: [12, 3, 2, 3, 2, 3] },
  rwr: { color: '--weight', dash: [6, 3] },
  awr: { color: '--weight', dash: [12, 3, 2, 3] },
  'iterated-drift': { color: '--weight', dash: [3, 2] },
  dft: { color: '--sft', dash: [3, 2] },
  'iw-sft': { color: '--sft', dash: [6, 3] },
  grpo: { color: '--training', dash: [] },
  rloo: { color: '--training', dash: [8, 4] },
  reinforce: { color: '--training', dash: [3, 2] },
  dpo: { color: '--right', dash: [8, 4] },
  kto: { color: '--right', dash: [3, 2] },
  'reinforce++': { color: '--training', dash: [10, 3, 2, 3] },
};
const OTHER: Look = { color: '--ink', dash: [] };

/** How the lines of a method look; relatives share a color and differ by dash. */
export const lookOf = (method: string): Look => LOOKS[method] ?? OTHER;

/** Of the second, third … line of one method. */
const MORE_DASHES: readonly (readonly number[])[] = [
  [2, 3],
  [5, 2, 1, 2],
  [14, 3],
];

interface Current {
  readonly ranWith: RunConfig | undefined;
  readonly reference: EvaluationView | undefined;
  readonly evaluations: readonly EvaluationView[];
  readonly metrics: MetricSeries;
}

/** The run in progress or last ended, then earlier ones on the task; newest first. */
export function runLines(
  { ranWith, reference, evaluations, metrics }: Current,
  history: readonly FinishedRun[],
  base: RunConfig,
): RunLine[] {
  const earlier = history
    .filter((run) => run.metrics !== metrics && run.config.task === base.task)
    .toReversed();
  const current = ranWith ? [{ config: ranWith, reference, evaluations, metrics }] : [];
  const runs = [...current, ...earlier];
  const seen = new Map<string, number>();
  return runs.map((run) => {
    const { name } = run.config.method;
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    const look = lookOf(name);
    return {
      label: labelOf(run.config, base),
      color: look.color,
      dash: nth === 0 ? look.dash : MORE_DASHES[(nth - 1) % MORE_DASHES.length]!,
      config: run.config,
      evaluations: withStart(run.evaluations, run.reference),
      metrics: run.metrics,
    };
  });
}

/** The method, and where else a run's settings differ from the base's. */
function labelOf(config: RunConfig, base: RunConfig): string {
  const { title } = methodView(config.method.name);
  const others = differingLeaves(config, base)
    .filter((leaf) => leaf.name !== 'method.name')
    .map((leaf) => `${leaf.meta.label} ${settingText(leaf, leafValue(config, leaf))}`);
  return [title, ...others.slice(0, 2), ...(others.length > 2 ? ['…'] : [])].join(', ');
}

/** Untrained, the policy is the reference. */
function withStart(
  evaluations: readonly EvaluationView[],
  reference: EvaluationView | undefined,
): readonly EvaluationView[] {
  if (!reference || evaluations[0]?.step === 0) return evaluations;
  return [reference, ...evaluations];
}

/** What the evaluations of a line had cost, on the chosen axis. */
export function costsOf({ evaluations, metrics }: RunLine, axis: CostAxis): number[] {
  if (axis === 'step') return evaluations.map((e) => e.step);
  const ms = metrics.column('stepMs');
  const rate = metrics.column('tokensPerSecond');
  const sums = [0];
  ms.forEach((spent, i) => {
    const seconds = spent / 1000;
    sums.push(sums[i]! + (axis === 'seconds' ? seconds : seconds * rate[i]!));
  });
  return evaluations.map((e) => sums[Math.min(e.step, sums.length - 1)]!);
}

/** Where an axis of optimizer steps ends: at the last one, trained or yet to be. */
export const lastStep = (lines: readonly RunLine[], totalSteps: number): number =>
  Math.max(1, totalSteps, ...lines.map((line) => line.evaluations.at(-1)?.step ?? 0));

/** Share solved within all turns. */
export const finalSuccess = (e: EvaluationView, decoding: Decoding): number =>
  e[decoding].success.at(-1) ?? NaN;
