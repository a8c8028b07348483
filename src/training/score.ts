import type { Readback } from '../gpu/readback';
import type { Transformer } from '../model/transformer';
import { microBatches, packBatch, type PackedRows } from './batches';

/**
 * Log-probability in nats of every trained token of the rows, in order, under the transformer's
 * parameters. `nll` reads back its `scored.nll`.
 */
export async function scoreRows(
  transformer: Transformer,
  nll: Readback,
  from: PackedRows,
  rows: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const { N } = transformer.tensors;
  const parts: Float32Array[] = [];
  for (const part of microBatches(from.offsets, rows, N.capacity)) {
    await transformer.score(packBatch(from, part, transformer.shape.vocabulary));
    parts.push(new Float32Array((await nll.read())[0]!));
  }
  const logp = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    part.forEach((value, i) => (logp[at + i] = -value));
    at += part.length;
  }
  return logp;
}
