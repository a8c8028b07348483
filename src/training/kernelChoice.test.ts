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

const LONG = { sampling: false, training: false };
const BRIEF = { sampling: true, training: true };

it.each([
  ['a GPU', HARD, LONG, undefined, 'workgroup usual, tree usual'],
  ['a GPU, brief work', HARD, BRIEF, undefined, 'workgroup usual, tree usual'],
  ['a measured GPU', HARD, BRIEF, MEASURED, 'wide measured, subgroups measured'],
  ['a software adapter', SOFT, LONG, undefined, 'wide usual, serial usual'],
  ['a software adapter, brief work', SOFT, BRIEF, undefined, 'invocation brief, serial usual'],
  ['a measured one, brief work', SOFT, BRIEF, MEASURED, 'invocation brief, subgroups measured'],
] as const)('%s', (_, adapter, isBrief, measured, expected) => {
  const { tile, tileFrom, reduce, reduceFrom } = chooseKernels(AUTO, adapter, isBrief, measured);
  expect(`${tile} ${tileFrom}, ${reduce} ${reduceFrom}`).toBe(expected);
});

it('takes what is set before all else', () => {
  const set = { tile: 'workgroup', reduce: 'auto' } as const;
  expect(chooseKernels(set, SOFT, BRIEF, MEASURED)).toEqual({
    ...{ tile: 'workgroup', tileFrom: 'set' },
    ...{ reduce: 'subgroups', reduceFrom: 'measured' },
  });
});

it('samples with small tiles what trains for long after brief sampling', () => {
  const mixed = { sampling: true, training: false };
  expect(chooseKernels(AUTO, SOFT, mixed, undefined)).toMatchObject({
    ...{ tile: 'wide', tileFrom: 'usual', samplingTile: 'invocation' },
  });
  expect(chooseKernels(AUTO, HARD, mixed, MEASURED)).not.toHaveProperty('samplingTile');
});
