import type { Gpu } from '../gpu/gpu';
import { Readback } from '../gpu/readback';
import type { Tensor } from '../gpu/tensor';
import type { StepReport } from '../data/results';
import { PlaygroundError } from '../shared/errors';
import { GradientPass } from '../model/backward';
import { Transformer, type BatchCapacity } from '../model/transformer';
import { paramLayout, type ModelShape, type ParamLayout } from '../model/params';
import { microBatches, packBatch, trunkTokens, type PackedRows } from './batches';
import { Optimizer, type AdamwRules, type OptimizerState } from './optimizer';

/** The rows of one optimizer step and the coefficient of each one's trained tokens. */
export interface StepRows {
  readonly from: PackedRows;
  readonly rows: readonly number[];
  readonly coefficients: ArrayLike<number>; // aligned with rows
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
  /** Optimizer steps behind the parameters. */
  step = 0;
  /** The loss stopped being a number: the parameters are there to be looked at, not to be trained on. */
  hasRunAway = false;

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

  /**
   * Submits one optimizer step. The outer promise resolves when the next step may be submitted, the
   * inner one when this step's numbers have come back: await it one step late.
   *
   * @throws PlaygroundError 'non-finite-loss' from the step before; the parameters then are those of
   *   the last good step.
   */
  async submit(work: StepRows, learningRate: number): Promise<{ report: Promise<StepReport> }> {
    const begun = performance.now();
    const { from, rows, coefficients } = work;
    const step = ++this.step;
    const coefficientOf = new Map(rows.map((r, i) => [r, coefficients[i]!]));
    await this.gradient.zero();
    const parts: { c: Float32Array; nll: Promise<ArrayBuffer[]> }[] = [];
    for (const part of microBatches(from.offsets, rows, this.capacity.tokens)) {
      const c = part.map((r) => coefficientOf.get(r)!);
      const batch = packBatch(from, part, c, this.shape.vocabulary);
      await this.gradient.accumulate(batch);
      parts.push({ c: batch.coefficient, nll: this.#nll.read() });
      if (parts.length % 4 === 0) await parts.at(-1)!.nll; // never more pending than the ring holds
    }
    await this.#previous; // the GPU is busy with this gradient; update only what is known to be good
    await this.optimizer.step(learningRate);
    const norm = this.#norm.read();
    const tokens = rows.reduce((n, r) => n + trunkTokens(from.offsets, r), 0);
    const report = this.#report(step, learningRate, tokens, parts, norm, begun);
    report.catch(() => {}); // awaited one step late
    this.#previous = report;
    return { report };
  }

  async #report(
    step: number,
    learningRate: number,
    tokens: number,
    parts: readonly { c: Float32Array; nll: Promise<ArrayBuffer[]> }[],
    norm: Promise<ArrayBuffer[]>,
    begun: number,
  ): Promise<StepReport> {
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
    const gradNorm = new Float32Array((await norm)[0]!)[0]!;
    const ended = performance.now();
    const seconds = (ended - Math.max(begun, this.#last)) / 1000;
    this.#last = ended;
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      this.hasRunAway = true;
      this.step = step - 1; // the update was skipped, and nothing after it has been made
      this.optimizer.updates -= 1;
      throw new PlaygroundError(
        'non-finite-loss',
        `${Number.isFinite(loss) ? 'The gradient' : 'The loss'} is not a number at step ${step}; a smaller learning rate would help.`,
        { step, loss: String(loss), gradNorm: String(gradNorm) },
      );
    }
    return { step, loss, nll: sum / Math.max(1, count), gradNorm, learningRate, tokens, seconds };
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
