import { DEFAULT_RUN, type RunConfig } from '../config/runConfig';
import { THEORY_TURNS, type TheoryPoint, type TheorySettings } from '../data/results';
import { DOORS, everyOutcome } from '../data/tasks/doors';
import type { Trajectories } from '../data/trajectories';
import { Gpu } from '../gpu/gpu';
import { groupRows, scoreEpisodes } from '../method/episodes';
import { coefficients } from '../method/loss';
import { trainedCounts, trainedMask } from '../method/mask';
import { weightedShares } from '../method/theory';
import { initialParams, paramLayout } from '../model/params';
import { rng, STREAM } from '../shared/rng';
import { scatter } from './batches';
import { answerRows } from './evaluate';
import { modelShape } from './modelTensors';
import { PRETRAIN_RULES, pretrain } from './pretrain';
import { Trainer, type StepRows, type TrainerCheckpoint } from './trainer';

const MODEL = { ...DEFAULT_RUN.model, layers: 1, channels: 16, heads: 2, kvHeads: 2, mlp: 32 };
const PRETRAINING = {
  ...DEFAULT_RUN.reference,
  ...{ steps: 120, batch: 128, learningRate: 0.01, warmupSteps: 10 },
};
const MOST_TOKENS = 1024; // all outcomes of three turns at once
const TRIES = 1024; // at each prompt, each step, about
const PEAK_RATE = 0.01;
const HALF_LIFE = 100; // steps with the same settings until the rate is half of that

/** All outcomes of a number of turns, and what the reference makes of them. */
interface Game {
  readonly outcomes: Trajectories;
  readonly rows: readonly (readonly number[])[]; // outcomes of each prompt
  readonly reference: Float64Array; // [B] probability at its prompt
}

/** Share of the weight of all groups so far that fell on each outcome of its prompt. */
interface Pile {
  readonly of: string; // settings
  readonly shares: Float64Array; // [B] summed over `draws`
  draws: number;
}

/**
 * DRIFT where everything that can happen is enumerated: a model in training, on tries drawn from the
 * frozen reference's probabilities. Every step adds groups of K to a pile and trains on the whole of it;
 * tries that went the same way are one row with their weights added up, whose gradient is that of all.
 */
export class TheoryLab {
  readonly #games = new Map<number, Game>(); // by turns
  #fresh: TrainerCheckpoint | undefined;
  #pile: Pile | undefined;

  private constructor(
    readonly gpu: Gpu,
    readonly trainer: Trainer,
  ) {}

  /** Opens a device and pretrains the reference: a second or two on a software adapter. */
  static async open(webgpu: GPU | undefined): Promise<TheoryLab> {
    const gpu = await Gpu.open(webgpu);
    try {
      const shape = modelShape(DOORS, MODEL);
      const capacity = { tokens: MOST_TOKENS, scored: MOST_TOKENS };
      const rules = { ...PRETRAIN_RULES, weightDecay: 0 };
      const lab = new TheoryLab(gpu, await Trainer.create(gpu, shape, capacity, rules));
      await lab.#pretrain(initialParams(paramLayout(shape), 0));
      return lab;
    } catch (cause) {
      gpu.destroy();
      throw cause;
    }
  }

  async #pretrain(params: Float32Array<ArrayBuffer>): Promise<void> {
    const { trainer } = this;
    const { optimizer } = await trainer.checkpoint();
    trainer.load(params);
    await pretrain(trainer, DOORS, { seed: 0, reference: PRETRAINING }, () => true);
    this.#fresh = { step: 0, params: await trainer.snapshot(), optimizer };
    this.reset();
    for (const turns of THEORY_TURNS) {
      const outcomes = everyOutcome(turns);
      const reference = await this.#probabilities(outcomes);
      this.#games.set(turns, { outcomes, rows: groupRows(outcomes), reference });
    }
  }

  /** The policy is the reference again. */
  reset(): void {
    this.trainer.resume(this.#fresh!);
    this.#pile = undefined;
  }

  /** Probability of every outcome at its prompt under the policy as it is. [B] */
  async #probabilities(outcomes: Trajectories): Promise<Float64Array> {
    const rows = answerRows(outcomes);
    const logp = scatter(rows.trained, await this.trainer.logProbs(rows));
    return Float64Array.from(outcomes.turns, (_, r) =>
      Math.exp(logp.subarray(rows.offsets[r], rows.offsets[r + 1]).reduce((a, b) => a + b, 0)),
    );
  }

  /** Takes `steps` steps towards these settings, and says where that led. */
  async train(settings: TheorySettings, steps: number): Promise<TheoryPoint> {
    const { trainer } = this;
    const game = this.#games.get(settings.turns)!;
    let before: Promise<unknown> = Promise.resolve();
    for (let i = 0; i < steps; i++) {
      const work = this.#work(game, settings);
      const rate = PEAK_RATE / (1 + this.#pile!.draws / HALF_LIFE);
      const { report } = await trainer.submit(work, rate);
      await before;
      before = report;
    }
    await before;
    const policy = successes(game, await this.#probabilities(game.outcomes));
    return { step: trainer.step, reference: successes(game, game.reference), policy };
  }

  /** The loss of all answers of a try, or of its last, summed; γ 1 and no penalties. */
  #work(game: Game, settings: TheorySettings): StepRows {
    const { outcomes } = game;
    const { beta, trained: turns } = settings;
    const drift = { beta, gamma: 1, lambda: 0, formatPenalty: 0 };
    const { returns } = scoreEpisodes(outcomes, drift);
    const { shares, draws } = this.#drawn(game, returns, settings);
    const weights = new Float64Array(shares.length);
    for (const own of game.rows) {
      for (const r of own) weights[r] = (shares[r]! / draws) * own.length; // mean one at a prompt
    }
    const trained = trainedMask(outcomes, turns);
    const counts = trainedCounts(outcomes.offsets, trained);
    const method: RunConfig['method'] = { ...DEFAULT_RUN.method, sequence: 'sum', turns };
    const unasked = { policy: [], sampled: [], reference: [] };
    const c = coefficients({ weights, counts, ...unasked }, { ...DEFAULT_RUN, drift, method }, 0);
    const { offsets, tokens } = outcomes;
    return { from: { offsets, tokens, trained }, coefficient: scatter(trained, c) };
  }

  /** Adds groups at every prompt to the pile, a new one for new settings. */
  #drawn(
    { rows, reference }: Game,
    returns: Float64Array,
    { beta, K, turns, trained }: TheorySettings,
  ): Pile {
    const of = [beta, K, turns, trained].join();
    if (this.#pile?.of !== of) {
      this.#pile = { of, shares: new Float64Array(returns.length), draws: 0 };
    }
    const pile = this.#pile;
    const random = rng(0, STREAM.rollout, this.trainer.step);
    const groups = Math.ceil(TRIES / K);
    for (const own of rows) {
      const [q, R] = [reference, returns].map((column) => own.map((r) => column[r]!));
      const shares = weightedShares(q!, R!, { beta, K, groups }, random);
      own.forEach((r, i) => (pile.shares[r]! += shares[i]!));
    }
    pile.draws += 1;
    return pile;
  }

  destroy(): void {
    this.trainer.destroy();
    this.gpu.destroy();
  }
}

/** Probability of solving each prompt. */
const successes = ({ outcomes, rows }: Game, probabilities: Float64Array): number[] =>
  rows.map((own) =>
    own.reduce((sum, r) => sum + (outcomes.solvedAt[r]! > 0 ? probabilities[r]! : 0), 0),
  );
