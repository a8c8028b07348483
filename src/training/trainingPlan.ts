import type { RunConfig } from '../config/runConfig';
import { TASKS } from '../data/tasks/registry';
import { concatTrajectories, selectTrajectories, type Trajectories } from '../data/trajectories';
import type { StepColumns } from '../method/coefficients/method';
import {
  isRefreshed,
  methodOf,
  playedPrompts,
  roundPrompts,
  trainedTurns,
} from '../method/coefficients/methods';
import { groupRows } from '../method/episodes';
import { coefficients } from '../method/loss';
import { PlaygroundError } from '../shared/errors';
import { scatter, type PackedRows } from './batches';
import { constantWithWarmup } from './schedule';
import type { StepRows } from './trainer';
import { TrainingRound, weightOf, type TrainRow } from './trainingRound';

/** Prompt groups whose rows are mixed in the first epoch; training can begin once they are played. */
const MIXED_GROUPS = 32;

/** Optimizer steps if every row is trained: known before any is played. */
export function plannedSteps(config: RunConfig): number {
  const { rollout, optimizer } = config;
  const prompts = playedPrompts(config);
  const stepsOf = (some: number): number =>
    optimizer.epochs * Math.ceil((some * rollout.trajectories) / optimizer.batch);
  const perRound = roundPrompts(config);
  const rounds = Math.floor(prompts / perRound);
  return rounds * stepsOf(perRound) + stepsOf(prompts % perRound);
}

/** What an optimizer step trains, before the policy has been asked. */
export interface PlannedStep {
  readonly from: PackedRows;
  /** Whether the method asks for the policy's log-probs, and they are not those of the sampler. */
  readonly needsPolicy: boolean;
  /** The same rows under the prompts of others, where the method asks for their log-probs too. */
  readonly mismatched?: PackedRows;
  /**
   * The coefficients.
   *
   * @param policy [M] nats of the trained tokens under the policy as it is, where it is needed
   */
  work(policy?: ArrayLike<number>, mismatched?: StepColumns['mismatched']): StepRows;
}

/**
 * Which rows each optimizer step trains, with what coefficients and rate. Fed with rollouts as they are
 * played; what a step trains depends on the configuration and the trajectories only, never on when
 * they came. Where the policy plays while it learns, each round has its own steps.
 */
export class TrainingPlan {
  readonly #config: RunConfig;
  readonly #rounds: TrainingRound[];
  readonly #blockGroups: number; // mixed together; a whole round, where there are rounds
  #waiting: Trajectories[] = []; // fewer groups than are mixed
  #waiters: (() => void)[] = [];
  /** Parts taken in so far. */
  parts = 0;
  /** Whether all rollouts are in. */
  isComplete = false;

  constructor(config: RunConfig) {
    this.#config = config;
    this.#rounds = [new TrainingRound(config, 0)];
    const mixed = methodOf(config).isPooled ? Infinity : MIXED_GROUPS;
    this.#blockGroups = isRefreshed(config) ? roundPrompts(config) : mixed;
  }

  /**
   * The plan of finished rollouts.
   *
   * @throws PlaygroundError 'config-invalid' when the method leaves nothing to train.
   */
  static of(config: RunConfig, trajectories: Trajectories): TrainingPlan {
    const plan = new TrainingPlan(config);
    plan.add(trajectories);
    plan.finish();
    return plan;
  }

  /** Steps whose rows are known. */
  get knownSteps(): number {
    return this.#rounds.reduce((n, round) => n + round.steps, 0);
  }

  /** Steps of all epochs and rounds; an upper bound until all rollouts are in. */
  get totalSteps(): number {
    return this.isComplete ? this.knownSteps : plannedSteps(this.#config);
  }

  /** Takes in the next complete groups. */
  add(part: Trajectories): void {
    this.parts += 1;
    this.#waiting.push(part);
    const size = this.#blockGroups;
    let all = concatTrajectories(this.#waiting);
    let groups = groupRows(all);
    while (groups.length >= size) {
      this.#take(selectTrajectories(all, groups.slice(0, size).flat()));
      all = selectTrajectories(all, groups.slice(size).flat());
      groups = groupRows(all);
    }
    this.#waiting = [all];
    this.interrupt();
  }

  /** Adds a block to its round, which it fills where there are rounds. */
  #take(block: Trajectories): void {
    this.#rounds.at(-1)!.add(block);
    if (!isRefreshed(this.#config)) return;
    this.#rounds.at(-1)!.finish();
    this.#rounds.push(new TrainingRound(this.#config, this.#rounds.length));
  }

  /**
   * No more rollouts will come.
   *
   * @throws PlaygroundError 'config-invalid' when the method leaves nothing to train.
   */
  finish(): void {
    if (this.isComplete) return;
    const last = this.#rounds.at(-1)!;
    last.add(concatTrajectories(this.#waiting));
    last.finish();
    this.#waiting = [];
    this.isComplete = true;
    this.interrupt();
    if (this.totalSteps > 0) return;
    throw new PlaygroundError(
      'config-invalid',
      'No trajectory is left to train on: none was solved, all were pruned, or none makes a pair of a better and a worse one; sample more prompts or change the method.',
    );
  }

  /** Whether a step's rows are known. */
  has(step: number): boolean {
    return step <= this.knownSteps;
  }

  /** Resolves when something has happened: more is known, a step was taken, or somebody interrupts. */
  async more(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Lets whoever waits for more look again. */
  interrupt(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Learning rate of optimizer step 1 … totalSteps; the warm-up is a share of the planned steps. */
  rate(step: number): number {
    const { learningRate, warmup } = this.#config.optimizer;
    return constantWithWarmup(step, learningRate, Math.ceil(warmup * plannedSteps(this.#config)));
  }

  /** An optimizer step that the plan has. */
  step(step: number): PlannedStep {
    const config = this.#config;
    let within = step;
    let round = 0;
    for (; within > this.#rounds[round]!.steps; round++) within -= this.#rounds[round]!.steps;
    const { rows, epoch } = this.#rounds[round]!.step(within);
    const from = packed(rows);
    const columns = columnsOf(rows, epoch);
    const isFresh = within === 1 && isRefreshed(config); // the policy is the one that sampled
    return {
      from,
      needsPolicy: methodOf(config).tokenWeights !== undefined && !isFresh,
      ...(methodOf(config).needsMismatched && { mismatched: packed(withOtherPrompts(rows)) }),
      work(policy = columns.sampled, mismatched) {
        const asked = { ...columns, policy, ...(mismatched && { mismatched }) };
        const c = coefficients(asked, config, longestRow(config));
        const loss = methodOf(config).loss?.(asked, config);
        const coefficient = scatter(from.trained, c);
        return { from, coefficient, ...(loss === undefined ? {} : { loss }) };
      },
    };
  }
}

/** Most trained tokens that a trajectory can have. */
function longestRow(config: RunConfig): number {
  const { answerTokens } = TASKS.get(config.task)!;
  return answerTokens * (trainedTurns(config) === 'all' ? config.rollout.turns : 1);
}

type PackedRow = Pick<TrainRow, 'tokens' | 'trained'>;

/** Each row after the prompt of the next row that has another one, in a ring. */
function withOtherPrompts(rows: readonly TrainRow[]): PackedRow[] {
  const prompts = rows.map(({ tokens, promptTokens }) => tokens.subarray(0, promptTokens));
  return rows.map(({ tokens, trained, promptTokens }, r) => {
    const own = prompts[r]!;
    const next = rows.map((_, i) => prompts[(r + 1 + i) % rows.length]!);
    const other = next.find((prompt) => prompt.join() !== own.join()) ?? own;
    const untrained = new Uint8Array(other.length);
    return {
      tokens: Int32Array.of(...other, ...tokens.subarray(promptTokens)),
      trained: Uint8Array.of(...untrained, ...trained.subarray(promptTokens)),
    };
  });
}

function columnsOf(rows: readonly TrainRow[], epoch: number): Omit<StepColumns, 'policy'> {
  const trainedOf = (column: (row: TrainRow) => Float32Array): number[] =>
    rows.flatMap((row) => [...column(row).filter((_, n) => row.trained[n] === 1)]);
  return {
    weights: rows.map((row) => weightOf(row, epoch)),
    counts: rows.map((row) => row.count),
    sampled: trainedOf((row) => row.sampled),
    reference: trainedOf((row) => row.reference),
  };
}

function packed(rows: readonly PackedRow[]): PackedRows {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.tokens.length));
  const tokens = new Int32Array(offsets.at(-1)!);
  const trained = new Uint8Array(tokens.length);
  rows.forEach((row, i) => {
    tokens.set(row.tokens, offsets[i]);
    trained.set(row.trained, offsets[i]);
  });
  return { offsets, tokens, trained };
}
