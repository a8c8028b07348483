import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { evaluationTurns, type RunConfig } from '../config/runConfig';
import type { Task } from '../data/task';
import { taskNamed } from '../data/tasks/registry';
import { encodeEval } from '../formats/evalJson';
import { PlaygroundError } from '../shared/errors';
import { openDawn, type Host } from './dawn';
import { openEngine, shippedReference, withGivenReference } from './engine';
import { openOutputFolder, writeFileAtomic } from './files';
import { readModelFolder, withModel, type LoadedModel } from './modelFolder';
import { configOf, withSettings, type RunFlags } from './options';
import { FILES } from './runFolder';

export interface EvaluateFlags extends RunFlags {
  readonly checkpoint: string;
  readonly reference?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** Evaluates a checkpoint and its reference on held-out prompts and writes eval.json. */
export async function evaluate(flags: EvaluateFlags, host: Host): Promise<void> {
  const { checkpoint, force = false } = flags;
  const policy = await readModelFolder(checkpoint);
  const { preset, config: asked } =
    policy.state && flags.preset === undefined
      ? { preset: undefined, config: withSettings(policy.state.config, flags) }
      : configOf(flags);
  const config = withGivenReference(withModel(asked, flags.set, policy));
  const task = taskNamed(config.task);
  const params = policy.params(task);
  const reference = await referenceOf(host, policy, asked, task, flags.reference);
  const out = flags.out ?? checkpoint;
  if (flags.out !== undefined) await openOutputFolder(out, force);
  else if (!force && existsSync(join(out, FILES.evaluation))) {
    throw new PlaygroundError(
      'config-invalid',
      `${out} already holds eval.json; name another folder with --out, or add --force to write over it.`,
    );
  }
  await openDawn(host);
  const engine = await openEngine(host, reference, () => {});
  try {
    const { adapter } = await engine.session.prepare(config);
    const begun = performance.now();
    const { seed, eval: evaluation } = config;
    const { split, prompts } = evaluation;
    const step = policy.state?.step ?? 0;
    const request = { seed, split, prompts, turns: evaluationTurns(config), step };
    engine.progress.update('evaluate', 0, 2, undefined);
    const ofReference = await engine.rollouts.evaluate(request);
    engine.progress.update('evaluate', 1, 2, (performance.now() - begun) / 1000);
    const ofPolicy = await engine.rollouts.evaluate({ ...request, policy: params });
    engine.progress.update('evaluate', 2, 2, 0);
    const seconds = (performance.now() - begun) / 1000;
    const text = encodeEval({
      task: config.task,
      preset: preset?.name,
      seed,
      split,
      adapter: adapter.name,
      reference: ofReference,
      policy: ofPolicy,
      costs: {
        sampledTokens: 0,
        trainedTokens: 0,
        sequentialPasses: 0,
        roundTrips: 0,
        seconds: { pretrain: 0, rollout: 0, train: 0, evaluate: seconds },
      },
    });
    await writeFileAtomic(join(out, FILES.evaluation), text);
  } finally {
    await engine.close();
  }
}

/**
 * Parameters [P] of what the policy is compared with: `--reference`, the `reference` folder beside the
 * checkpoint, the ready-made one, or, where none has its shape, a model without training state itself.
 */
async function referenceOf(
  host: Host,
  policy: LoadedModel,
  config: RunConfig,
  task: Task,
  named: string | undefined,
): Promise<Float32Array<ArrayBuffer>> {
  const beside = join(dirname(resolve(policy.folder)), FILES.reference);
  const folder = named ?? (existsSync(beside) ? beside : undefined);
  if (folder !== undefined) {
    const loaded = await readModelFolder(folder);
    if (JSON.stringify(loaded.model) === JSON.stringify(policy.model)) return loaded.params(task);
    throw new PlaygroundError(
      'shape-mismatch',
      `The reference in ${folder} is a model ${shapeText(loaded)}, the checkpoint one ${shapeText(policy)}.`,
    );
  }
  if (config.reference.source === 'pretrain' && policy.state) {
    throw new PlaygroundError(
      'config-invalid',
      `${policy.folder} was trained from a pretrained reference; name its folder with --reference.`,
    );
  }
  try {
    return await shippedReference(host, { ...config, model: policy.model });
  } catch (cause) {
    const isNone = cause instanceof PlaygroundError && cause.code === 'reference-missing';
    if (!isNone || policy.state) throw cause;
    return policy.params(task);
  }
}

const shapeText = ({ model }: LoadedModel): string =>
  Object.entries(model)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
