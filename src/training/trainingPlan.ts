import type { RunConfig } from '../config/runConfig';
import { concatTrajectories, selectTrajectories, type Trajectories } from '../data/trajectories';
import { groupRows, scoreEpisodes } from '../method/episodes';
import { batchTotals, rowWeights, selectRows, tokenCoefficients } from '../method/loss';
import { trainedCounts, trainedMask } from '../method/mask';
import { PlaygroundError } from '../shared/errors';
import { permutation, rng, STREAM } from '../shared/rng';
import type { PackedRows } from './batches';
import { constantWithWarmup } from './schedule';
import type { StepRows } from './trainer';

/** Prompt groups whose rows are mixed in the first epoch; training can begin once they are played. */
const MIXED_GROUPS = 32;
/** Random rows of the orders of later epochs, above those of the first epoch's blocks. */
const LATER_EPOCHS = 0x1_0000;

/** One trajectory as training sees it. */
interface TrainRow {
  readonly tokens: Int32Array;
  readonly trained: Uint8Array;
  readonly weight: number;
  readonly count: number; // trained tokens
}

/** Optimizer steps if every row is trained: known before any is played. */
export const plannedSteps = ({ rollout, optimizer }: RunConfig): number =>
  optimizer.epochs * Math.ceil((rollout.prompts * rollout.trajectories) / optimizer.batch);

/**
 * Which rows each optimizer step trains, with what coefficients and rate. Fed with rollouts as they are
 * played; what a step trains depends on the configuration and the trajectories only, never on when
 * they came.
 */
export class TrainingPlan {
  readonly #config: RunConfig;
  readonly #rows: TrainRow[] = [];
  readonly #firstEpoch: TrainRow[][] = []; // one list per step
  #waiting: Trajectories[] = []; // fewer groups than a block
  #pool: TrainRow[] = []; // mixed, fewer than a batch
  #blocks = 0;
  #laterEpoch: { readonly index: number; readonly order: Int32Array } | undefined;
  #wake: () => void = () => {};
  /** Parts taken in so far. */
  parts = 0;
  /** Whether all rollouts are in. */
  isComplete = false;

  constructor(config: RunConfig) {
    this.#config = config;
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

  /** Steps of all epochs; an upper bound until all rollouts are in. */
  get totalSteps(): number {
    if (!this.isComplete) return plannedSteps(this.#config);
    return this.#config.optimizer.epochs * this.#firstEpoch.length;
  }

  /** Takes in the next complete groups. */
  add(part: Trajectories): void {
    this.parts += 1;
    this.#waiting.push(part);
    let all = concatTrajectories(this.#waiting);
    let groups = groupRows(all);
    while (groups.length >= MIXED_GROUPS) {
      this.#takeBlock(selectTrajectories(all, groups.slice(0, MIXED_GROUPS).flat()));
      all = selectTrajectories(all, groups.slice(MIXED_GROUPS).flat());
      groups = groupRows(all);
    }
    this.#waiting = [all];
    this.#wake();
  }

  /**
   * No more rollouts will come.
   *
   * @throws PlaygroundError 'config-invalid' when the method leaves nothing to train.
   */
  finish(): void {
    if (this.isComplete) return;
    this.#takeBlock(concatTrajectories(this.#waiting));
    this.#waiting = [];
    if (this.#pool.length > 0) this.#firstEpoch.push(this.#pool);
    this.#pool = [];
    this.isComplete = true;
    this.#wake();
    if (this.#rows.length > 0) return;
    throw new PlaygroundError(
      'config-invalid',
      'No trajectory is left to train on: none was solved, or all were pruned; sample more prompts or change the method.',
    );
  }

  #takeBlock(block: Trajectories): void {
    const { method, drift, optimizer, seed } = this.#config;
    const trained = trainedMask(block, method.turns);
    const counts = trainedCounts(block.offsets, trained);
    const scores = scoreEpisodes(block, drift);
    const weights = rowWeights(scores, block, method);
    const rows = Array.from(selectRows(scores, block, method), (r): TrainRow => {
      const [from, to] = [block.offsets[r]!, block.offsets[r + 1]!];
      return {
        tokens: block.tokens.subarray(from, to),
        trained: trained.subarray(from, to),
        weight: weights[r]!,
        count: counts[r]!,
      };
    });
    this.#rows.push(...rows);
    const pool = [...this.#pool, ...rows];
    const order = permutation(pool.length, rng(seed, STREAM.order, this.#blocks++));
    const mixed = Array.from(order, (i) => pool[i]!);
    let at = 0;
    for (; at + optimizer.batch <= mixed.length; at += optimizer.batch) {
      this.#firstEpoch.push(mixed.slice(at, at + optimizer.batch));
    }
    this.#pool = mixed.slice(at);
  }

  /** Whether a step's rows are known. */
  has(step: number): boolean {
    return step <= (this.isComplete ? this.totalSteps : this.#firstEpoch.length);
  }

  /** Resolves when more is known, or when `interrupt` is called. */
  async more(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Lets whoever waits for more look again. */
  interrupt(): void {
    this.#wake();
  }

  /** Learning rate of optimizer step 1 … totalSteps; the warm-up is a share of the planned steps. */
  rate(step: number): number {
    const { learningRate, warmup } = this.#config.optimizer;
    return constantWithWarmup(step, learningRate, Math.ceil(warmup * plannedSteps(this.#config)));
  }

  /** Rows and coefficients of an optimizer step that the plan has. */
  step(step: number): StepRows {
    const rows = this.#rowsOf(step);
    const weights = rows.map((row) => row.weight);
    const coefficients = tokenCoefficients(
      weights,
      rows.map((row) => row.count),
      batchTotals(weights),
      this.#config.method,
    );
    return { from: packed(rows), rows: rows.map((_, i) => i), coefficients };
  }

  #rowsOf(step: number): readonly TrainRow[] {
    const perEpoch = this.#firstEpoch.length;
    if (step <= perEpoch) return this.#firstEpoch[step - 1]!;
    const index = Math.floor((step - 1) / perEpoch);
    if (this.#laterEpoch?.index !== index) {
      const random = rng(this.#config.seed, STREAM.order, LATER_EPOCHS + index);
      this.#laterEpoch = { index, order: permutation(this.#rows.length, random) };
    }
    const { batch } = this.#config.optimizer;
    const first = ((step - 1) % perEpoch) * batch;
    const order = this.#laterEpoch.order.subarray(first, first + batch);
    return Array.from(order, (i) => this.#rows[i]!);
  }
}

function packed(rows: readonly TrainRow[]): PackedRows {
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
