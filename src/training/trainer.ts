import type { Gpu } from '../gpu/gpu';
import type { DispatchCost } from '../gpu/plan';
import { Readback } from '../gpu/readback';
import type { Tensor } from '../gpu/tensor';
import type { StepReport } from '../data/results';
import { PlaygroundError } from '../shared/errors';
import { GradientPass } from '../model/backward';
import { Transformer, type BatchCapacity } from '../model/transformer';
import { paramLayout, type ModelShape, type ParamLayout } from '../model/params';
import { allRows, microBatches, packBatch, trunkTokens, type PackedRows } from './batches';
import { scoreRows } from './score';
import { Optimizer, type AdamwRules, type OptimizerState } from './optimizer';

/** What a kernel is timed for at least. */
const LEAST_MS = 1;
const LEAST_STEP_MS = 0.1; // where a clock is coarse, two that come back at once are 0 ms apart

/** The rows of one optimizer step and the coefficient of each trained token. */
export interface StepRows {
  readonly from: PackedRows;
  readonly coefficient: ArrayLike<number>; // [N] read where a token is trained
  /** What is descended, where Σ c·nll has its gradient but not its value. */
  readonly loss?: number;
}

/** All that training needs to go on elsewhere, bit for bit. */
export interface TrainerCheckpoint {
  readonly step: number;
  readonly params: Float32Array<ArrayBuffer>; // [P]
  readonly optimizer: OptimizerState;
}

/** A policy in training on one device: parameters, gradients, moments. */
export class Trainer {
  readonly #nll: Readback;
  readonly #norm: Readback;
  #last = 0;
  #previous: Promise<unknown> = Promise.resolve();
  #failure: PlaygroundError | undefined;
  /** Optimizer steps behind the parameters. */
  step = 0;

  private constructor(
    readonly gpu: Gpu,
    readonly shape: ModelShape,
    readonly layout: ParamLayout,
    readonly params: Tensor,
    readonly transformer: Transformer,
    readonly gradient: GradientPass,
    readonly optimizer: Optimizer,
    readonly capacity: BatchCapacity,
  ) {
    this.#nll = new Readback(gpu, [transformer.tensors.scored.nll], 8);
    this.#norm = new Readback(gpu, [optimizer.tensors.norm], 3);
  }

  /** The loss stopped being a number: the parameters are there to be looked at, not to be trained on. */
  get hasRunAway(): boolean {
    return this.#failure !== undefined;
  }

  static async create(
    gpu: Gpu,
    shape: ModelShape,
    capacity: BatchCapacity,
    rules: AdamwRules,
  ): Promise<Trainer> {
    const layout = paramLayout(shape);
    const params = await gpu.allocating('the parameters', () =>
      gpu.alloc('parameters', [layout.total]),
    );
    const transformer = await Transformer.create(gpu, shape, layout, params, capacity);
    const gradient = await GradientPass.create(transformer, layout);
    const { partials } = gradient.tensors;
    const optimizer = await Optimizer.create(gpu, layout, params, partials, rules);
    return new Trainer(gpu, shape, layout, params, transformer, gradient, optimizer, capacity);
  }

  /** Overwrites the parameters [P]; the moments stay. */
  load(params: Float32Array<ArrayBuffer>): void {
    this.gpu.write(this.params, params);
  }

  /** Goes on where `checkpoint()` was called. */
  resume({ step, params, optimizer }: TrainerCheckpoint): void {
    this.load(params);
    this.optimizer.restore(optimizer);
    this.step = step;
  }

  /** Parameters, moments and step after everything submitted so far. */
  async checkpoint(): Promise<TrainerCheckpoint> {
    const { step } = this;
    return { step, params: await this.snapshot(), optimizer: await this.optimizer.save() };
  }

  /** The parameters [P] as they are after everything submitted so far. */
  snapshot(): Promise<Float32Array<ArrayBuffer>> {
    return this.gpu.download(this.params);
  }

  /** Log-probs in nats of every trained token, in order, under the parameters as they are. [M] */
  logProbs(from: PackedRows): Promise<Float32Array<ArrayBuffer>> {
    return scoreRows(this.transformer, this.#nll, from, allRows(from));
  }

  /**
   * Submits one optimizer step. The outer promise resolves when the next step may be submitted, the
   * inner one when this step's numbers have come back: await it one step late.
   *
   * @throws PlaygroundError 'non-finite-loss' from the report of such a step, and from all after it; the
   *   parameters stay those of the last good step.
   */
  async submit(work: StepRows, learningRate: number): Promise<{ report: Promise<StepReport> }> {
    if (this.#failure) throw this.#failure;
    const begun = performance.now();
    const { from, coefficient } = work;
    const rows = allRows(from);
    const step = this.step + 1;
    const { updates } = this.optimizer;
    const batches = microBatches(from.offsets, rows, this.capacity.tokens);
    const norm = this.#norm.reading();
    const parts: ReadPart[] = [];
    let flops = 0;
    for (const [i, some] of batches.entries()) {
      const batch = packBatch(from, some, this.shape.vocabulary, coefficient);
      const isLast = i === batches.length - 1;
      this.transformer.tensors.M.value = batch.index.length; // how much there will be to read
      const nll = this.#nll.reading();
      const after = isLast ? [nll, this.optimizer.update(learningRate), norm] : [nll];
      await this.gradient.accumulate(batch, { isFirst: i === 0, after });
      flops += this.gradient.flops;
      const part = { c: batch.coefficient, nll: nll.bytes() };
      part.nll.catch(() => {}); // awaited below, one after the other
      parts.push(part);
      if (parts.length % 4 === 0) await parts.at(-1)!.nll; // never more pending than the ring holds
    }
    if (this.#failure) throw this.#failure; // of the step before, which has come back meanwhile
    this.step = step; // not before: whoever reads it may take the parameters for those after the update
    const tokens = rows.reduce((n, r) => n + trunkTokens(from.offsets, r), 0);
    const normBytes = norm.bytes();
    const report = Promise.all([lossOf(parts), normBytes, this.#previous]).then(([sums, bytes]) => {
      const gradNorm = new Float32Array(bytes[0]!)[0]!;
      const ended = performance.now();
      const seconds = Math.max(LEAST_STEP_MS, ended - Math.max(begun, this.#last)) / 1000;
      this.#last = ended;
      if (!Number.isFinite(sums.loss) || !Number.isFinite(gradNorm)) {
        this.step = step - 1; // this update was skipped, and so is what was submitted since
        this.optimizer.updates = updates;
        this.#failure = nonFinite(step, sums.loss, gradNorm);
        throw this.#failure;
      }
      const { loss = sums.loss } = work;
      return { step, ...sums, loss, gradNorm, learningRate, tokens, flops, seconds };
    });
    report.catch(() => {}); // awaited one step late
    this.#previous = report;
    return { report };
  }

  /** What every dispatch of the last step costs: runs it anew, then takes it back. */
  async profile(): Promise<DispatchCost[]> {
    const saved = await this.checkpoint();
    const costs = [
      ...(await this.gradient.profile(LEAST_MS)),
      ...(await this.optimizer.profile(LEAST_MS)),
    ];
    this.resume(saved);
    return costs;
  }

  destroy(): void {
    this.#nll.destroy();
    this.#norm.destroy();
    this.optimizer.destroy();
    this.gradient.destroy();
    this.transformer.destroy();
    this.gpu.free(this.params);
  }
}

interface ReadPart {
  readonly c: Float32Array; // [M]
  readonly nll: Promise<ArrayBuffer[]>;
}

/** Σ c·nll and the mean nll of a step's micro-batches. */
async function lossOf(parts: readonly ReadPart[]): Promise<Pick<StepReport, 'loss' | 'nll'>> {
  let loss = 0;
  let sum = 0;
  let count = 0;
  for (const part of parts) {
    const nll = new Float32Array((await part.nll)[0]!);
    part.c.forEach((c, i) => {
      loss += c * nll[i]!;
      sum += nll[i]!;
    });
    count += part.c.length;
  }
  return { loss, nll: sum / Math.max(1, count) };
}

const nonFinite = (step: number, loss: number, gradNorm: number): PlaygroundError =>
  new PlaygroundError(
    'non-finite-loss',
    `${Number.isFinite(loss) ? 'The gradient' : 'The loss'} is not a number at step ${step}; a smaller learning rate would help.`,
    { step, loss: String(loss), gradNorm: String(gradNorm) },
  );
