import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LeafValue } from '../config/leaves';
import { addTask } from '../data/tasks/registry';
import { parseTaskFile } from '../formats/taskFile';
import { readInputText } from './files';

/** What a folder that needs the task of a file calls its copy. */
export const TASK_FILE = 'task.json';

interface TaskFileFlags {
  readonly taskFile?: string;
  readonly checkpoint?: string;
  readonly config?: string;
  readonly resume?: string;
  readonly set?: readonly string[];
}

const texts = new Map<string, string>(); // of the files that are open, by the name of their task

/** Text of the file that a task was read from; undefined for one that comes with the program. */
export const taskFileText = (task: string): string | undefined => texts.get(task);

/**
 * Opens `--task-file` and sets its task, as the first settings; without it, opens the copy beside the
 * run, the checkpoint or the configuration that is named.
 */
export async function openTaskOf(command: Command): Promise<void> {
  const { taskFile, checkpoint, config, resume, set } = command.opts<TaskFileFlags>();
  if (taskFile === undefined) {
    const parents = [checkpoint, config].map((path) => path && dirname(resolve(path)));
    for (const folder of [resume, ...parents]) {
      const file = folder && join(folder, TASK_FILE);
      if (file && existsSync(file)) await openTaskFile(file);
    }
  } else if (set) {
    const settings = Object.entries(await openTaskFile(taskFile))
      .filter(([name]) => checkpoint === undefined || name !== 'reference.source')
      .map(([name, value]) => `${name}=${value}`);
    if (resume === undefined) command.setOptionValue('set', [...settings, ...set]);
  }
}

/**
 * Opens a task file; returns the settings that ask for its task, from a reference that is pretrained.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export async function openTaskFile(path: string): Promise<Readonly<Record<string, LeafValue>>> {
  const text = await readInputText(path);
  const spec = await parseTaskFile(text, path);
  addTask(spec);
  texts.set(spec.name, text);
  return { task: spec.name, 'rollout.turns': spec.turns, 'reference.source': 'pretrain' };
}
