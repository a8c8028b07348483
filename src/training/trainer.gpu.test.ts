import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/gpu';
import { relativeDistance } from '../kernels/testing/close';
import { openTestGpu } from '../kernels/testing/testGpu';
import { TINY, tinyRows, tinyTrainer } from './testing/tiny';
import type { StepRows, Trainer } from './trainer';

const ROWS = tinyRows(8);
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

/** The given rows, each with one coefficient for all its tokens. */
const step = (coefficients: readonly number[], rows: readonly number[] = ALL): StepRows => {
  const spans = rows.map((r) => [ROWS.offsets[r]!, ROWS.offsets[r + 1]!] as const);
  const offsets = new Int32Array(rows.length + 1);
  spans.forEach(([from, to], i) => (offsets[i + 1] = offsets[i]! + to - from));
  const tokens = Int32Array.from(spans.flatMap((span) => [...ROWS.tokens.subarray(...span)]));
  const trained = Uint8Array.from(spans.flatMap((span) => [...ROWS.trained.subarray(...span)]));
  const coefficient = new Float64Array(tokens.length);
  coefficients.forEach((c, i) => coefficient.fill(c, offsets[i], offsets[i + 1]));
  return { from: { offsets, tokens, trained }, coefficient };
};
const EVEN = step(ALL.map(() => 1 / 40));

describe('trainer', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  /** The summed gradient of one step. */
  async function gradient(trainer: Trainer, work: StepRows): Promise<Float32Array> {
    const { report } = await trainer.submit(work, 0);
    await report;
    return gpu.download(trainer.optimizer.tensors.grad);
  }

  it('has the same gradient at micro-batches of 1, 2, 4 and 8 rows', async () => {
    const longest = Math.max(...ALL.map((r) => ROWS.offsets[r + 1]! - ROWS.offsets[r]!));
    const gradients: Float32Array[] = [];
    for (const rows of [8, 4, 2, 1]) {
      const trainer = await tinyTrainer(gpu, rows * longest);
      gradients.push(await gradient(trainer, EVEN));
      trainer.destroy();
    }
    for (const some of gradients.slice(1)) {
      expect(relativeDistance(some, gradients[0]!)).toBeLessThan(1e-5); // float32 sums in another order
    }
  });

  it('gives rows of coefficient 0 no gradient, and is linear in the coefficients', async () => {
    const trainer = await tinyTrainer(gpu);
    const alone = await gradient(trainer, step([0.5], [3]));
    const beside = await gradient(trainer, step([0, 0, 0, 0.5, 0, 0, 0, 0]));
    const threefold = await gradient(trainer, step([1.5], [3]));
    const none = await gradient(trainer, step(ALL.map(() => 0)));
    expect(none.every((x) => x === 0)).toBe(true);
    expect(relativeDistance(beside, alone)).toBeLessThan(1e-5);
    expect(
      relativeDistance(
        threefold,
        alone.map((x) => 3 * x),
      ),
    ).toBeLessThan(1e-5);
    trainer.destroy();
  });

  it('counts a step once its update is submitted, and not while its kernels compile', async () => {
    const trainer = await tinyTrainer(gpu);
    const submitted = trainer.submit(EVEN, 1e-2);
    expect(trainer.step).toBe(0);
    await submitted;
    expect(trainer.step).toBe(1);
    trainer.destroy();
  });

  it('ends two runs of the same steps in the same bits', async () => {
    const ends: Float32Array[] = [];
    for (let run = 0; run < 2; run++) {
      const trainer = await tinyTrainer(gpu);
      for (let i = 0; i < 5; i++) await (await trainer.submit(EVEN, 1e-2)).report;
      ends.push(await trainer.snapshot());
      trainer.destroy();
    }
    expect(ends[1]).toEqual(ends[0]);
  });

  it('ends in the same bits whenever better kernels take over', async () => {
    const ends: Float32Array[] = [];
    for (const [tile, refined] of [
      ['small', Infinity],
      ['quad', 0],
      ['wide', 2],
    ] as const) {
      const device = await openTestGpu({ tile });
      const trainer = await tinyTrainer(device);
      const running = (): string => trainer.gradient.plan.variants.tile;
      expect(running()).toBe('small');
      for (let i = 0; i < 4; i++) {
        if (i === refined) await trainer.gradient.refine();
        await (
          await trainer.submit(EVEN, 1e-2)
        ).report;
        if (i >= refined) expect(running()).toBe(tile);
      }
      ends.push(await trainer.snapshot());
      trainer.destroy();
      device.destroy();
    }
    for (const end of ends) expect(end).toEqual(ends[0]);
  });

  it('takes kernels that run quicker by itself, once they are compiled', async () => {
    const wide = await openTestGpu({ tile: 'wide' });
    const trainer = await tinyTrainer(wide);
    trainer.gradient.worthFlops = { quad: 1, wide: Infinity };
    const tiles = new Set<string>();
    do {
      await (
        await trainer.submit(EVEN, 1e-2)
      ).report;
      tiles.add(trainer.gradient.plan.variants.tile);
    } while (!tiles.has('quad'));
    expect([...tiles]).toEqual(['small', 'quad']);
    trainer.destroy();
    wide.destroy();
  });

  it('goes on from a saved state as if it had never stopped', async () => {
    const whole = await tinyTrainer(gpu);
    for (let i = 0; i < 3; i++) await (await whole.submit(EVEN, 1e-2)).report;
    const params = await whole.snapshot();
    const state = await whole.optimizer.save();
    for (let i = 0; i < 3; i++) await (await whole.submit(EVEN, 1e-2)).report;

    const resumed = await tinyTrainer(gpu);
    resumed.load(params);
    resumed.optimizer.restore(state);
    for (let i = 0; i < 3; i++) await (await resumed.submit(EVEN, 1e-2)).report;
    expect(await resumed.snapshot()).toEqual(await whole.snapshot());
    whole.destroy();
    resumed.destroy();
  });

  it('is as it was after its step has been profiled', async () => {
    const trainer = await tinyTrainer(gpu);
    const { report } = await trainer.submit(EVEN, 1e-2);
    const { flops } = await report;
    const { params, optimizer } = await trainer.checkpoint();
    const costs = await trainer.profile();
    expect(flops).toBeGreaterThan(0);
    expect(costs.reduce((sum, cost) => sum + (cost.flops ?? 0), 0)).toBe(flops);
    expect(costs.map(({ label }) => label)).toContain('adamw_step');
    expect(costs.every(({ ms }) => ms >= 0)).toBe(true);
    expect(await trainer.checkpoint()).toEqual({ step: 1, params, optimizer });
    trainer.destroy();
  });

  it('stops at the last good parameters when the gradient is no number', async () => {
    const trainer = await tinyTrainer(gpu);
    await (
      await trainer.submit(EVEN, 1e-2)
    ).report;
    const good = await trainer.snapshot();
    const failure = { code: 'non-finite-loss', facts: { step: 2 } };
    const { report: bad } = await trainer.submit(step(ALL.map(() => NaN)), 1e-2);
    const { report: tooLate } = await trainer.submit(EVEN, 1e-2);
    await expect(bad).rejects.toMatchObject(failure);
    await expect(tooLate).rejects.toMatchObject(failure);
    await expect(trainer.submit(EVEN, 1e-2)).rejects.toMatchObject(failure);
    expect(await trainer.snapshot()).toEqual(good);
    expect(trainer.step).toBe(1);
    trainer.destroy();
  });

  it('takes one submit and few dispatches a step', async () => {
    const trainer = await tinyTrainer(gpu);
    await (
      await trainer.submit(EVEN, 1e-2)
    ).report;
    expect(trainer.gradient.submits).toBe(1);
    const { layers } = TINY.model;
    const dispatches = trainer.gradient.plan.dispatches + trainer.optimizer.dispatches;
    expect(dispatches).toBeLessThanOrEqual(10 + 15 * layers);
    trainer.destroy();
  });

  it('creates nothing while steps are repeated', async () => {
    const trainer = await tinyTrainer(gpu);
    await (
      await trainer.submit(EVEN, 1e-2)
    ).report;
    const before = gpu.objectsCreated;
    for (let i = 0; i < 3; i++) await (await trainer.submit(EVEN, 1e-2)).report;
    expect(gpu.objectsCreated).toBe(before);
    trainer.destroy();
  });

  it('learns the rows by heart', async () => {
    const trainer = await tinyTrainer(gpu);
    const first = await (await trainer.submit(EVEN, 1e-2)).report;
    let last = first;
    for (let i = 0; i < 60; i++) last = await (await trainer.submit(EVEN, 1e-2)).report;
    expect(last.nll).toBeLessThan(0.6 * first.nll);
    trainer.destroy();
  });

  it('frees what it allocated', async () => {
    const before = gpu.liveBytes;
    (await tinyTrainer(gpu)).destroy();
    expect(gpu.liveBytes).toBe(before);
  });
});
