import type { RunConfig } from '../config/runConfig';
import type { Trajectories } from '../data/trajectories';
import { scoreEpisodes } from '../method/episodes';
import { batchTotals, rowWeights, selectRows, tokenCoefficients } from '../method/loss';
import { trainedCounts, trainedMask } from '../method/mask';
import { PlaygroundError } from '../shared/errors';
import { permutation, rng, STREAM } from '../shared/rng';
import type { PackedRows } from './batches';
import { constantWithWarmup } from './schedule';
import type { StepRows } from './trainer';

/** Which rows each optimizer step trains, with what coefficients and rate: all decided before step 1. */
export class TrainingPlan {
  readonly totalSteps: number;
  readonly #config: RunConfig;
  readonly #from: PackedRows;
  readonly #rows: Int32Array;
  readonly #weights: Float64Array;
  readonly #counts: Int32Array;
  #epoch: { readonly index: number; readonly order: Int32Array } | undefined;

  /** @throws PlaygroundError 'config-invalid' when the method leaves nothing to train. */
  constructor(config: RunConfig, trajectories: Trajectories) {
    const { method, drift, optimizer } = config;
    const trained = trainedMask(trajectories, method.turns);
    const scores = scoreEpisodes(trajectories, drift);
    this.#config = config;
    this.#from = { offsets: trajectories.offsets, tokens: trajectories.tokens, trained };
    this.#weights = rowWeights(scores, trajectories, method);
    this.#counts = trainedCounts(trajectories.offsets, trained);
    this.#rows = selectRows(scores, trajectories, method);
    if (this.#rows.length === 0) {
      throw new PlaygroundError(
        'config-invalid',
        'No trajectory is left to train on: none was solved, or all were pruned; sample more prompts or change the method.',
        { trajectories: trajectories.turns.length },
      );
    }
    this.totalSteps = optimizer.epochs * Math.ceil(this.#rows.length / optimizer.batch);
  }

  /** Learning rate of optimizer step 1 … totalSteps. */
  rate(step: number): number {
    const { learningRate, warmup } = this.#config.optimizer;
    return constantWithWarmup(step, learningRate, Math.ceil(warmup * this.totalSteps));
  }

  /** Rows and coefficients of optimizer step 1 … totalSteps. */
  step(step: number): StepRows {
    const { batch, epochs } = this.#config.optimizer;
    const perEpoch = this.totalSteps / epochs;
    const index = Math.floor((step - 1) / perEpoch);
    const first = ((step - 1) % perEpoch) * batch;
    const rows = Array.from(this.#order(index).subarray(first, first + batch));
    const weights = rows.map((r) => this.#weights[r]!);
    const counts = rows.map((r) => this.#counts[r]!);
    const totals = batchTotals(weights);
    const coefficients = tokenCoefficients(weights, counts, totals, this.#config.method);
    return { from: this.#from, rows, coefficients };
  }

  /** The trained rows in the order of one epoch. */
  #order(index: number): Int32Array {
    if (this.#epoch?.index !== index) {
      const random = rng(this.#config.seed, STREAM.order, index);
      const order = permutation(this.#rows.length, random).map((i) => this.#rows[i]!);
      this.#epoch = { index, order };
    }
    return this.#epoch.order;
  }
}
