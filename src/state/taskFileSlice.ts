import type { StateCreator } from 'zustand/vanilla';
import type { TaskSpec } from '../config/taskSpec';
import { addTask } from '../data/tasks/registry';
import { MAX_TASK_BYTES, parseTaskFile, tooLong } from '../formats/taskFile';
import { PlaygroundError } from '../shared/errors';
import type { Session } from './session';
import type { PlaygroundState } from './store';

/** A file as the browser hands it over, not read yet. */
export type ChosenFile = Pick<File, 'name' | 'size' | 'text'>;

export interface TaskFileSlice {
  /** Tasks of the files that were opened. */
  readonly openedTasks: readonly TaskSpec[];
  /** A link that cannot be opened before the file of its task is. */
  readonly waitingLink: { readonly task: string; readonly fragment: string } | undefined;
  /** Why the last file, of a task or of rollouts, was refused. */
  readonly fileError: PlaygroundError | undefined;
  /** Takes the task of a file, its reference to be pretrained; a bad file changes nothing. */
  openTaskFile(file: ChosenFile): Promise<void>;
  dismissFileError(): void;
  /** Stays with the present settings instead of the waiting link's. */
  dismissWaitingLink(): void;
}

async function readTask(file: ChosenFile): Promise<TaskSpec> {
  if (file.size > MAX_TASK_BYTES) throw tooLong(file.name, file.size);
  const spec = await parseTaskFile(await file.text(), file.name);
  addTask(spec);
  return spec;
}

export const createTaskFileSlice =
  (session: Session): StateCreator<PlaygroundState, [], [], TaskFileSlice> =>
  (set, get) => ({
    openedTasks: [],
    waitingLink: undefined,
    fileError: undefined,

    async openTaskFile(file) {
      let spec: TaskSpec;
      try {
        spec = await readTask(file);
      } catch (cause) {
        set({ fileError: PlaygroundError.from(cause) });
        return;
      }
      const { openedTasks, waitingLink } = get();
      const isNew = openedTasks.every(({ name }) => name !== spec.name);
      set({ fileError: undefined });
      if (isNew) set({ openedTasks: [...openedTasks, spec] });
      // Workers that are opened later are told then, those at work before their next job.
      if (isNew && session.client) {
        session.use((client) => client.openTask(spec)).catch((cause: unknown) => get().fail(cause));
      }
      if (waitingLink?.task === spec.name) get().openLink(waitingLink.fragment);
      else get().takeTask(spec);
    },

    dismissFileError: () => set({ fileError: undefined }),
    dismissWaitingLink: () => set({ waitingLink: undefined }),
  });
