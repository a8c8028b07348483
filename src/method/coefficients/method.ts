import type { MethodConfig } from '../../config/methodConfig';
import type { RunConfig } from '../../config/runConfig';
import type { Episodes, Scores } from '../episodes';

/**
 * A way of learning from trajectories. All descend L = Σ_i Σ_t c_{i,t}·CE_{i,t} over the same tokens;
 * a method decides only c.
 */
export interface Method {
  /** The value of the setting `method.name`. */
  readonly name: string;
  readonly title: string;
  /** What multiplies the tokens of a trajectory, in plain text; `x_y` is an x with y below it. */
  readonly formula: string | ((config: RunConfig) => string);
  readonly source: string;
  /** What it does, for a newcomer. */
  readonly sentence: string;
  /** Dotted names of the settings, of those that not every method has, that change what it does. */
  readonly settings: readonly string[];
  /** A weight depends on the trajectories of all prompts, not of its own group alone. */
  readonly isPooled?: true;
  /** Weights change from epoch to epoch. */
  readonly isByEpoch?: true;
  /** Every answer is trained, whatever `method.turns` says. */
  readonly trainsAllTurns?: true;
  /** Weights are advantages: those of 0 and below are trained too, since all rows share a divisor. */
  readonly isSigned?: true;
  /** Prompts whose tries are sampled from the policy before it learns from them; absent: all, once. */
  readonly promptsPerRound?: (config: RunConfig) => number;
  /** Returns are those less the KL coefficient times log π_old − log π_ref. */
  readonly isKlInReturn?: true;
  /** Whether the log-probs under the reference are asked for. */
  readonly needsReference?: (config: RunConfig) => boolean;
  /** Weight of each trajectory in the loss in an epoch, from 1; 0 leaves it out. [B] */
  rowWeights(episodes: Episodes, scores: Scores, config: RunConfig, epoch: number): Float64Array;
  /** [better, worse] rows that are trained in the same step, one after the other, and no others. */
  readonly pairs?: (episodes: Episodes, scores: Scores) => [number, number][];
  /** Whether each try is also scored under the prompt of another. */
  readonly needsMismatched?: true;
  /** Weight of trained token m of a row, where it is not the row's: asked before every step. */
  readonly tokenWeights?: (
    step: StepColumns,
    config: RunConfig,
  ) => (row: number, m: number) => number;
  /** What is descended, where Σ c·nll has its gradient but not its value. */
  readonly loss?: (step: StepColumns, config: RunConfig) => number;
  /** How losses are averaged, where `method.sequence` and `.batchRule` are not asked. */
  readonly averaging?: (config: RunConfig) => Averaging;
}

/** How token losses become one. */
export interface Averaging {
  /** Over the trained tokens of a trajectory, or none. */
  readonly sequence: MethodConfig['sequence'];
  /** Over trajectories, their weights, their trained tokens, or the most tokens that they could have. */
  readonly batchRule: MethodConfig['batchRule'] | 'tokens' | 'longest';
}

/** The B trajectories of an optimizer step and their M trained tokens, end to end. */
export interface StepColumns {
  readonly weights: ArrayLike<number>; //   [B] of the rows
  readonly counts: ArrayLike<number>; //    [B] trained tokens
  readonly policy: ArrayLike<number>; //    [M] nats under π_θ as it is
  readonly sampled: ArrayLike<number>; //   [M] nats under the policy that sampled them
  readonly reference: ArrayLike<number>; // [M] nats under π_ref
  /** The same tries under prompts of others, where the method asks for them. */
  readonly mismatched?: Pick<StepColumns, 'counts' | 'policy' | 'reference'>;
}

/** What decides which tokens of offline methods are trained, and how their losses are averaged. */
export const AVERAGING = ['method.turns', 'method.sequence', 'method.batchRule'] as const;
/** What decides the return of a trajectory. */
export const RETURN = ['drift.gamma', 'drift.lambda', 'drift.formatPenalty'] as const;

/** Calls `visit` with each row's first token and one past its last. */
export function forEachRow(
  { counts }: Pick<StepColumns, 'counts'>,
  visit: (row: number, from: number, to: number) => void,
): void {
  let from = 0;
  for (let row = 0; row < counts.length; row++) {
    visit(row, from, from + counts[row]!);
    from += counts[row]!;
  }
}

/** Σ_t log π_θ − log π of each row, π being the reference or the policy that sampled. [B] */
export function logRatios(
  step: Pick<StepColumns, 'counts' | 'policy'>,
  other: ArrayLike<number>,
): Float64Array {
  const sums = new Float64Array(step.counts.length);
  forEachRow(step, (row, from, to) => {
    for (let m = from; m < to; m++) sums[row]! += step.policy[m]! - other[m]!;
  });
  return sums;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
