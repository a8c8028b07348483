import type { ModelConfig } from '../config/runConfig';
import type { Calibration } from '../data/results';
import { findAdapter, usualVariants, type AdapterTraits } from '../gpu/adapter';
import { Gpu } from '../gpu/gpu';
import { Plan } from '../gpu/plan';
import { quickest } from '../gpu/timing';
import { attentionForward } from '../kernels/attention/attention';
import { qkvWidth } from '../kernels/attention/heads';
import { crossEntropyForward } from '../kernels/cross_entropy/cross_entropy';
import { matmulBackward, matmulForward } from '../kernels/matmul/matmul';
import { rmsnormBackward, rmsnormForward } from '../kernels/rmsnorm/rmsnorm';
import { swigluBackward, swigluForward } from '../kernels/swiglu/swiglu';
import {
  isByQuads,
  REDUCE_VARIANTS,
  STORE_VARIANTS,
  TILE_VARIANTS,
  type ReduceVariant,
  type StoreVariant,
  type TileVariant,
} from '../shared/kernelForms';
import type { Capacities } from './memory';

/** Raised when kernels change so much that what was measured before no longer holds. */
export const KERNELS_VERSION = 4;

/** Seconds for each measurement, and FLOPs of one: no longer than a submit may take. */
const ON_GPU = { seconds: 0.02, groupMs: 5, flops: 4e9 };
const ON_SOFTWARE = { seconds: 0.3, groupMs: 50, flops: 5e7 };

/** A form replaces the usual one only if it takes at most this share of its time: noise changes nothing. */
const CLEARLY = 0.95;

/** N = packed tokens, C = channels, F = MLP width, V = vocabulary. */
interface Sizes {
  readonly N: number;
  readonly V: number;
  readonly T: number; // tokens of a sequence
  readonly model: ModelConfig;
}

/** Forms that an adapter has; a software adapter would compile workgroup tiles for many seconds. */
const tilesOf = ({ isSoftware, hasSubgroups }: AdapterTraits): readonly TileVariant[] =>
  TILE_VARIANTS.filter(
    (tile) => (hasSubgroups || !isByQuads(tile)) && (tile !== 'workgroup' || !isSoftware),
  );
const reductionsOf = ({ hasSubgroups }: AdapterTraits): readonly ReduceVariant[] =>
  REDUCE_VARIANTS.filter((reduce) => hasSubgroups || reduce !== 'subgroups');

/**
 * Times the forms of the kernels that a training step spends most on, at a configuration's sizes, on
 * devices of its own. Takes well under half a second on a GPU, compiling apart.
 */
export async function calibrate(
  webgpu: GPU | undefined,
  { shape, train }: Capacities,
): Promise<Calibration> {
  const { traits } = await findAdapter(webgpu);
  const { seconds, groupMs, flops } = traits.isSoftware ? ON_SOFTWARE : ON_GPU;
  const { model, vocabulary: V, context: T } = shape;
  const perToken = 12 * model.channels * model.mlp; // of the dearer of the two plans
  const N = Math.max(T, Math.min(train.tokens, Math.floor(flops / perToken)));
  const sizes: Sizes = { N, V, T, model };
  const timeOn = async (gpu: Gpu, record: (plan: Plan, sizes: Sizes) => void): Promise<number> => {
    const plan = new Plan(gpu, 'calibration');
    record(plan, sizes);
    return 1000 * (await quickest(gpu, seconds, () => plan.run(), groupMs));
  };
  const [tiles, reductions] = [tilesOf(traits), reductionsOf(traits)];
  const tileMs: Partial<Record<TileVariant, number>> = {};
  const reduceMs: Partial<Record<ReduceVariant, number>> = {};
  const storeMs: Partial<Record<StoreVariant, number>> = {};
  for (let i = 0; i < Math.max(tiles.length, reductions.length); i++) {
    const [tile, reduce] = [tiles[i], reductions[i]]; // a device measures one form of each kind
    const gpu = await Gpu.open(webgpu, { ...(tile && { tile }), ...(reduce && { reduce }) });
    try {
      if (tile) tileMs[tile] = await timeOn(gpu, recordProducts);
      if (reduce) reduceMs[reduce] = await timeOn(gpu, recordRows);
    } finally {
      gpu.destroy();
    }
  }
  const usual = usualVariants(traits);
  const tile = best(tileMs, usual.tile);
  for (const store of STORE_VARIANTS) {
    const gpu = await Gpu.open(webgpu, { tile, store }); // which is quicker depends on the tiles
    try {
      storeMs[store] = await timeOn(gpu, recordGates);
    } finally {
      gpu.destroy();
    }
  }
  return {
    adapter: traits.name,
    version: KERNELS_VERSION,
    at: new Date().toISOString(),
    tile,
    reduce: best(reduceMs, usual.reduce),
    store: best(storeMs, usual.store),
    tileMs,
    reduceMs,
    storeMs,
  };
}

/** The quickest form, or the usual one where none is clearly quicker. */
export function best<Form extends string>(
  ms: Readonly<Partial<Record<Form, number>>>,
  usual: NoInfer<Form>,
): Form {
  const forms = Object.keys(ms) as Form[];
  const quick = forms.reduce((a, b) => (ms[b]! < ms[a]! ? b : a));
  return ms[quick]! < CLEARLY * (ms[usual] ?? Infinity) ? quick : usual;
}

/** Gate and up of one block with both gradients, and its attention: products, and what follows their form. */
function recordProducts(plan: Plan, { N, T, model }: Sizes): void {
  const { channels: C, mlp: F, heads: H, kvHeads: Hkv } = model;
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const heads = { H, Hkv, D: C / H };
  const [x, w] = [alloc('x', [N, C]), alloc('w', [2 * F, C])];
  const gu = alloc('gu', [N, 2 * F]);
  const slices = { count: 1, stride: 2 * F * C };
  matmulForward(plan, { x, w, y: gu });
  matmulBackward(plan, {
    ...{ dy: gu, w, x, slices },
    ...{ dx: alloc('dx', [N, C]), dw: alloc('dw', [2 * F, C]) },
  });
  const first = Int32Array.from({ length: N }, (_, n) => n - (n % T));
  attentionForward(
    plan,
    {
      qkv: alloc('qkv', [N, qkvWidth(heads)]),
      start: plan.gpu.upload('start', [N], first),
      y: alloc('y', [N, C]),
      lse: alloc('lse', [N, H]),
    },
    heads,
    (N * (T + 1)) / 2,
  );
}

/** The MLP's gates and the gradients of what follows them, which read what was kept. */
function recordGates(plan: Plan, { N, model: { channels: C, mlp: F } }: Sizes): void {
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const [x, gu, y] = [alloc('x', [N, C]), alloc('gu', [N, 2 * F]), alloc('y', [N, F])];
  const slices = { count: 1, stride: F * C };
  swigluForward(plan, { x, w: alloc('w', [2 * F, C]), gu, y });
  swigluBackward(plan, {
    ...{ dy: x, w: alloc('down', [C, F]), x: y, gu, slices },
    ...{ dgu: alloc('dgu', [N, 2 * F]), dw: alloc('dw', [C, F]) },
  });
}

/** Norm and its gradient, and the loss: what reduces rows. */
function recordRows(plan: Plan, { N, V, model: { channels: C } }: Sizes): void {
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const width = 4 * Math.ceil(V / 4);
  const [x, weight, rstd] = [alloc('x', [N, C]), alloc('weight', [C]), alloc('rstd', [N])];
  const y = alloc('y', [N, C]);
  const slices = { count: 1, stride: C };
  rmsnormForward(plan, { x, weight, y, rstd });
  rmsnormBackward(plan, {
    ...{ dy: y, x, weight, rstd, slices },
    ...{ dx: alloc('dx', [N, C]), dweight: alloc('dweight', [C]) },
  });
  crossEntropyForward(
    plan,
    {
      logits: alloc('logits', [N, width]),
      targets: alloc('targets', [N], 'i32'),
      nll: alloc('nll', [N]),
      lse: alloc('lse', [N]),
      coefficient: alloc('coefficient', [N]),
    },
    V,
  );
}
