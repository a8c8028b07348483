import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/runConfig';
import type { Costs } from '../data/results';
import { mostTurns } from '../data/task';
import { taskNamed } from '../data/tasks/registry';
import { parseJsonFile } from '../formats/jsonFile';
import { lineError, parseJsonLines, type JsonLine } from '../formats/jsonLines';
import { parseTrainerState, type TrainerState } from '../formats/trainerState';
import { isRefreshed } from '../method/coefficients/methods';
import { PlaygroundError } from '../shared/errors';
import { importRollouts } from '../training/importRollouts';
import { openDawn, type Host } from './dawn';
import { runExperiment } from './experiment';
import { readInputText, recoverFolder, writeFileAtomic } from './files';
import { readModelFolder, type LoadedModel } from './modelFolder';
import type { StartFlags } from './start';
import { FILES, RunFolder } from './runFolder';

/** Flags that settle what the folder has settled already. */
export interface ResumeFlags extends StartFlags {
  readonly rollouts?: string;
  readonly out?: string;
  readonly record?: string;
}

/** Goes on with the interrupted run in `path`, in place, under the settings it was started with. */
export async function resume(
  path: string,
  until: 'rollout' | 'train',
  flags: ResumeFlags,
  host: Host,
): Promise<void> {
  const { rollouts: given, checkpoint: named, config: all, out, record, preset, seed, set } = flags;
  if ([given, named, all, out, record, preset, seed, ...set].some((flag) => flag !== undefined)) {
    throw new PlaygroundError(
      'config-invalid',
      '--resume goes on in the same folder with the same settings; leave the other flags out.',
    );
  }
  const isComplete = existsSync(join(path, FILES.rollouts));
  if (until === 'rollout' && isComplete) {
    throw new PlaygroundError(
      'config-invalid',
      `${path} has all its rollouts; drift train --resume ${path} goes on.`,
    );
  }
  await recoverFolder(join(path, FILES.checkpoint));
  const loaded = await checkpointIn(path);
  const { config, step, costs } = loaded?.state ?? (await stateIn(path));
  const task = taskNamed(config.task);
  const beside = join(path, FILES.reference);
  const reference = existsSync(beside) ? (await readModelFolder(beside)).params(task) : undefined;
  if (!reference && loaded && config.reference.source === 'pretrain') {
    throw new PlaygroundError('file-invalid', `${beside} is missing; the run was pretrained.`);
  }
  const isWhole = isComplete || (loaded !== undefined && !isRefreshed(config));
  const file = join(path, isWhole ? FILES.rollouts : FILES.played);
  const text = isWhole ? await readInputText(file) : await playedIn(file, config, costs);
  const turns = mostTurns(task, config.rollout.turns);
  const trajectories = text === '' ? undefined : importRollouts(text, file, task, turns);
  const checkpoint = loaded?.checkpoint(task);
  await openDawn(host);
  await runExperiment(host, {
    config,
    preset: await presetOf(path),
    folder: await RunFolder.reopen(path, step),
    until,
    ...(reference && { reference }),
    ...(trajectories && isComplete && { rollouts: { text, trajectories } }),
    resume: {
      costs,
      ...(trajectories && !isComplete && { played: trajectories }),
      ...(checkpoint && { checkpoint }),
    },
  });
}

type Checkpoint = LoadedModel & { readonly state: TrainerState };

/** The checkpoint reached, or undefined where training had none yet. */
async function checkpointIn(path: string): Promise<Checkpoint | undefined> {
  const folder = join(path, FILES.checkpoint);
  if (!existsSync(folder)) return undefined;
  const loaded = await readModelFolder(folder);
  if (loaded.state) return loaded as Checkpoint;
  throw new PlaygroundError(
    'file-invalid',
    `${folder} has no trainer_state.json, so there is no training to go on with; name it with --checkpoint.`,
  );
}

/** What a run without a checkpoint says of itself. */
async function stateIn(path: string): Promise<TrainerState> {
  const file = join(path, FILES.state);
  if (!existsSync(file)) {
    throw new PlaygroundError(
      'file-invalid',
      `${path} holds no interrupted run: it has neither ${FILES.checkpoint}/ nor ${FILES.state}.`,
    );
  }
  return parseTrainerState(parseJsonFile(await readInputText(file), file));
}

/**
 * Rows of the groups that the costs count; a crash may have come between the rows and their costs, or
 * have cut the last row short. Rewrites the file.
 */
async function playedIn(
  file: string,
  { rollout: { trajectories: K } }: RunConfig,
  costs: Costs | undefined,
): Promise<string> {
  if (!existsSync(file)) return '';
  const all = await readInputText(file);
  const complete = all.slice(0, all.lastIndexOf('\n') + 1);
  const lines = complete === '' ? [] : parseJsonLines(complete, file);
  let left = costs?.sampledTokens ?? Infinity;
  let rows = lines.length - (lines.length % K);
  for (let row = 0; row < rows; row++) {
    left -= answerTokensOf(lines[row]!, file);
    if (left < 0) rows = row - (row % K);
  }
  const whole = complete.split('\n').slice(0, rows);
  const text = whole.map((line) => `${line}\n`).join('');
  await writeFileAtomic(file, text);
  return text;
}

/** Sampled tokens of a row that this program wrote. */
function answerTokensOf({ line, value }: JsonLine, file: string): number {
  const { turn_of } = (value.drift ?? {}) as { turn_of?: unknown };
  if (!Array.isArray(turn_of)) throw lineError(file, line, 'drift.turn_of', 'must be a list');
  return turn_of.filter((turn) => turn > 0).length;
}

/** The preset that a run was started from, as its config.json says. */
async function presetOf(path: string): Promise<string | undefined> {
  const file = join(path, FILES.config);
  const { value } = parseJsonFile(await readInputText(file), file);
  const { preset } = (value ?? {}) as { preset?: unknown };
  return typeof preset === 'string' ? preset : undefined;
}
