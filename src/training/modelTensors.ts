import type { ModelConfig } from '../config/runConfig';
import { contextTokens, type Task } from '../data/task';
import type { SafeTensors } from '../formats/safetensors';
import { flatParams, namedParams, paramLayout, type ModelShape } from '../model/params';

/** The shape of a model for a task that is played for at most `turns` turns. */
export const modelShape = (
  task: Task,
  model: ModelConfig,
  turns: number = task.maxTurns,
): ModelShape => ({
  model,
  vocabulary: task.vocabulary.length,
  context: contextTokens(task, turns),
});

/** Flat parameters or moments [P] as tensors by Hugging Face name; views, not copies. */
export const tensorsOf = (shape: ModelShape, flat: Float32Array<ArrayBuffer>): SafeTensors =>
  new Map(
    namedParams(paramLayout(shape), flat).map((t) => [t.name, { shape: t.shape, data: t.data }]),
  );

/** The flat array [P] of tensors that have this model's names and shapes. */
export const paramsOf = (shape: ModelShape, tensors: SafeTensors): Float32Array<ArrayBuffer> =>
  flatParams(
    paramLayout(shape),
    new Map(Array.from(tensors, ([name, tensor]) => [name, tensor.data])),
  );
