import type { TaskSpec } from '../../config/taskSpec';
import { PlaygroundError } from '../../shared/errors';
import type { Task } from '../task';
import { BOXES } from './boxes';
import { FACTS } from './facts';
import { fileTask } from './fileTask';
import { HILO } from './hilo';
import { MAZE } from './maze';
import { STAIN } from './stain';
import { SUMS } from './sums';

const tasks = new Map<string, Task>(
  [FACTS, BOXES, STAIN, HILO, MAZE, SUMS].map((task) => [task.name, task]),
);

/** Names of the tasks that come with the program, in the order in which they are offered. */
export const TASK_NAMES: readonly string[] = [...tasks.keys()];

/** Every task by its name, those of opened files too. */
export const TASKS: ReadonlyMap<string, Task> = tasks;

/** Adds the task of a file, in this thread. */
export function addTask(spec: TaskSpec): Task {
  const task = TASKS.get(spec.name) ?? fileTask(spec);
  tasks.set(spec.name, task);
  return task;
}

/** @throws PlaygroundError 'config-invalid' for the task of a file that is not open. */
export function taskNamed(name: string): Task {
  const task = TASKS.get(name);
  if (task) return task;
  throw new PlaygroundError(
    'config-invalid',
    `The task ${name} is in a file that is not open; open it, or name it with --task-file.`,
    { task: name },
  );
}
