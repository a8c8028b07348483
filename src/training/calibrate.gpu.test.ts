import { beforeAll, describe, expect, it } from 'vitest';
import type { Calibration } from '../data/results';
import { testGpu } from '../kernels/testing/testGpu';
import { best, calibrate, KERNELS_VERSION } from './calibrate';
import type { ReduceVariant } from '../shared/kernelForms';
import { openLab } from './testing/lab';
import { TINY, TINY_CAPACITIES } from './testing/tiny';

describe('calibration', () => {
  let measured: Calibration;
  beforeAll(async () => {
    measured = await calibrate(await testGpu(), TINY_CAPACITIES);
  });

  it('times every form that the adapter has', () => {
    const { tileMs, reduceMs, storeMs } = measured;
    expect(Object.keys(tileMs)).toEqual(expect.arrayContaining(['invocation', 'wide']));
    expect(Object.keys(reduceMs)).toEqual(expect.arrayContaining(['tree', 'serial']));
    expect(Object.keys(storeMs)).toEqual(['f32', 'f16']);
    for (const ms of Object.values({ ...tileMs, ...reduceMs, ...storeMs })) {
      expect(ms).toBeGreaterThan(0);
    }
    expect(Date.now() - Date.parse(measured.at)).toBeLessThan(60_000);
  });

  it('chooses the quickest, and the usual one unless another is clearly quicker', () => {
    expect(best(measured.tileMs, 'wide')).toBe(measured.tile);
    expect(best(measured.reduceMs, 'serial')).toBe(measured.reduce);
    expect(best(measured.storeMs, 'f32')).toBe(measured.store);
    expect(best({ tree: 1, subgroups: 0.94, serial: 2 }, 'tree')).toBe('subgroups');
    expect(best({ tree: 1, subgroups: 0.96, serial: 2 }, 'tree')).toBe('tree');
    expect(best<ReduceVariant>({ serial: 2 }, 'tree')).toBe('serial');
  });
});

it('of a GPU times workgroup tiles, gradients of attention and decoding too', async () => {
  const measured = await calibrate(await testGpu(), { ...TINY_CAPACITIES, isSoftware: false });

  expect(Object.keys(measured.tileMs)).toEqual(expect.arrayContaining(['workgroup', 'quad']));
  for (const ms of Object.values({ ...measured.tileMs, ...measured.reduceMs })) {
    expect(ms).toBeGreaterThan(0);
  }
});

it('of a session decide its bits, whether they were set or measured', async () => {
  const lab = await openLab();
  const run = async (engine = TINY.engine): Promise<string> =>
    (await lab.session.run({ ...TINY, engine })).weightsHash;
  const usual = await run();
  const { adapter, calibration: none } = await lab.session.prepare(TINY);
  expect(none).toBeUndefined(); // a software adapter is measured when asked for
  const half = await run({ ...TINY.engine, store: 'f16' });
  const set = await run({ ...TINY.engine, reduce: 'tree', store: 'f16' });

  const measured: Calibration = {
    ...{ adapter: adapter.name, version: KERNELS_VERSION, at: '2026-01-01T00:00:00Z' },
    ...{ tile: 'wide', reduce: 'tree', store: 'f16' },
    ...{ tileMs: { invocation: 2, wide: 1 }, reduceMs: { tree: 1, serial: 2 } },
    storeMs: { f32: 2, f16: 1 },
  };
  lab.session.adoptCalibration(measured);
  lab.session.adoptCalibration({ ...measured, version: 99, reduce: 'serial' }); // of other kernels
  const kept = await run();
  const { calibration, adapter: after } = await lab.session.prepare(TINY);

  expect(calibration).toEqual(measured);
  expect(after.kernels).toMatchObject({
    tileFrom: 'measured',
    store: 'f16',
    storeFrom: 'measured',
    reduce: 'tree',
    reduceFrom: 'measured',
  });
  expect(new Set([usual, half, set]).size).toBe(3);
  expect(kept).toBe(set);
  // Other forms sample anew; the same forms keep what there is.
  expect(lab.events.filter(({ kind }) => kind === 'trajectories')).toHaveLength(3);
  await lab.close();
});
