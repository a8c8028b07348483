import { expect, it } from 'vitest';
import type { TileVariant } from '../shared/kernelForms';
import { composeModule, workgroupSizeOf, type KernelSpec } from './compose';

const BODY = `fn main() {
  for (var d = 0u; d < TURNS; d++) { // unrolled once
    load(d);
  }
  for (var d = 0u; d < TURNS; d++) { // unrolled
    add(d);
  }
}`;
const SPEC: KernelSpec = { label: 'test', body: BODY, libs: ['keys'] };

const forms = { reduce: 'tree', store: 'f32', isSoftware: true } as const;
const textOf = (tile: TileVariant, TURNS: number): string =>
  composeModule(SPEC, { ...forms, tile }, { TURNS });

it.each(['invocation', 'workgroup'] as const)(
  '%s: a GPU gets every short loop written out',
  (tile) => {
    const text = textOf(tile, 2);
    for (const call of ['load(0u);', 'load(1u);', 'add(0u);', 'add(1u);'])
      expect(text).toContain(call);
    expect(text).not.toContain('for (var d');
  },
);

it('quad: what runs once per invocation stays a loop', () => {
  const text = textOf('quad', 2);
  for (const call of ['load(d);', 'add(0u);', 'add(1u);']) expect(text).toContain(call);
  expect(text).not.toContain('add(d);');
});

it.each([
  [4, 4, false],
  [8, 4, true],
])('wide: what runs once, %d times %d turns, stays loops: %s', (ROWS, D4, stays) => {
  const nested = `fn main() {
  for (var r = 0u; r < ROWS; r++) { // unrolled once
    begin(r);
    for (var d = 0u; d < D4; d++) { // unrolled once
      load(r, d);
    }
  }
  for (var d = 0u; d < D4; d++) { // unrolled
    add(d);
  }
}`;
  const text = composeModule({ ...SPEC, body: nested }, { ...forms, tile: 'wide' }, { ROWS, D4 });
  expect(text).toContain('add(3u);');
  expect(text.includes('begin(r);')).toBe(stays);
  expect(text.includes('load(r, d);')).toBe(stays);
  expect(text.includes('load(3u, 3u);')).toBe(!stays);
  expect(text).not.toContain('unrolled');
});

it.each(['workgroup', 'quad'] as const)('%s: long loops stay loops', (tile) => {
  const text = textOf(tile, 17);
  for (const call of ['load(d);', 'add(d);']) expect(text).toContain(call);
  expect(text).not.toContain('unrolled');
});

it('a library is written out like a body', () => {
  const spec: KernelSpec = { label: 'test', body: BODY, libs: ['blocks'] };
  const text = composeModule(
    spec,
    { tile: 'workgroup', reduce: 'tree', store: 'f32', isSoftware: false },
    { TURNS: 1, ROWS: 3 },
  );
  expect(text).toContain('sums[2u] += ');
  expect(text).not.toContain('// unrolled');
});

it('workgroups are small on software adapters only, for the forms made for them', () => {
  const rows: KernelSpec = { label: 'rows', body: BODY, libs: ['reduce'] };
  const quads = { ...forms, tile: 'quad' } as const;
  const serial = { ...forms, tile: 'workgroup', reduce: 'serial' } as const;

  expect(workgroupSizeOf(SPEC, quads)).toBe(16);
  expect(workgroupSizeOf(rows, serial)).toBe(16);
  expect(workgroupSizeOf(rows, quads)).toBe(64);
  expect(workgroupSizeOf(SPEC, serial)).toBe(64);
  expect(workgroupSizeOf(SPEC, { ...quads, isSoftware: false })).toBe(64);
  expect(workgroupSizeOf(rows, { ...serial, isSoftware: false })).toBe(64);
});
