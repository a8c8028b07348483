import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/gpu';
import { Plan } from '../../gpu/plan';
import { Size, type Dim } from '../../gpu/tensor';
import { rng } from '../../shared/rng';
import { worstBeyond } from '../testing/close';
import { atCapacity, FLUSHED, HARD_NUMBERS, normals, ROUNDING } from '../testing/inputs';
import { addedTo, BEFORE, strideOf } from '../testing/slices';
import { openTestGpu } from '../testing/testGpu';
import { embeddingBackward, embeddingForward } from './embedding';
import { embeddingBackwardRef, embeddingForwardRef, type EmbeddingShape } from './embedding.ref';

// N, V, C and the count of slices. Four channels an invocation, 64 invocations a workgroup: C = 252, 256,
// 260 straddle one; the gradient by workgroups takes 64 channels and four occurrences at a time. N or V of
// 150 rows of 12 channels fold under gridLimit 7; more tokens than ids repeat, fewer leave some out.
const SHAPES = [
  ...[4, 8, 60, 64, 68, 252, 256, 260, 1028].map((C) => [9, 5, C, 1] as const),
  ...[1, 2, 7, 13, 63, 64, 65, 150, 257].map((N) => [N, 31, 12, 2] as const),
  ...[1, 2, 63, 64, 65, 150, 257].map((V) => [40, V, 12, 1] as const),
  ...[1, 2, 3, 4, 5, 16].map((S) => [257, 3, 68, S] as const),
];

type Numbers = Float32Array<ArrayBuffer>;

interface Problem extends EmbeddingShape {
  readonly slices: number;
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly w: Numbers;
  readonly dy: Numbers;
}

function problem(
  [N, V, C, slices]: readonly [number, number, number, number],
  numbers: (seed: number, n: number) => Numbers = normals,
): Problem {
  const random = rng(1000 * N + V);
  const tokens = Int32Array.from({ length: N }, () => random.int(V));
  return { V, C, slices, tokens, w: numbers(C, V * C), dy: numbers(C + 1, N * C) };
}

/** The positions of `tokens` by id, earlier ones first, and where each id begins. */
function sortById(tokens: Int32Array, V: number) {
  const order = Int32Array.from(tokens.keys()).sort((a, b) => tokens[a]! - tokens[b]! || a - b);
  const starts = Int32Array.from({ length: V + 1 }, (_, v) => tokens.filter((t) => t < v).length);
  return { order, starts };
}

async function solve(gpu: Gpu, { V, C, slices, tokens, w, dy }: Problem, rows: Dim) {
  const used = typeof rows === 'number' ? rows : rows.value;
  const { order, starts } = sortById(tokens.subarray(0, used), V);
  const stride = strideOf(V * C);
  const t = {
    tokens: gpu.upload('tokens', [rows], tokens),
    w: gpu.upload('w', [V, C], w),
    y: gpu.upload('y', [rows, C], new Float32Array(tokens.length * C).fill(NaN)),
    dy: gpu.upload('dy', [rows, C], dy),
    order: gpu.alloc('order', [rows], 'i32'),
    starts: gpu.upload('starts', [V + 1], starts),
    partials: gpu.alloc('partials', [slices, stride]),
  };
  gpu.write(t.order, order);
  const plan = new Plan(gpu, 'embedding');
  embeddingForward(plan, { tokens: t.tokens, w: t.w, y: t.y });
  embeddingBackward(plan, {
    ...{ dy: t.dy, order: t.order, starts: t.starts },
    ...{ dw: { ...t.partials, shape: [V, C] }, slices: { count: slices, stride } },
  });
  const replay = async () => {
    gpu.write(t.partials, new Float32Array(slices * stride).fill(BEFORE)); // as the tied head's gradient
    await plan.run();
    return { y: await gpu.download(atCapacity(t.y)), partials: await gpu.download(t.partials) };
  };
  const first = await replay();
  const second = await replay();
  plan.destroy();
  gpu.free(...Object.values(t));
  return { first, second };
}

/** What is wrong with the GPU's answer on the first N tokens; undefined when nothing is. */
function complaint(
  p: Problem,
  got: Awaited<ReturnType<typeof solve>>['first'],
  N = p.tokens.length,
) {
  const tokens = p.tokens.subarray(0, N);
  const dw = addedTo(embeddingBackwardRef(tokens, p.dy, p, p.slices), p.V * p.C);
  const terms = addedTo(embeddingBackwardRef(tokens, p.dy.map(Math.abs), p, p.slices), p.V * p.C);
  return (
    worstBeyond(
      got.y.subarray(0, N * p.C),
      embeddingForwardRef(tokens, p.w, p),
      () => FLUSHED, // a copy, exact but for denormals
    ) ?? worstBeyond(got.partials, dw, (i) => ROUNDING * Math.sqrt(N) * terms[i]! + N * FLUSHED)
  );
}

// Sums over occurrences are by workgroup for both 'tree' and 'subgroups'.
describe.each(['tree', 'serial'] as const)('embedding, %s reduction', (reduce) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu({ reduce, gridLimit: 7 });
  });
  afterAll(() => gpu.destroy());

  it.each(SHAPES)('matches the reference at N=%i V=%i C=%i in %i slices', async (...shape) => {
    const p = problem(shape);

    const { first, second } = await solve(gpu, p, p.tokens.length);

    expect(complaint(p, first)).toBeUndefined();
    expect(second).toEqual(first); // a replay gives the same bits
  });

  it.each(HARD_NUMBERS)('matches the reference on %s', async (_, value) => {
    const p = problem([21, 6, 12, 2], (__, n) =>
      Float32Array.from({ length: n }, (___, i) => value(i)),
    );

    expect(complaint(p, (await solve(gpu, p, 21)).first)).toBeUndefined();
  });

  it.each([0, 1, 11, 29])('leaves tokens past %i alone when 30 would fit', async (used) => {
    const p = problem([30, 9, 8, 3]);
    const rows = new Size('rows', 30);
    rows.value = used;

    const { first } = await solve(gpu, p, rows);

    expect(complaint(p, first, used)).toBeUndefined();
    expect(first.y.subarray(used * p.C).every(Number.isNaN)).toBe(true);
  });
});
