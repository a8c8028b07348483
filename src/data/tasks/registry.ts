import type { TaskName } from '../../config/runConfig';
import type { Task } from '../task';
import { BOXES } from './boxes';
import { FACTS } from './facts';

/** Every task by its name, in the order in which they are offered. */
export const TASKS: ReadonlyMap<TaskName, Task> = new Map(
  [FACTS, BOXES].map((task) => [task.name, task]),
);
