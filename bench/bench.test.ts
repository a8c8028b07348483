import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gpu } from '../src/gpu/gpu';
import { usualVariants } from '../src/gpu/adapter';
import { Plan } from '../src/gpu/plan';
import { worstMismatch } from '../src/kernels/testing/close';
import { normals } from '../src/kernels/testing/inputs';
import { testGpu } from '../src/kernels/testing/testGpu';
import { Decoder } from '../src/model/generate';
import { loadDawn } from '../src/shared/dawn';
import type { Variants } from '../src/shared/kernelForms';
import { planMemory } from '../src/training/memory';
import type { Engine } from './engine';
import { driftEngine } from './engines/drift';
import { answerFlops, runBytes } from './expected';
import { compare, type Timing } from './measure';
import { countBytes, countCalls, watchAdapters, type AdapterFacts, type Calls } from './meter';
import { mixedRows } from './packing';
import { openPeers } from './peers';
import { pictureOf } from './picture';
import type { Report } from './report';
import { recordRoofMatmul, type Probe } from './roof';
import { runBenchmark } from './run';
import {
  AXES,
  largestModels,
  measureScaling,
  slope,
  type Axis,
  type ScalingPoint,
} from './scaling';
import { scalingPicture } from './scalingPicture';
import { scalingTable } from './scalingTable';
import { drawShares } from './shares';
import { LEFT, WIDTH } from './svg';
import { tableOf } from './table';
import {
  CONFIGS,
  createWorkload,
  NEW_TOKENS,
  PHASES,
  shapeOf,
  workOf,
  type BenchConfig,
} from './workload';

/** Small enough that a software adapter measures it in a second. */
const MICRO: BenchConfig = {
  ...CONFIGS.get('tiny')!,
  name: 'micro',
  model: { ...CONFIGS.get('tiny')!.model, layers: 1, channels: 16, heads: 2, kvHeads: 2, mlp: 32 },
  context: 16,
  batch: 4,
};
/** The usual ones of a software adapter but the tile, which compiles in half the time. */
const FORMS = {
  ...usualVariants({ isSoftware: true, hasSubgroups: true }),
  tile: 'quad',
} as const satisfies Variants;
const SECONDS = 0.1;
const PROBE_MS = 5;
/** A product that takes a known time. */
const PROBE: Probe = {
  flops: 1e6,
  run: (times) => new Promise((resolve) => setTimeout(resolve, PROBE_MS * times)),
};
/** Doublings between an engine's share of the best product and what medians make of it: few, unless disturbed. */
const octavesApart = ({ matmulGflops, shareOfMatmul, msPerStep }: Timing): number => {
  const gflops = workOf(MICRO, 'decode').flops / msPerStep / 1e6;
  return Math.abs(Math.log2(shareOfMatmul / (gflops / matmulGflops)));
};
const F32 = { rtol: 1e-5, atol: 1e-5 }; // sums of 32 products

describe('benchmark', () => {
  let webgpu: GPU;
  let callsSoFar: () => Calls;
  let bytesSoFar: () => number;
  let adaptersSoFar: () => readonly AdapterFacts[];
  beforeAll(async () => {
    webgpu = await testGpu();
    const { globals } = await loadDawn();
    Object.assign(globalThis, globals);
    callsSoFar = countCalls();
    bytesSoFar = countBytes();
    adaptersSoFar = watchAdapters();
  });

  describe('of a micro model', () => {
    let report: Report;
    const said: string[] = [];
    beforeAll(async () => {
      const options = { configs: [MICRO], peers: ['tensorflow.js'], seconds: SECONDS };
      const forms = { forms: { tile: FORMS.tile }, calibrate: false };
      const say = (line: string): void => void said.push(line);
      const around = { webgpu, runtime: 'test', callsSoFar, bytesSoFar, adaptersSoFar };
      report = await runBenchmark({ ...options, ...forms, scaling: false, say }, around);
    });

    it('reports finite numbers above 0 for both phases', () => {
      expect(report.rows.map(({ phase }) => phase)).toEqual(['train', 'decode']);
      const { roof } = report;
      for (const row of report.rows) {
        const { tokens, flops, bytes } = workOf(MICRO, row.phase);
        const ms = row.ms_per_step;
        expect(ms).toBeGreaterThan(0);
        expect(Number.isFinite(ms)).toBe(true);
        expect(row.first_step_ms).toBeGreaterThan(ms);
        expect(row.tokens_per_second).toBeCloseTo((1000 * tokens) / ms, 6);
        expect(row.share_of_peak).toBeCloseTo(flops / ms / 1e6 / roof.peak_gflops, 6);
        expect(row.best_matmul_gflops).toBeGreaterThan(0);
        expect(row.share_of_best_matmul).toBeGreaterThan(0);
        expect(row.gigabytes_per_second).toBeCloseTo(bytes / ms / 1e6, 6);
        expect(row.dispatches_per_step).toBeGreaterThanOrEqual(1);
        expect(row.submits_per_step).toBeGreaterThanOrEqual(1);
        expect(row.pipelines).toBeGreaterThanOrEqual(1);
        expect(row.objects_created_per_step).toBe(0); // a recorded plan is replayed
      }
    });

    it('reports a roof above 0', () => {
      const { matmul, ...numbers } = report.roof;
      for (const number of Object.values(numbers)) expect(number).toBeGreaterThan(0);
      expect(matmul).toMatch(/\d+×\d+×\d+/);
    });

    it('divides the time of a step among its kernels', () => {
      for (const phase of PHASES) {
        const kernels = report.kernels.filter((kernel) => kernel.phase === phase);
        expect(kernels.reduce((n, k) => n + k.share_of_step, 0)).toBeCloseTo(1, 9);
        for (const { flops, bytes, ms, gflops, gigabytes_per_second: speed } of kernels) {
          expect(bytes).toBeGreaterThan(0);
          if (gflops !== null) expect(gflops).toBeCloseTo(flops / ms / 1e6, 6);
          if (speed !== null) expect(speed).toBeCloseTo(bytes / ms / 1e6, 6);
        }
      }
    });

    it('says which peers could not take part, and why', () => {
      const [skipped, ...others] = report.skipped;
      expect(others).toEqual([]);
      expect(skipped).toEqual({
        engine: 'tensorflow.js',
        reason: expect.stringMatching(/browser/),
      });
      expect(tableOf(report)).toContain(`without tensorflow.js: ${skipped!.reason}`);
    });

    it('measures and names the forms that were asked for', () => {
      const { forms, calibrated } = report.configs['micro']!;
      expect(forms).toEqual(FORMS);
      expect(calibrated).toBe(false);
      expect(tableOf(report)).toContain('tile quad');
    });

    it('compares packed sequences of mixed length with equal ones', () => {
      const [packing] = report.packing;
      expect(packing!.shortest).toBeLessThan(packing!.longest);
      expect(packing!.ratio).toBeGreaterThan(0);
    });

    it('shows every row in the table and the picture', () => {
      for (const text of [tableOf(report), pictureOf(report)]) {
        expect(text).toContain('micro');
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
      }
    });

    it('draws the shares of every step as a bar of whole width, and writes them', () => {
      const { marks } = drawShares(report.kernels);
      const widths = new Map<string, number>();
      for (const [, x, y, width] of marks
        .join('')
        .matchAll(/<rect x="(.*?)" y="(.*?)" width="(.*?)"/g)) {
        if (Number(x) >= LEFT) widths.set(y!, (widths.get(y!) ?? 0) + Number(width));
      }
      expect(widths.size).toBe(PHASES.length);
      for (const width of widths.values())
        expect(Math.abs(width - (WIDTH - LEFT - 14))).toBeLessThan(1);
      const [slowest] = report.kernels;
      expect(pictureOf(report)).toContain(`>${slowest!.kernel}</text>`);
      expect(pictureOf(report)).toContain(`>${(100 * slowest!.share_of_step).toFixed(1)} %</text>`);
    });
  });

  it('plans the bytes that a size allocates', async () => {
    const none = { batch: [], context: [], width: [], K: [] };
    const options = { forms: { tile: FORMS.tile }, calibrate: false, say: () => {} };
    const { points } = await measureScaling(webgpu, bytesSoFar, options, { ...none, depth: [1] });
    const [point] = points;
    expect(point!.allocated_bytes).toBeGreaterThan(1e6);
    expect(Math.abs(point!.planned_bytes / point!.allocated_bytes - 1)).toBeLessThan(0.01);
    expect(point!.train_ms).toBeGreaterThan(0);
    expect(point!.decode_ms).toBeGreaterThan(0);
  });

  it.each(PHASES)('states the FLOPs that the matrices of a step of %s do', async (phase) => {
    const engine = driftEngine(webgpu, FORMS);
    const job = await engine.open(phase, createWorkload(MICRO));
    await job.run(1);
    const costs = await job.profile!();
    job.close();
    const done = costs
      .filter(({ label }) => !label.startsWith('attention'))
      .reduce((n, { flops = 0 }) => n + flops, 0);
    const { layers: L, channels: C, mlp: F } = MICRO.model;
    const weights = L * (4 * C * C + 3 * C * F) + MICRO.vocabulary * C;
    expect(done).toBe((phase === 'train' ? 6 : 2) * weights * workOf(MICRO, phase).tokens);
  });

  it('finds an engine as fast and as right as itself', async () => {
    const ours = driftEngine(webgpu, FORMS);
    const engines = [ours, { ...ours, name: 'twin' }];
    const work = createWorkload(MICRO);
    const { timings, skipped } = await compare(engines, 'decode', work, SECONDS, callsSoFar, PROBE);
    const [one, other] = timings;
    expect(skipped).toEqual([]);
    expect(other!.difference).toBe(0);
    expect(other!.calls.dispatches).toBe(one!.calls.dispatches);
    expect(one!.stepsPerRound % NEW_TOKENS).toBe(0);
    expect(one!.ratios['twin']! * other!.ratios['drift']!).toBeCloseTo(1, 9);
    const { matmulGflops } = one!;
    expect(matmulGflops).toBeLessThan(PROBE.flops / (PROBE_MS - 1) / 1e6); // timers are late, not early
    expect(matmulGflops).toBeGreaterThan(PROBE.flops / (10 * PROBE_MS) / 1e6);
    let octaves = octavesApart(one!);
    for (let more = 0; octaves >= 1 && more < 5; more++) {
      const again = await compare([ours], 'decode', work, SECONDS, callsSoFar, PROBE);
      octaves = octavesApart(again.timings[0]!);
    }
    expect(octaves).toBeLessThan(1);
  });

  it('leaves out an engine that trains another model, and closes it', async () => {
    const ours = driftEngine(webgpu, FORMS);
    let closed = 0;
    const work = createWorkload(MICRO);
    const losses = async (times: number): Promise<number[]> =>
      Array.from({ length: times }, () => 1);
    const wrong: Engine = {
      name: 'wrong',
      open: async () => ({ run: losses, close: () => void (closed += 1) }),
    };
    const engines = [ours, wrong];
    const { timings, skipped } = await compare(engines, 'train', work, SECONDS, callsSoFar, PROBE);
    expect(timings.map(({ engine }) => engine)).toEqual(['drift']);
    expect(skipped).toEqual([
      {
        engine: 'wrong',
        reason: expect.stringMatching(/^micro, train: .*not train the same model/),
      },
    ]);
    expect(closed).toBe(1);
  });

  it('leaves out a peer that chose another adapter', async () => {
    const named = (description: string): AdapterFacts => ({
      ...{ vendor: 'v', architecture: 'a', device: 'd', description },
    });
    const seen = [named('one')];
    const peers = new Map(
      ['one', 'other'].map((name) => [
        name,
        async () => ({
          name,
          prepare: async () => void seen.push(named(name)),
          open: () => Promise.reject(new Error('not opened here')),
        }),
      ]),
    );
    const names = [...peers.keys()];
    const opened = await openPeers(names, webgpu, () => seen, peers);
    expect(opened.peers.map(({ name }) => name)).toEqual(['one']);
    expect(opened.skipped).toEqual([
      { engine: 'other', reason: 'It chose another adapter: v | a | d | other.' },
    ]);
  });

  describe('roof', () => {
    let gpu: Gpu;
    beforeAll(async () => {
      gpu = await Gpu.open(webgpu);
    });
    afterAll(() => gpu.destroy());

    it.each(['registers', 'shared'] as const)('multiplies matrices right in %s', async (kind) => {
      const [N, K, M] = [256, 32, 128];
      const [a, b] = [normals(1, K * N), normals(2, K * M)];
      const tensors = {
        a: gpu.upload('a', [K, N], a),
        b: gpu.upload('b', [K, M], b),
        y: gpu.upload('y', [N, M], new Float32Array(N * M).fill(NaN)),
      };
      const plan = new Plan(gpu, 'matmul');
      recordRoofMatmul(plan, kind, tensors, { N, K, M });
      await plan.compile();
      await plan.run();
      const expected = Float64Array.from({ length: N * M }, (_, i) => {
        const [n, m] = [Math.floor(i / M), i % M];
        let sum = 0;
        for (let k = 0; k < K; k++) sum += a[k * N + n]! * b[k * M + m]!;
        return sum;
      });
      expect(worstMismatch(await gpu.download(tensors.y), expected, F32)).toBeUndefined();
    });
  });
});

describe('scaling', () => {
  it('expects the bytes that the planner counts, within 3 percent', () => {
    const { vocabulary, context, batch } = MICRO;
    for (const [layers, heads, K, isSoftware] of [
      ...[[2, 4, 64, true] as const, [8, 4, 16, false] as const],
      ...[[2, 16, 256, true] as const, [1, 4, 64, false] as const],
    ]) {
      const model = {
        ...{ ...MICRO.model, layers, channels: 16 * heads, mlp: 48 * heads },
        ...{ heads, kvHeads: heads },
      };
      const config = { ...MICRO, model, context: 8 * context, batch: 4 * batch };
      const tokens = config.batch * config.context;
      const plan = planMemory({
        isSoftware,
        shape: { model, vocabulary, context: config.context },
        train: { tokens, scored: tokens },
        decode: { rows: K, feedTokens: 16, answerTokens: 16 },
        chat: { rows: 1, feedTokens: config.context, answerTokens: 16 },
      });
      expect(Math.abs(runBytes(config, K, isSoftware) / plan.totalBytes - 1)).toBeLessThan(0.03);
    }
  });

  it.each([1, 5])('expects the FLOPs that decoding %i tries of a prompt records', async (K) => {
    const webgpu = await testGpu();
    const gpu = await Gpu.open(webgpu);
    const { layout, params } = createWorkload(MICRO);
    const weights = gpu.upload('parameters', [layout.total], params);
    const tries = { K, prompt: 6, answer: 4 };
    const decoder = await Decoder.create(gpu, shapeOf(MICRO), layout, weights, {
      ...{ rows: K, feedTokens: tries.prompt, answerTokens: tries.answer },
    });
    const tokens = Array.from({ length: tries.prompt }, (_, i) => i);
    const keys = Array.from({ length: K }, (_, k) => k);
    await decoder.turn([{ tokens, position: 0, row: 0, keys }]);
    const { feed, step } = decoder.plans; // attention over the cache states no FLOPs
    const recorded = feed.flops() + (tries.answer - 1) * step.flops();
    gpu.destroy();
    const { layers: L, channels: C } = MICRO.model;
    const keysSeen = 6 * 3.5 + K * (7 + 8 + 9); // 1 + … + 6 of the prompt, then of each try
    expect(answerFlops(MICRO, tries)).toBe(recorded + 4 * L * C * keysSeen);
  });

  const grown = (axis: Axis, power: number): ScalingPoint[] =>
    [10, 20, 40].map((value) => ({
      ...{ axis, value, parameters: 1, decode_ms: 1, train_gflop: value, decode_gflop: value },
      ...{ train_ms: value ** power, planned_bytes: 8 * value, allocated_bytes: 8 * value },
      expected_bytes: 8 * value,
    }));

  it('tells the exponent of growth', () => {
    expect(slope(grown('width', 2), (p) => p.train_ms)).toBeCloseTo(2, 9);
    expect(slope(grown('width', 2), (p) => p.decode_ms)).toBe(0);
  });

  it('finds larger models for more memory, each as large as fits', () => {
    const found = largestModels();
    for (const [i, m] of found.entries()) {
      expect(m.planned_bytes).toBeLessThanOrEqual(m.gigabytes * 2 ** 30);
      if (i % 3 > 0) expect(m.parameters).toBeGreaterThan(found[i - 1]!.parameters);
    }
  });

  it('shows every size in the tables and the picture', () => {
    const points = AXES.flatMap((axis) => grown(axis, 1));
    const base = { batch: 1, context: 1, width: 1, depth: 1, K: 1 };
    const scaling = { base, points, largest: largestModels() };
    for (const text of [scalingTable(scaling), scalingPicture(scaling, 'A & B')]) {
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
      for (const axis of AXES) expect(text).toContain(axis);
    }
  });
});

describe('workload', () => {
  it.each([
    ['tiny', 108_000],
    ['small', 826_000],
    ['base', 5_070_000],
  ])('%s has about %i parameters', (name, parameters) => {
    const { layout } = createWorkload(CONFIGS.get(name)!);
    expect(Math.abs(layout.parameters / parameters - 1)).toBeLessThan(0.01);
  });

  it('keeps every target when it cuts rows into mixed lengths', () => {
    const work = createWorkload(CONFIGS.get('tiny')!);
    const targets = (rows: readonly Int32Array[]): number[] =>
      rows.flatMap((row) => Array.from(row.subarray(1)));
    expect(targets(mixedRows(work))).toEqual(targets(work.rows));
  });
});
