import { expect, it } from 'vitest';
import { soon, stagesOf, type Forms, type TileVariant } from './kernelForms';

const forms = (tile: TileVariant, isSoftware = true): Forms => ({
  ...{ reduce: 'serial', store: 'f32', isSoftware, tile },
});

it.each([
  ['invocation', ['invocation']],
  ['small', ['small']],
  ['quad', ['small', 'quad']],
  ['wide', ['small', 'quad', 'wide']],
  ['workgroup', ['workgroup']],
] as const)('on a software adapter %s is reached by %s', (tile, stages) => {
  expect(stagesOf(forms(tile))).toEqual(stages.map((stage) => forms(stage)));
});

it('on a GPU, where bits of two forms may differ, none stands in for another', () => {
  for (const tile of ['quad', 'wide', 'workgroup'] as const) {
    expect(stagesOf(forms(tile, false))).toEqual([forms(tile, false)]);
    expect(soon(forms(tile, false))).toEqual(forms(tile, false));
  }
  expect(soon(forms('wide'))).toEqual(forms('quad'));
});
