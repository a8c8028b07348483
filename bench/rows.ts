import type { StepRows } from '../src/training/trainer';

/** Token rows as one training step in which every token but a row's first is trained alike. */
export function packedRows(rows: readonly Int32Array[]): StepRows {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const tokens = new Int32Array(offsets.at(-1)!);
  rows.forEach((row, i) => tokens.set(row, offsets[i]));
  const targets = tokens.length - rows.length;
  return {
    from: { offsets, tokens, trained: new Uint8Array(tokens.length).fill(1) },
    coefficient: new Float64Array(tokens.length).fill(1 / targets),
  };
}
