import type { Command } from 'commander';
import { addTask } from '../data/tasks/registry';
import { parseTaskFile } from '../formats/taskFile';
import { readInputText } from './files';

interface TaskFileFlags {
  readonly taskFile?: string;
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly set?: readonly string[];
}

/** Opens `--task-file` and sets its task; a reference is pretrained where none is given. */
export async function openTaskFile(command: Command): Promise<void> {
  const { taskFile, checkpoint, resume, set = [] } = command.opts<TaskFileFlags>();
  if (taskFile === undefined) return;
  const spec = await parseTaskFile(await readInputText(taskFile), taskFile);
  addTask(spec);
  const { name, turns } = spec;
  if (resume !== undefined) return; // its settings are settled
  const source = checkpoint === undefined ? ['reference.source=pretrain'] : [];
  command.setOptionValue('set', [`task=${name}`, `rollout.turns=${turns}`, ...source, ...set]);
}
