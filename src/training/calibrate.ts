import type { Calibration } from '../data/results';
import { findAdapter, usualVariants, type AdapterTraits } from '../gpu/adapter';
import { Gpu } from '../gpu/gpu';
import { Plan } from '../gpu/plan';
import { quickest } from '../gpu/timing';
import type { GradSlices, Tensor } from '../gpu/tensor';
import {
  attentionBackwardKeyValue,
  attentionBackwardQuery,
  attentionForward,
} from '../kernels/attention/attention';
import { qkvWidth } from '../kernels/attention/heads';
import { crossEntropyForward } from '../kernels/cross_entropy/cross_entropy';
import { matmulBackward, matmulForward } from '../kernels/matmul/matmul';
import { rmsnormBackward, rmsnormForward } from '../kernels/rmsnorm/rmsnorm';
import { swigluBackward, swigluForward } from '../kernels/swiglu/swiglu';
import { gradSlices } from '../model/backward';
import { paramLayout, type ModelShape } from '../model/params';
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
export const KERNELS_VERSION = 5;

/**
 * Seconds for each measurement, the least of a group of replays, which outweighs their submit, and FLOPs of
 * one replay: no longer than a submit may take.
 */
const ON_GPU = { seconds: 0.04, groupMs: 5, flops: 4e9 };
const ON_SOFTWARE = { seconds: 0.3, groupMs: 50, flops: 5e7 };

/** A form replaces the usual one only if it takes at most this share of its time: noise changes nothing. */
const CLEARLY = 0.95;

/** Rows decoded at once, and tokens of their answers: what decoding weighs beside training. */
const DECODED = { rows: 64, tokens: 16 };

/** N = packed tokens, C = channels, F = MLP width. */
interface Sizes {
  readonly N: number;
  readonly shape: ModelShape;
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
  { isSoftware, shape, train }: Pick<Capacities, 'isSoftware' | 'shape' | 'train'>,
): Promise<Calibration> {
  const traits = { ...(await findAdapter(webgpu)).traits, isSoftware };
  const { seconds, groupMs, flops } = isSoftware ? ON_SOFTWARE : ON_GPU;
  const { channels, mlp } = shape.model;
  const perToken = 12 * channels * mlp; // of the dearer of the two plans
  const N = Math.max(shape.context, Math.min(train.tokens, Math.floor(flops / perToken)));
  const sizes: Sizes = { N, shape };
  const timeOn = async (gpu: Gpu, record: (plan: Plan, sizes: Sizes) => void): Promise<number> => {
    const plan = new Plan(gpu, 'calibration');
    record(plan, sizes);
    return 1000 * (await quickest(gpu, seconds, (times) => plan.run(times), groupMs));
  };
  const [tiles, reductions] = [tilesOf(traits), reductionsOf(traits)];
  const tileMs: Partial<Record<TileVariant, number>> = {};
  const reduceMs: Partial<Record<ReduceVariant, number>> = {};
  const storeMs: Partial<Record<StoreVariant, number>> = {};
  for (let i = 0; i < Math.max(tiles.length, reductions.length); i++) {
    const [tile, reduce] = [tiles[i], reductions[i]]; // a device measures one form of each kind
    const gpu = await Gpu.open(webgpu, {
      isSoftware,
      ...(tile && { tile }),
      ...(reduce && { reduce }),
    });
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
    const gpu = await Gpu.open(webgpu, { isSoftware, tile, store }); // which is quicker depends on the tiles
    try {
      storeMs[store] = await timeOn(gpu, recordActivation);
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

/** Where the parts of a matrix of `numbers` lie whose gradient is timed, as many as in training. */
const slicesOf = ({ gpu }: Plan, { shape }: Sizes, numbers: number): GradSlices => ({
  count: gradSlices(paramLayout(shape), gpu.isSoftware).matrices.count,
  stride: 64 * Math.ceil(numbers / 64),
});

/** Gate and up of one block with both gradients, and its attention: products, and what follows their form. */
function recordProducts(plan: Plan, sizes: Sizes): void {
  const { N, shape } = sizes;
  const { channels: C, mlp: F } = shape.model;
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const [x, w] = [alloc('x', [N, C]), alloc('w', [2 * F, C])];
  const gu = alloc('gu', [N, 2 * F]);
  const slices = slicesOf(plan, sizes, 2 * F * C);
  const dw = { ...alloc('dw', [slices.count, slices.stride]), shape: [2 * F, C] };
  matmulForward(plan, { x, w, y: gu });
  matmulBackward(plan, { dy: gu, w, x, dx: alloc('dx', [N, C]), dw, slices });
  recordAttention(plan, sizes);
  if (plan.gpu.isSoftware) return; // it decodes with the tiles that compile soon
  const { rows, tokens } = DECODED;
  const step = { x: alloc('x', [rows, C]), w, y: alloc('y', [rows, 2 * F]) };
  for (let i = 0; i < tokens; i++) matmulForward(plan, step);
}

/** Attention, on a GPU with its gradients, which a software adapter compiles for longer than they run. */
function recordAttention(plan: Plan, { N, shape: { model, context: T } }: Sizes): void {
  const { channels: C, heads: H, kvHeads: Hkv } = model;
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const upload = (label: string, of: (n: number) => number): Tensor =>
    plan.gpu.upload(
      label,
      [N],
      Int32Array.from({ length: N }, (_, n) => of(n)),
    );
  const heads = { H, Hkv, D: C / H };
  const pairs = (N * (T + 1)) / 2;
  const [qkv, y] = [alloc('qkv', [N, qkvWidth(heads)]), alloc('y', [N, C])];
  const lse = alloc('lse', [N, H]);
  const start = upload('start', (n) => n - (n % T));
  attentionForward(plan, { qkv, start, y, lse }, heads, pairs);
  if (plan.gpu.isSoftware) return;
  const flow = {
    ...{ qkv, start, dy: y, lse, delta: alloc('delta', [N, H]) },
    ...{ table: alloc('table', [T, C / H]), dqkv: alloc('dqkv', [N, qkvWidth(heads)]) },
  };
  attentionBackwardQuery(plan, { ...flow, y }, heads, pairs);
  const end = upload('end', (n) => Math.min(N, n - (n % T) + T));
  attentionBackwardKeyValue(plan, { ...flow, end }, heads, pairs);
}

/** The MLP's activation and the gradients that read what it has kept. */
function recordActivation(plan: Plan, sizes: Sizes): void {
  const { N, shape } = sizes;
  const { channels: C, mlp: F } = shape.model;
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const [x, slopes, y] = [alloc('x', [N, C]), alloc('slopes', [N, 2 * F]), alloc('y', [N, F])];
  const slices = slicesOf(plan, sizes, F * C);
  const dw = { ...alloc('dw', [slices.count, slices.stride]), shape: [C, F] };
  swigluForward(plan, { x, w: alloc('w', [2 * F, C]), slopes, y });
  swigluBackward(plan, {
    ...{ dy: x, w: alloc('down', [C, F]), x: y, slopes, slices },
    ...{ dgu: alloc('dgu', [N, 2 * F]), dw },
  });
}

/** Norm and its gradient, and the loss: what reduces rows. */
function recordRows(plan: Plan, { N, shape }: Sizes): void {
  const { vocabulary: V, model } = shape;
  const C = model.channels;
  const alloc = plan.gpu.alloc.bind(plan.gpu);
  const width = 4 * Math.ceil(V / 4);
  const [x, weight, rstd] = [alloc('x', [N, C]), alloc('weight', [C]), alloc('rstd', [N])];
  const y = alloc('y', [N, C]);
  const slices = gradSlices(paramLayout(shape), plan.gpu.isSoftware).vectors;
  const dweight = { ...alloc('dweight', [slices.count, slices.stride]), shape: [C] };
  rmsnormForward(plan, { x, weight, y, rstd });
  rmsnormBackward(plan, {
    ...{ dy: y, x, weight, rstd, slices },
    ...{ dx: alloc('dx', [N, C]), dweight },
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
