import type { RunConfig } from '../config/runConfig';
import { parseReferenceManifest, type ReferenceEntry } from '../formats/referenceManifest';
import { parseSafetensors } from '../formats/safetensors';
import { paramLayout, type ModelShape } from '../model/params';
import { PlaygroundError } from '../shared/errors';
import { sha256 } from '../shared/sha256';
import { taskNamed } from '../data/tasks/registry';
import { modelShape, paramsOf } from './modelTensors';

/** Reads a file that lies beside the manifest. */
export type ReadReferenceFile = (name: string) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Loads the ready-made reference for a task and model: parameters [P].
 *
 * @throws PlaygroundError 'reference-missing' when none has this shape, 'file-invalid' for a damaged one.
 */
export async function loadShippedReference(
  read: ReadReferenceFile,
  { task, model }: Pick<RunConfig, 'task' | 'model'>,
): Promise<Float32Array<ArrayBuffer>> {
  const text = new TextDecoder().decode(await read('manifest.json'));
  const entry = parseReferenceManifest(text).entries.find(
    (e) => e.task === task && sameModel(e.model, model),
  );
  if (!entry) {
    throw new PlaygroundError(
      'reference-missing',
      `No ready-made reference for ${task} has this model's shape; set reference.source to "pretrain" to make one here.`,
      { task },
    );
  }
  const bytes = await read(entry.file);
  await expectIntact(entry, bytes);
  return readParams(modelShape(taskNamed(task), model), bytes, entry.file);
}

/** Parameters [P] from a safetensors file of exactly this model's tensors. */
function readParams(shape: ModelShape, bytes: Uint8Array, file: string): Float32Array<ArrayBuffer> {
  const layout = paramLayout(shape);
  const { tensors } = parseSafetensors(bytes, file);
  for (const { name, shape: expected } of layout.views) {
    const actual = tensors.get(name)?.shape;
    if (actual?.join() === expected.join()) continue;
    throw new PlaygroundError(
      'file-invalid',
      `${file}: ${name} is ${actual ? `[${actual}]` : 'missing'}, expected [${expected}].`,
      { file, name },
    );
  }
  return paramsOf(shape, tensors);
}

const sameModel = (a: RunConfig['model'], b: RunConfig['model']): boolean =>
  (Object.keys(b) as (keyof RunConfig['model'])[]).every((key) => a[key] === b[key]);

async function expectIntact(entry: ReferenceEntry, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const hash = await sha256(bytes);
  if (hash === entry.sha256) return;
  throw new PlaygroundError(
    'file-invalid',
    `The reference ${entry.file} is damaged: its hash is not the manifest's; reload the page.`,
    { file: entry.file, expected: entry.sha256, actual: hash },
  );
}
