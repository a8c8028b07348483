import type { StateCreator } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { isDrawnPlainly, rolloutMetrics, type RolloutMetrics } from '../method/rolloutMetrics';
import type { Costs, Evaluation, MetricBatch, RunEnd } from '../workers/contract';
import { invariant } from '../shared/invariant';
import { Series } from './series';
import type { PlaygroundState } from './store';

const COLUMNS = [
  'step',
  'loss',
  'nll',
  'gradNorm',
  'learningRate',
  'tokensPerSecond',
  'stepMs',
  'gflops',
] as const;
export type MetricName = (typeof COLUMNS)[number];
export type MetricSeries = Series<MetricName>;

/** One policy's scores on the held-out prompts. */
export type EvaluationView = Evaluation;

/** How a run came to its costs. */
interface RunTimes {
  readonly durationSeconds: number; // wall time from Run to the end, pauses left out
  /** Whether it began with compiled kernels and played all its tries anew: the run before was the same. */
  readonly isWarm: boolean;
}

/** A run that went to its end, kept in memory so that the next one can be drawn beside it. */
export interface FinishedRun extends RunTimes {
  readonly id: number; // 1-based, in the order they finished
  readonly config: RunConfig;
  readonly link: string; // fragment that opens it again
  readonly weightsHash: string;
  readonly costs: Costs;
  readonly reference: Evaluation | undefined;
  readonly evaluations: readonly Evaluation[]; // of the policy, by step
  readonly metrics: MetricSeries;
  readonly pretraining: MetricSeries; // empty where the reference was at hand
  readonly rollouts: RolloutMetrics;
}

export interface ResultsSlice {
  readonly metrics: MetricSeries; // of training; grows in place: redraw when metricsRevision changes
  readonly pretraining: MetricSeries;
  readonly metricsRevision: number;
  /** Optimizer steps that each will take, once it has said so: the length of its axes. */
  readonly totalSteps: Readonly<Record<MetricBatch['stage'], number>>;
  readonly reference: Evaluation | undefined;
  readonly evaluations: readonly Evaluation[]; // of the policy of this run, by step
  readonly history: readonly FinishedRun[];
  acceptMetrics(batch: MetricBatch): void;
  acceptEvaluation(evaluation: Evaluation): void;
  /** Empties what belongs to one training run; the reference's scores go only where they no longer hold. */
  beginResults(keepReference: boolean): void;
  /** Keeps the run that just ended. */
  keepRun(config: RunConfig, link: string, end: RunEnd, times: RunTimes): void;
  clearHistory(): void;
}

const NO_STEPS = { pretrain: 0, train: 0 } as const;
const noMetrics = (): MetricSeries => new Series(COLUMNS);

export const createResultsSlice: StateCreator<PlaygroundState, [], [], ResultsSlice> = (
  set,
  get,
) => ({
  metrics: noMetrics(),
  pretraining: noMetrics(),
  metricsRevision: 0,
  totalSteps: NO_STEPS,
  reference: undefined,
  evaluations: [],
  history: [],

  acceptMetrics(batch) {
    const { metrics, pretraining, metricsRevision } = get();
    (batch.stage === 'train' ? metrics : pretraining).append(batch);
    set({ metricsRevision: metricsRevision + 1 });
  },

  acceptEvaluation(evaluation) {
    if (evaluation.who === 'reference') {
      set({ reference: evaluation });
      return;
    }
    const others = get().evaluations.filter((e) => e.step !== evaluation.step);
    set({ evaluations: [...others, evaluation].sort((a, b) => a.step - b.step) });
  },

  beginResults(keepReference) {
    set(({ reference, metricsRevision }) => ({
      metrics: noMetrics(),
      pretraining: noMetrics(),
      metricsRevision: metricsRevision + 1,
      totalSteps: NO_STEPS,
      reference: keepReference ? reference : undefined,
      evaluations: [],
    }));
  },

  keepRun(config, link, end, times) {
    const { history, reference, evaluations, metrics, pretraining, rollouts } = get();
    invariant(rollouts !== undefined, 'A run ended without rollouts.');
    const run: FinishedRun = {
      id: (history.at(-1)?.id ?? 0) + 1,
      config,
      link,
      weightsHash: end.weightsHash,
      costs: end.costs,
      ...times,
      reference,
      evaluations,
      metrics,
      pretraining,
      rollouts: rolloutMetrics(rollouts.trajectories, config, isDrawnPlainly(config)),
    };
    // The same weights again are the same run: it replaces the earlier one.
    const isAnother = (r: FinishedRun): boolean =>
      r.link !== link || r.weightsHash !== run.weightsHash;
    set({ history: [...history.filter(isAnother), run] });
  },

  clearHistory: () => set({ history: [] }),
});
