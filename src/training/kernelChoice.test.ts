import { expect, it } from 'vitest';
import type { Calibration } from '../data/results';
import { chooseKernels } from './kernelChoice';

const MEASURED: Calibration = {
  ...{ adapter: 'a', version: 1, at: '2026-01-01T00:00:00Z' },
  ...{ tile: 'wide', reduce: 'subgroups', store: 'f16' },
  ...{ tileMs: { invocation: 2, wide: 1, workgroup: 3 }, reduceMs: { tree: 2, subgroups: 1 } },
  storeMs: { f32: 2, f16: 1 },
};
const AUTO = { tile: 'auto', reduce: 'auto', store: 'auto' } as const;
const HARD = { isSoftware: false, hasSubgroups: true };
const SOFT = { isSoftware: true, hasSubgroups: true };
const BARE = { isSoftware: true, hasSubgroups: false };

it.each([
  ['a GPU', HARD, undefined, 'workgroup usual, tree usual'],
  ['a measured GPU', HARD, MEASURED, 'wide measured, subgroups measured'],
  ['a software adapter', SOFT, undefined, 'wide usual, serial usual'],
  ['one without subgroups', BARE, undefined, 'invocation usual, serial usual'],
  ['a measured one', SOFT, MEASURED, 'wide measured, subgroups measured'],
] as const)('%s', (_, adapter, measured, expected) => {
  const { tile, tileFrom, reduce, reduceFrom } = chooseKernels(AUTO, adapter, measured);
  expect(`${tile} ${tileFrom}, ${reduce} ${reduceFrom}`).toBe(expected);
});

it('takes what is set before all else', () => {
  const set = { tile: 'workgroup', reduce: 'auto', store: 'f32' } as const;
  expect(chooseKernels(set, SOFT, MEASURED)).toEqual({
    ...{ tile: 'workgroup', tileFrom: 'set' },
    ...{ reduce: 'subgroups', reduceFrom: 'measured' },
    ...{ store: 'f32', storeFrom: 'set' },
  });
});
