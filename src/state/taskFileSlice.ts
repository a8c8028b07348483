import type { StateCreator } from 'zustand/vanilla';
import type { TaskSpec } from '../config/taskSpec';
import { addTask } from '../data/tasks/registry';
import { MAX_TASK_BYTES, parseTaskFile, tooLong } from '../formats/taskFile';
import { PlaygroundError } from '../shared/errors';
import type { OpenStorage } from './calibrationSlice';
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
  /** Opens the file that the waiting link needs, where this tab has had it before. */
  recallTaskFile(): Promise<void>;
  dismissFileError(): void;
  /** Stays with the present settings instead of the waiting link's. */
  dismissWaitingLink(): void;
}

const keyOf = (task: string): string => `task ${task}`;

export const createTaskFileSlice = (
  session: Session,
  tabStorage: OpenStorage,
): StateCreator<PlaygroundState, [], [], TaskFileSlice> => {
  const readTask = async (file: ChosenFile): Promise<TaskSpec> => {
    if (file.size > MAX_TASK_BYTES) throw tooLong(file.name, file.size);
    const text = await file.text();
    const spec = await parseTaskFile(text, file.name);
    addTask(spec);
    try {
      tabStorage()?.setItem(keyOf(spec.name), text);
    } catch {
      // refused or full: then a reload asks for the file
    }
    return spec;
  };

  const keptText = (task: string): string | undefined => {
    try {
      return tabStorage()?.getItem(keyOf(task)) ?? undefined;
    } catch {
      return undefined;
    }
  };

  return (set, get) => ({
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

    async recallTaskFile() {
      const task = get().waitingLink?.task;
      const text = task && keptText(task);
      if (!text) return;
      const file = { name: `${task}.json`, size: text.length, text: async () => text };
      await get().openTaskFile(file);
    },

    dismissFileError: () => set({ fileError: undefined }),
    dismissWaitingLink: () => set({ waitingLink: undefined }),
  });
};
