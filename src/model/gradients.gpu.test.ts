import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu, GpuOptions } from '../gpu/gpu';
import type { Tensor } from '../gpu/tensor';
import { relativeDistance } from '../kernels/testing/close';
import { packed } from '../kernels/testing/packed';
import { openTestGpu } from '../kernels/testing/testGpu';
import { GradientPass } from './backward';
import { flatParams, namedParams, paddedVocabulary, paramLayout } from './params';
import { MODEL_CASES, type ModelCase } from './testing/cases';
import { Transformer, type PackedBatch } from './transformer';
import { transformerRef, type RefBatch } from './transformer.ref';

// f32 through two layers, against float64.
const GRADIENT = { distance: 1e-4, cosine: 0.999999 };

function packedBatch(batch: RefBatch, vocabulary: number): PackedBatch {
  const tokens = Int32Array.from(batch.tokens);
  const starts = Array.from(batch.starts);
  const { start, end, position } = packed(
    starts.map((first, b) => (starts[b + 1] ?? tokens.length) - first),
  );
  const ids = Array.from({ length: paddedVocabulary(vocabulary) + 1 }, (_, v) => v);
  return {
    tokens,
    start,
    end,
    position,
    order: tokens.map((_, n) => n).sort((a, b) => tokens[a]! - tokens[b]! || a - b),
    idStarts: Int32Array.from(ids, (v) => tokens.filter((id) => id < v).length),
    index: Int32Array.from(batch.positions),
    targets: Int32Array.from(batch.targets),
    coefficient: Float32Array.from(batch.coefficients),
  };
}

/** The sequences of a batch as batches of their own. */
const sequences = (batch: RefBatch): RefBatch[] =>
  Array.from(batch.starts, (first, b) => {
    const end = batch.starts[b + 1] ?? batch.tokens.length;
    const rows = Array.from(batch.positions, (n, m) => ({ n, m })).filter(
      ({ n }) => n >= first && n < end,
    );
    return {
      tokens: Array.from(batch.tokens).slice(first, end),
      starts: [0],
      positions: rows.map(({ n }) => n - first),
      targets: rows.map(({ m }) => batch.targets[m]!),
      coefficients: rows.map(({ m }) => batch.coefficients[m]!),
    };
  });

/** A model on the GPU with room to spare in its buffers. */
async function openModel(gpu: Gpu, { model, params }: ModelCase) {
  const { vocabulary } = model;
  const shape = { model, vocabulary, context: 8 };
  const layout = paramLayout(shape);
  const flat = gpu.upload('parameters', [layout.total], flatParams(layout, params));
  const capacity = { tokens: 21, scored: 13 };
  const transformer = await Transformer.create(gpu, shape, layout, flat, capacity);
  const pass = await GradientPass.create(transformer, layout);
  await pass.refine();
  const accumulate = (batch: RefBatch, isFirst = true) =>
    pass.accumulate(packedBatch(batch, vocabulary), { isFirst });
  const gradient = async (): Promise<Float32Array<ArrayBuffer>> => {
    const { matrices, vectors } = pass.tensors.partials;
    const sums = async (partials: Tensor): Promise<number[]> => {
      const [, length = 0] = partials.shape as number[];
      const numbers = await gpu.download(partials);
      return Array.from({ length }, (_, i) => {
        let sum = 0;
        for (let at = i; at < numbers.length; at += length) sum += numbers[at]!;
        return sum;
      });
    };
    return Float32Array.from([...(await sums(matrices)), ...(await sums(vectors))]);
  };
  const close = (): void => {
    pass.destroy();
    transformer.destroy();
    gpu.free(flat);
  };
  return { layout, transformer, pass, accumulate, gradient, close };
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

// Every way to multiply and to add, as adapters pair them; slopes in float16 are too coarse for this.
const VARIANTS: readonly GpuOptions[] = [
  { reduce: 'tree', tile: 'workgroup', store: 'f32', isSoftware: false },
  { reduce: 'subgroups', tile: 'invocation', store: 'f32', isSoftware: false },
  { reduce: 'serial', tile: 'wide', store: 'f32' },
  { reduce: 'serial', tile: 'quad', store: 'f32', isSoftware: false }, // workgroups of 64
];

describe.each(VARIANTS)('whole-model gradients, $reduce and $tile', (variants) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ ...variants, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  describe.each(MODEL_CASES)('$name', (c) => {
    const { nll, grads } = transformerRef(c.model, c.params, c.batch);
    let gpuModel: Awaited<ReturnType<typeof openModel>>;
    let once: Float32Array<ArrayBuffer>;
    beforeAll(async () => {
      gpuModel = await openModel(gpu, c);
      await gpuModel.accumulate(c.batch);
      once = await gpuModel.gradient();
    });
    afterAll(() => gpuModel.close());

    it('scores as the reference does', async () => {
      const got = await gpu.download(gpuModel.transformer.tensors.scored.nll);

      expect(relativeDistance(got, nll)).toBeLessThan(1e-5);
    });

    it.each(Array.from(grads.keys()))('%s agrees with float64', (name) => {
      const got = namedParams(gpuModel.layout, once).find((view) => view.name === name)!.data;

      expect(relativeDistance(got, grads.get(name)!)).toBeLessThan(GRADIENT.distance);
      expect(cosine(got, grads.get(name)!)).toBeGreaterThan(GRADIENT.cosine);
    });

    it('names every tensor once, and has no gradient between them', () => {
      const views = namedParams(gpuModel.layout, once);
      const padding = once.slice();
      for (const { offset, shape } of gpuModel.layout.views) {
        padding.fill(0, offset, offset + shape.reduce((n, d) => n * d, 1));
      }

      expect(views.map((view) => view.name).sort()).toEqual(Array.from(grads.keys()).sort());
      expect(padding.every((x) => x === 0)).toBe(true);
    });

    it('adds up over micro-batches of other sizes, and starts over with a first one', async () => {
      for (const [i, part] of sequences(c.batch).entries()) {
        await gpuModel.accumulate(part, i === 0);
      }
      const parts = await gpuModel.gradient();
      await gpuModel.accumulate(c.batch);

      expect(relativeDistance(parts, once)).toBeLessThan(1e-5);
      expect(await gpuModel.gradient()).toEqual(once); // the same batch gives the same bits
    });
  });
});
