/** Models and checkpoints on the disk: Hugging Face Llama folders. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAVES, leafValue } from '../config/leaves';
import { longestTurns, type ModelConfig, type RunConfig } from '../config/runConfig';
import type { Costs } from '../data/results';
import type { Task } from '../data/task';
import { TASKS, taskNamed } from '../data/tasks/registry';
import { encodeLlamaFolder, parseLlamaFolder, type LlamaModel } from '../formats/llamaCheckpoint';
import { trainerState, type TrainerState } from '../formats/trainerState';
import { contextTokens } from '../data/task';
import { PlaygroundError } from '../shared/errors';
import { modelShape, paramsOf, tensorsOf } from '../training/modelTensors';
import type { TrainerCheckpoint } from '../training/trainer';
import { readInput } from './files';

type Params = Float32Array<ArrayBuffer>; // [P]

/** A folder that holds a model, and where its training stood if it is a checkpoint. */
export interface LoadedModel {
  readonly folder: string;
  readonly model: ModelConfig;
  readonly vocabularySize: number;
  readonly state: TrainerState | undefined;
  /** @throws PlaygroundError 'shape-mismatch' when the vocabulary is not the task's. */
  params(task: Task): Params;
  /** Undefined for a model without optimizer state. */
  checkpoint(task: Task): TrainerCheckpoint | undefined;
}

/** Reads a model folder; says so on standard error when it holds numbers that are not finite. */
export async function readModelFolder(folder: string): Promise<LoadedModel> {
  const { model, vocabularySize, tensors, training, nonFinite } = await parseFolder(folder);
  if (nonFinite.length > 0) {
    process.stderr.write(`drift: warning: ${folder}: ${nonFinite[0]} holds NaN or infinity.\n`);
  }
  const params = (task: Task): Params => {
    if (vocabularySize !== task.vocabulary.length) {
      throw new PlaygroundError(
        'shape-mismatch',
        `${folder} knows ${vocabularySize} tokens, but the task ${task.name} has ${task.vocabulary.length}; choose its task with --preset or --set task=NAME.`,
        { expected: task.vocabulary.length, actual: vocabularySize },
      );
    }
    return paramsOf(modelShape(task, model), tensors);
  };
  return {
    folder,
    model,
    vocabularySize,
    state: training?.state,
    params,
    checkpoint(task) {
      if (!training) return undefined;
      const shape = modelShape(task, model);
      const { step } = training.state;
      const m = paramsOf(shape, training.expAvg);
      const v = paramsOf(shape, training.expAvgSq);
      return { step, params: params(task), optimizer: { m, v, updates: step } };
    },
  };
}

async function parseFolder(folder: string): Promise<ReturnType<typeof parseLlamaFolder>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    const message = `${folder} is not a folder with a model in it.`;
    throw new PlaygroundError('file-invalid', message, { folder }, { cause });
  }
  const wanted = names.filter((name) => /\.(json|safetensors)$/.test(name));
  const files = await Promise.all(
    wanted.map(async (name) => [name, await readInput(join(folder, name))] as const),
  );
  try {
    return parseLlamaFolder(new Map(files));
  } catch (cause) {
    if (!(cause instanceof PlaygroundError) || cause.code === 'bug') throw cause;
    throw new PlaygroundError(cause.code, `${folder}: ${cause.message}`, cause.facts, { cause });
  }
}

/** The configuration with the model of a folder; settings that say otherwise are refused. */
export function withModel(
  config: RunConfig,
  settings: readonly string[],
  { folder, model }: LoadedModel,
): RunConfig {
  const changed = { ...config, model };
  for (const setting of settings) {
    const leaf = LEAVES.get(setting.slice(0, setting.indexOf('=')));
    if (!leaf || leafValue(config, leaf) === leafValue(changed, leaf)) continue;
    throw new PlaygroundError(
      'shape-mismatch',
      `--set ${setting}, but the model in ${folder} has ${leaf.name} = ${leafValue(changed, leaf)}; leave the setting out.`,
      { name: leaf.name },
    );
  }
  return changed;
}

/** The only task with this model's vocabulary: that of its training, or the one with as many tokens. */
export function taskOf({ folder, state, vocabularySize }: LoadedModel): Task {
  const task = state
    ? TASKS.get(state.config.task)
    : [...TASKS.values()].find((t) => t.vocabulary.length === vocabularySize);
  if (task) return task;
  throw new PlaygroundError(
    'shape-mismatch',
    `${folder} knows ${vocabularySize} tokens, which no task of this program has.`,
    { actual: vocabularySize },
  );
}

/** The files of a model; with a checkpoint, also those it takes to go on with its training. */
export function modelFiles(
  config: RunConfig,
  params: Params,
  training?: { readonly checkpoint: TrainerCheckpoint; readonly costs: Costs },
): ReadonlyMap<string, Uint8Array> {
  const task = taskNamed(config.task);
  const shape = modelShape(task, config.model);
  const llama: LlamaModel = {
    model: config.model,
    vocabulary: task.vocabulary,
    pad: task.pad,
    contextTokens: contextTokens(task, longestTurns(config)),
    answerTokens: task.answerTokens,
    endToken: task.endToken,
    tensors: tensorsOf(shape, params),
  };
  if (!training) return encodeLlamaFolder(llama);
  const { step, optimizer } = training.checkpoint;
  return encodeLlamaFolder(llama, {
    expAvg: tensorsOf(shape, optimizer.m),
    expAvgSq: tensorsOf(shape, optimizer.v),
    state: trainerState(config, step, training.costs),
  });
}
