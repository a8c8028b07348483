/**
 * A model as a Hugging Face Llama folder, file name → bytes, which `AutoModelForCausalLM` and
 * `AutoTokenizer` open; a checkpoint adds optimizer state and the run's configuration.
 */
import type { ModelConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import { llamaTensorShapes, modelConfigJson, readModelConfig } from './llamaConfig';
import { readFile, readJson, toJsonBytes, type Folder } from './folder';
import { encodeSafetensors, parseSafetensors, type SafeTensors } from './safetensors';
import { tokenizerFiles } from './tokenizerJson';
import { parseTrainerState, type TrainerState } from './trainerState';

/** What `vocabulary` and `pad` are to a tokenizer; see the task that the model was trained on. */
export interface LlamaModel {
  readonly model: ModelConfig;
  readonly vocabulary: readonly string[]; // text of each token id
  readonly pad: number; //                   token id
  readonly contextTokens: number; //         longest conversation
  readonly answerTokens: number; //          most of one answer
  readonly endToken?: number | undefined; // token id that ends a shorter one
  readonly tensors: SafeTensors; //          by Hugging Face name
}

/** AdamW's moments by the names of their parameters, and where the run stood. */
export interface TrainingState {
  readonly expAvg: SafeTensors;
  readonly expAvgSq: SafeTensors;
  readonly state: TrainerState;
}

/** What a folder says of itself. */
export interface LoadedLlama {
  readonly model: ModelConfig;
  readonly vocabularySize: number;
  readonly tensors: SafeTensors;
  readonly training: TrainingState | undefined; // undefined for a model without optimizer state
  readonly nonFinite: readonly string[]; //       tensors that hold NaN or infinity: warn before use
}

/** The files of a model, and of a checkpoint where there is training state. */
export function encodeLlamaFolder(
  llama: LlamaModel,
  training?: TrainingState,
): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const { model, vocabulary, pad, contextTokens, answerTokens, endToken, tensors } = llama;
  checkShapes(tensors, llamaTensorShapes(model, vocabulary.length), 'model.safetensors', '');
  const generation = { max_new_tokens: answerTokens, do_sample: false };
  const marks = { bos_token_id: null, eos_token_id: endToken ?? null, pad_token_id: pad };
  const files = new Map([
    [
      'config.json',
      toJsonBytes({ ...modelConfigJson(model, vocabulary.length, contextTokens), ...marks }),
    ],
    ['generation_config.json', toJsonBytes({ ...generation, ...marks })],
    ['model.safetensors', encodeSafetensors(tensors, { format: 'pt' })],
    ...tokenizerFiles(vocabulary, pad, contextTokens),
  ]);
  if (training) {
    const moments = new Map([
      ...prefixed(training.expAvg, 'exp_avg.'),
      ...prefixed(training.expAvgSq, 'exp_avg_sq.'),
    ]);
    files.set('optimizer.safetensors', encodeSafetensors(moments, { format: 'pt' }));
    files.set('trainer_state.json', toJsonBytes(training.state));
  }
  return files;
}

/**
 * Reads a Llama folder made here or elsewhere, as long as it is a model of our kind.
 *
 * @throws PlaygroundError 'file-invalid', or 'shape-mismatch' naming both shapes.
 */
export function parseLlamaFolder(folder: Folder): LoadedLlama {
  const { model, vocabularySize } = readModelConfig(readJson(folder, 'config.json'));
  if (!folder.has('model.safetensors') && folder.has('model.safetensors.index.json')) {
    throw new PlaygroundError(
      'file-invalid',
      'The model is split into several files; save it as one model.safetensors.',
    );
  }
  const shapes = llamaTensorShapes(model, vocabularySize);
  const { tensors } = parseSafetensors(readFile(folder, 'model.safetensors'), 'model.safetensors');
  checkShapes(tensors, shapes, 'model.safetensors', '');
  return {
    model,
    vocabularySize,
    tensors,
    training: folder.has('trainer_state.json') ? parseTraining(folder, shapes) : undefined,
    nonFinite: [...tensors].filter(([, t]) => !t.data.every(Number.isFinite)).map(([name]) => name),
  };
}

function parseTraining(folder: Folder, shapes: Shapes): TrainingState {
  const file = 'optimizer.safetensors';
  const all = parseSafetensors(readFile(folder, file), file).tensors;
  const state = parseTrainerState(readJson(folder, 'trainer_state.json'));
  const part = (prefix: string): SafeTensors => {
    const own = [...all].filter(([name]) => name.startsWith(prefix));
    const tensors = new Map(own.map(([name, t]) => [name.slice(prefix.length), t]));
    checkShapes(tensors, shapes, file, prefix);
    return tensors;
  };
  const expAvg = part('exp_avg.');
  const expAvgSq = part('exp_avg_sq.');
  if (expAvg.size + expAvgSq.size !== all.size) {
    throw new PlaygroundError(
      'file-invalid',
      `${file} holds tensors that are neither exp_avg nor exp_avg_sq.`,
    );
  }
  return { expAvg, expAvgSq, state };
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Exactly the tensors of the model, each of its shape. */
function checkShapes(tensors: SafeTensors, shapes: Shapes, file: string, prefix: string): void {
  for (const [name, expected] of shapes) {
    const actual = tensors.get(name)?.shape;
    if (!actual) {
      throw new PlaygroundError('file-invalid', `${file} lacks the tensor ${prefix}${name}.`, {
        name: prefix + name,
      });
    }
    if (String(actual) !== String(expected)) {
      throw new PlaygroundError(
        'shape-mismatch',
        `${file}: ${prefix}${name} is [${actual}], but config.json makes it [${expected}].`,
        { name: prefix + name, actual, expected },
      );
    }
  }
  const surplus = [...tensors.keys()].find((name) => !shapes.has(name));
  if (surplus !== undefined) {
    throw new PlaygroundError(
      'file-invalid',
      `${file} holds ${prefix}${surplus}, which is no tensor of the model in config.json.`,
      { name: prefix + surplus },
    );
  }
}

const prefixed = (tensors: SafeTensors, prefix: string): SafeTensors =>
  new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));
