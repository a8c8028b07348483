import type { RunConfig } from '../config/runConfig';
import type { Trajectories } from '../data/trajectories';
import { methodOf, trainedTurns } from '../method/coefficients/methods';
import { scoreEpisodes, type Scores } from '../method/episodes';
import { lessKl } from '../method/klPenalty';
import { rowWeights, selectRows } from '../method/loss';
import { trainedCounts, trainedMask } from '../method/mask';
import { permutation, rng, STREAM } from '../shared/rng';

/** Random rows of the orders: blocks of the first epoch, later epochs above them, rounds above those. */
const LATER_EPOCHS = 0x1_0000;
const NEXT_ROUND = 0x2_0000;

/** One trajectory as training sees it. */
export interface TrainRow {
  readonly promptTokens: number; // how many of its tokens ask
  readonly tokens: Int32Array;
  readonly trained: Uint8Array;
  readonly weights: readonly number[]; // by epoch; one stands for all
  readonly count: number; // trained tokens
  readonly sampled: Float32Array; //   nats of its tokens under the policy that sampled it
  readonly reference: Float32Array; // nats of its tokens under the reference
}

/** Which rows each step trains, of the trajectories that one policy played. */
export class TrainingRound {
  readonly #config: RunConfig;
  readonly #firstOrder: number;
  readonly #units: TrainRow[][] = []; // rows that stay together: one, or a pair
  readonly #firstEpoch: TrainRow[][] = []; // one list per step
  #pool: TrainRow[][] = []; // units, mixed, fewer than a batch
  #blocks = 0;
  #later: { readonly epoch: number; readonly units: readonly TrainRow[][] } | undefined;
  /** Whether all of its trajectories are in. */
  isComplete = false;

  /** @param index of the round, from 0 */
  constructor(config: RunConfig, index: number) {
    this.#config = config;
    this.#firstOrder = index * NEXT_ROUND;
  }

  /** Takes in complete groups, whose rows are mixed in the first epoch. */
  add(block: Trajectories): void {
    const size = this.#unitsPerStep;
    const units = trainUnits(block, this.#config);
    this.#units.push(...units);
    const mixed = this.#mixed([...this.#pool, ...units], this.#blocks++);
    let at = 0;
    for (; at + size <= mixed.length; at += size) {
      this.#firstEpoch.push(mixed.slice(at, at + size).flat());
    }
    this.#pool = mixed.slice(at);
  }

  get #unitsPerStep(): number {
    const rows = methodOf(this.#config).pairs ? 2 : 1;
    return Math.max(1, Math.floor(this.#config.optimizer.batch / rows));
  }

  #mixed(units: readonly TrainRow[][], order: number): TrainRow[][] {
    const random = rng(this.#config.seed, STREAM.order, this.#firstOrder + order);
    return Array.from(permutation(units.length, random), (i) => units[i]!);
  }

  /** No more trajectories will come. */
  finish(): void {
    if (this.#pool.length > 0) this.#firstEpoch.push(this.#pool.flat());
    this.#pool = [];
    this.isComplete = true;
  }

  /** Steps that are known: of all epochs once it is complete. */
  get steps(): number {
    if (!this.isComplete) return this.#firstEpoch.length;
    const { epochs } = this.#config.optimizer;
    return Array.from({ length: epochs }, (_, e) => this.#stepsOf(e + 1)).reduce((a, b) => a + b);
  }

  #stepsOf(epoch: number): number {
    if (epoch === 1) return this.#firstEpoch.length;
    const units = this.#units.filter((unit) => isTrainedIn(unit, epoch));
    return Math.ceil(units.length / this.#unitsPerStep);
  }

  /** Rows of a step, from 1, and the epoch it belongs to. */
  step(step: number): { readonly rows: readonly TrainRow[]; readonly epoch: number } {
    let epoch = 1;
    let within = step;
    for (; within > this.#stepsOf(epoch); epoch++) within -= this.#stepsOf(epoch);
    if (epoch === 1) return { rows: this.#firstEpoch[within - 1]!, epoch };
    if (this.#later?.epoch !== epoch) {
      const units = this.#mixed(this.#units, LATER_EPOCHS + epoch - 1);
      this.#later = { epoch, units: units.filter((unit) => isTrainedIn(unit, epoch)) };
    }
    const size = this.#unitsPerStep;
    const first = (within - 1) * size;
    return { rows: this.#later.units.slice(first, first + size).flat(), epoch };
  }
}

/** Weight of a row in an epoch, from 1. */
export const weightOf = ({ weights }: TrainRow, epoch: number): number =>
  weights[Math.min(epoch, weights.length) - 1]!;

const isTrainedIn = (unit: readonly TrainRow[], epoch: number): boolean =>
  unit.some((row) => row.weights.length === 1 || weightOf(row, epoch) !== 0);

/** The rows of a block that the method trains, those together that belong together. */
function trainUnits(block: Trajectories, config: RunConfig): TrainRow[][] {
  const trained = trainedMask(block, trainedTurns(config));
  const counts = trainedCounts(block.offsets, trained);
  const scores = scoresOf(block, trained, counts, config);
  const epochs = methodOf(config).isByEpoch ? config.optimizer.epochs : 1;
  const weights = Array.from({ length: epochs }, (_, e) =>
    rowWeights(scores, block, config, e + 1),
  );
  const rowAt = (r: number): TrainRow => {
    const [from, to] = [block.offsets[r]!, block.offsets[r + 1]!];
    return {
      promptTokens: block.prompts[block.promptOf[r]!]!.tokens.length,
      tokens: block.tokens.subarray(from, to),
      trained: trained.subarray(from, to),
      weights: weights.map((w) => w[r]!),
      count: counts[r]!,
      sampled: block.logp.subarray(from, to),
      reference: (block.reference ?? block.logp).subarray(from, to),
    };
  };
  const pairs = methodOf(config).pairs?.(block, scores);
  const units = pairs ?? Array.from(selectRows(weights[0]!, block, config), (r) => [r]);
  return units.map((unit) => unit.map(rowAt));
}

/** Scores of a block, its returns less what the distance from the reference costs. */
function scoresOf(
  block: Trajectories,
  trained: Uint8Array,
  counts: ArrayLike<number>,
  config: RunConfig,
): Scores {
  const scores = scoreEpisodes(block, config.drift);
  const { kl } = config.online;
  if (!methodOf(config).isKlInReturn || kl === 0) return scores;
  const isTrained = (_: number, n: number): boolean => trained[n] === 1;
  const sampled = block.logp.filter(isTrained);
  const reference = (block.reference ?? block.logp).filter(isTrained);
  return { ...scores, returns: lessKl(scores.returns, { counts, sampled, reference }, kl) };
}
