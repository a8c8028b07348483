import { expect, it } from 'vitest';
import type { Calibration } from '../data/results';
import { chooseKernels } from './kernelChoice';

const MEASURED: Calibration = {
  ...{ adapter: 'a', version: 1, at: '2026-01-01T00:00:00Z' },
  ...{ tile: 'wide', reduce: 'subgroups' },
  ...{ tileMs: { invocation: 2, wide: 1, workgroup: 3 }, reduceMs: { tree: 2, subgroups: 1 } },
};
const AUTO = { tile: 'auto', reduce: 'auto' } as const;
const HARD = { isSoftware: false };
const SOFT = { isSoftware: true };

it.each([
  ['a GPU', HARD, false, undefined, 'workgroup usual, tree usual'],
  ['a GPU, brief work', HARD, true, undefined, 'workgroup usual, tree usual'],
  ['a measured GPU', HARD, true, MEASURED, 'wide measured, subgroups measured'],
  ['a software adapter', SOFT, false, undefined, 'wide usual, serial usual'],
  ['a software adapter, brief work', SOFT, true, undefined, 'invocation brief, serial usual'],
  ['a measured one, brief work', SOFT, true, MEASURED, 'invocation brief, subgroups measured'],
] as const)('%s', (_, adapter, isBrief, measured, expected) => {
  const { tile, tileFrom, reduce, reduceFrom } = chooseKernels(AUTO, adapter, isBrief, measured);
  expect(`${tile} ${tileFrom}, ${reduce} ${reduceFrom}`).toBe(expected);
});

it('takes what is set before all else', () => {
  const set = { tile: 'workgroup', reduce: 'auto' } as const;
  expect(chooseKernels(set, SOFT, true, MEASURED)).toEqual({
    ...{ tile: 'workgroup', tileFrom: 'set' },
    ...{ reduce: 'subgroups', reduceFrom: 'measured' },
  });
});
