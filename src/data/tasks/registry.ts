import type { Task } from '../task';
import { BOXES } from './boxes';
import { FACTS } from './facts';
import { HILO } from './hilo';
import { MAZE } from './maze';
import { STAIN } from './stain';
import { SUMS } from './sums';

/** Every task by its name, in the order in which they are offered. */
export const TASKS: ReadonlyMap<string, Task> = new Map(
  [FACTS, BOXES, STAIN, HILO, MAZE, SUMS].map((task) => [task.name, task]),
);
