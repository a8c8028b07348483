import { z } from 'zod';
import { RunConfig, Task } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import { firstIssue } from './firstIssue';

const MAX_REFERENCE_BYTES = 256 * 2 ** 20;

const Share = z.number().min(0).max(1);

const Reference = z.strictObject({
  task: Task,
  /** A safetensors file beside the manifest; a plain name, so that it leads nowhere else. */
  file: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}\.safetensors$/),
  model: RunConfig.shape.model.unwrap(),
  seed: RunConfig.shape.seed.unwrap(), // of the pretraining
  corpus: z.strictObject({
    steps: z.int().min(1),
    batch: z.int().min(1), //  dialogues per step
    tokens: z.int().min(1), // through the trunk, all steps
  }),
  adapter: z.string().min(1).max(200), // that computed it; the same one computes the same file again
  firstTurnSuccess: z.strictObject({ greedy: Share, sampled: Share }), // held-out prompts
  sha256: z.string().regex(/^[0-9a-f]{64}$/), // of the file
  bytes: z.int().min(1).max(MAX_REFERENCE_BYTES),
});
/** One ready-made reference policy. */
export type ReferenceEntry = z.infer<typeof Reference>;

const Manifest = z.strictObject({ version: z.literal(1), entries: z.array(Reference).max(100) });
/** public/references/manifest.json */
export type ReferenceManifest = z.infer<typeof Manifest>;

/** @throws PlaygroundError 'file-invalid' naming the key. */
export function parseReferenceManifest(text: string): ReferenceManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PlaygroundError('file-invalid', 'The reference manifest is not JSON.', {}, { cause });
  }
  const parsed = Manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const { where, what } = firstIssue(parsed.error);
  throw new PlaygroundError(
    'file-invalid',
    `The reference manifest cannot be used: ${where}: ${what}.`,
    { where },
  );
}
