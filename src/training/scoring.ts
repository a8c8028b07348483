import type { RunConfig } from '../config/runConfig';
import type { Task } from '../data/task';
import { Gpu } from '../gpu/gpu';
import { Readback } from '../gpu/readback';
import { paramLayout } from '../model/params';
import { Transformer } from '../model/transformer';
import { capacitiesOf } from './memory';
import { scoreRows } from './score';

/**
 * Log-probability in nats of every token but the first of each sequence, under the given parameters.
 *
 * @param params [P]
 * @param sequences at most the task's context long, at least one token
 */
export async function scoreSequences(
  webgpu: GPU | undefined,
  config: RunConfig,
  task: Task,
  params: Float32Array<ArrayBuffer>,
  sequences: readonly (readonly number[])[],
): Promise<Float32Array<ArrayBuffer>[]> {
  const gpu = await Gpu.open(webgpu);
  try {
    const { shape, train } = capacitiesOf(config, task, gpu.isSoftware);
    const layout = paramLayout(shape);
    const tensor = gpu.upload('parameters', [layout.total], params);
    const transformer = await Transformer.create(gpu, shape, layout, tensor, train);
    const nll = new Readback(gpu, [transformer.tensors.scored.nll], 1);
    const offsets = new Int32Array(sequences.length + 1);
    sequences.forEach((tokens, i) => (offsets[i + 1] = offsets[i]! + tokens.length));
    const tokens = Int32Array.from(sequences.flat());
    const trained = new Uint8Array(tokens.length).fill(1);
    for (const first of offsets.subarray(0, -1)) trained[first] = 0; // nothing predicts it
    const rows = sequences.flatMap((sequence, r) => (sequence.length > 1 ? [r] : []));
    const logp = await scoreRows(transformer, nll, { offsets, tokens, trained }, rows);
    return sequences.map((_, r) => logp.slice(offsets[r]! - r, offsets[r + 1]! - r - 1));
  } finally {
    gpu.destroy();
  }
}
