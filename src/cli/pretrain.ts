import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PRESETS } from '../config/presets';
import { evaluationTurns, type RunConfig } from '../config/runConfig';
import type { Evaluation } from '../data/results';
import { taskNamed } from '../data/tasks/registry';
import {
  parseReferenceManifest,
  type ReferenceEntry,
  type ReferenceManifest,
} from '../formats/referenceManifest';
import { encodeSafetensors } from '../formats/safetensors';
import { PlaygroundError } from '../shared/errors';
import { sha256 } from '../shared/sha256';
import { modelShape, tensorsOf } from '../training/modelTensors';
import { openDawn, type Host } from './dawn';
import { openEngine } from './engine';
import { readInputText, writeFileAtomic } from './files';
import { Interrupt } from './interrupt';
import { modelFiles } from './modelFolder';
import { configOf, type RunFlags } from './options';
import { RunFolder } from './runFolder';

export interface PretrainFlags extends RunFlags {
  readonly out?: string;
  readonly ship?: string;
  readonly force?: boolean;
}

/** Pretrains a reference on scripted dialogues and writes it as a model folder, or to be shipped. */
export async function pretrain(
  task: string | undefined,
  flags: PretrainFlags,
  host: Host,
): Promise<void> {
  const set = [...(task === undefined ? [] : [`task=${task}`]), ...flags.set];
  const named = flags.preset ?? PRESETS.find((p) => p.task === task)?.name;
  const { config: asked, preset } = configOf({ ...flags, ...(named && { preset: named }), set });
  const config: RunConfig = { ...asked, reference: { ...asked.reference, source: 'pretrain' } };
  const { out, ship } = flags;
  if (out === undefined && ship === undefined) {
    throw new PlaygroundError('config-invalid', 'pretrain needs --out DIR.');
  }
  const manifest = ship === undefined ? undefined : await readManifest(ship);
  await openDawn(host); // before there is a folder
  const folder = out === undefined ? undefined : await RunFolder.open(out, flags.force === true);
  let tokens = 0;
  const engine = await openEngine(host, undefined, async (event) => {
    if (event.kind !== 'step') return;
    tokens += event.report.tokens;
    await folder?.begin(config, preset.name);
    folder?.addStep('pretrain', event.report);
  });
  const { session, rollouts } = engine;
  const interrupt = new Interrupt(() => void session.pause());
  try {
    const { adapter } = await session.prepare(config);
    const params = session.reference!;
    const { seed, eval: evaluation } = config;
    const { split, prompts } = evaluation;
    const turns = evaluationTurns(config);
    const result = await rollouts.evaluate({ seed, split, prompts, turns, step: 0 });
    folder?.addEvaluation(result);
    await folder?.writeCheckpoint(modelFiles(config, params));
    if (ship !== undefined && manifest) {
      const made = { params, tokens, adapter: adapter.name, ...result };
      await shipReference(ship, manifest, config, made);
    }
  } catch (cause) {
    if (!(cause instanceof PlaygroundError) || cause.code !== 'aborted') throw cause;
    await folder?.discard();
    throw new PlaygroundError(
      'aborted',
      'Stopped before the reference was pretrained; none is kept.',
    );
  } finally {
    interrupt.close();
    await engine.close();
    await folder?.close();
  }
}

const MANIFEST = 'manifest.json';

async function readManifest(folder: string): Promise<ReferenceManifest> {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return { version: 1, entries: [] };
  return parseReferenceManifest(await readInputText(path));
}

interface Pretrained extends Pick<Evaluation, 'greedy' | 'sampled'> {
  readonly params: Float32Array<ArrayBuffer>; // [P]
  readonly tokens: number; // through the trunk
  readonly adapter: string;
}

/** Puts a reference among those that come with the page, in place of the task's former one. */
async function shipReference(
  folder: string,
  manifest: ReferenceManifest,
  { task, model, seed, reference: { steps, batch } }: RunConfig,
  { params, tokens, adapter, greedy, sampled }: Pretrained,
): Promise<void> {
  const tensors = tensorsOf(modelShape(taskNamed(task), model), params);
  const bytes = encodeSafetensors(tensors, { format: 'pt' });
  const entry: ReferenceEntry = {
    task,
    file: `${task}.safetensors`,
    model,
    seed,
    corpus: { steps, batch, tokens },
    adapter,
    firstTurnSuccess: { greedy: greedy.success[0]!, sampled: sampled.success[0]! },
    sha256: await sha256(bytes),
    bytes: bytes.length,
  };
  const others = manifest.entries.filter((e) => e.file !== entry.file);
  const entries = [...others, entry].sort((a, b) => a.file.localeCompare(b.file));
  const text = `${JSON.stringify({ version: manifest.version, entries }, null, 2)}\n`;
  await writeFileAtomic(join(folder, entry.file), bytes);
  await writeFileAtomic(join(folder, MANIFEST), text);
}
