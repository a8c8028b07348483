import type { StateCreator } from 'zustand/vanilla';
import {
  allowedValues,
  differingLeaves,
  LEAVES,
  leafValue,
  withLeaf,
  withSettings,
  type LeafValue,
} from '../config/leaves';
import { FIRST_VISIT, presetNamed, type Preset } from '../config/presets';
import { problemsOf } from '../config/caps';
import { TASKS } from '../data/tasks/registry';
import type { TaskSpec } from '../config/taskSpec';
import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import { chatKey } from './chatSlice';
import { plainLesson, type Lesson } from './lesson';
import { decodeLink, encodeLink, hasRoom, TOO_MUCH } from './shareUrl';
import type { PlaygroundState } from './store';

/** Settings and where they started from. */
export interface Choice {
  readonly config: RunConfig;
  readonly preset: Preset;
}

export interface ConfigSlice {
  readonly config: RunConfig;
  readonly preset: Preset;
  /** What a teacher says of this experiment. */
  readonly lesson: Lesson | undefined;
  /** What a link named that could not be used, one sentence each. */
  readonly notices: readonly string[];
  /** What `undo` returns to. */
  readonly before: Choice | undefined;
  /** Changes one setting by its dotted name; returns why not, if it cannot be. */
  setSetting(name: string, value: LeafValue): string | undefined;
  /** Gives one setting the preset's value again. */
  resetSetting(name: string): void;
  choosePreset(name: string): void;
  /** Asks the task of a file, from a reference that is pretrained on it. */
  takeTask(spec: TaskSpec): void;
  /** Takes a whole configuration; `what` names where it comes from. */
  takeSettings(config: RunConfig, what: string): void;
  /** Takes back the last change; changes of one setting in a row count as one. */
  undo(): void;
  /** Takes the configuration of a link's fragment; starts nothing. False for a newer version's link. */
  openLink(fragment: string): boolean;
  /** Changes the lesson, or ends it; returns why not, if a link cannot carry it. */
  setLesson(lesson: Lesson | undefined): string | undefined;
  dismissNotices(): void;
}

export const sameSettings = (a: RunConfig, b: RunConfig): boolean =>
  differingLeaves(a, b).length === 0;

/** Whether two runs come to the same weights, their stages beside each other or in turn. */
export const sameButOverlap = (a: RunConfig, b: RunConfig): boolean =>
  differingLeaves(a, b).every(({ name }) => name === 'engine.overlap');

/** The preset as a software adapter can run it in a minute or two. */
const scaledDown = ({ config, onSoftware = {} }: Preset): RunConfig =>
  withSettings(config, onSoftware);

export const createConfigSlice: StateCreator<PlaygroundState, [], [], ConfigSlice> = (set, get) => {
  let lastChanged: string | undefined;

  const change = (choice: Choice, what: string): void => {
    const { config, preset, before } = get();
    const isMore = what === lastChanged && before;
    lastChanged = what;
    apply(choice, isMore ? before : { config, preset });
  };

  const apply = (choice: Choice, before: Choice | undefined): void => {
    const { config } = get();
    set({ ...choice, before });
    if (chatKey(choice.config) !== chatKey(config)) get().resetChat();
    get().configChanged();
  };

  return {
    config: FIRST_VISIT.config,
    preset: FIRST_VISIT,
    lesson: undefined,
    notices: [],
    before: undefined,

    setSetting(name, value) {
      const { config, preset } = get();
      const leaf = LEAVES.get(name);
      if (!leaf) return `${name} is not a setting.`;
      if (leafValue(config, leaf) === value) return undefined;
      if (!leaf.schema.safeParse(value).success) return `Give ${allowedValues(leaf)}.`;
      const changed = withLeaf(config, leaf, value);
      const [problem] = problemsOf(changed);
      if (problem) return `${problem.names.join(', ')}: ${problem.message}.`;
      change({ config: changed, preset }, name);
      return undefined;
    },

    resetSetting(name) {
      const leaf = LEAVES.get(name);
      if (leaf) get().setSetting(name, leafValue(get().preset.config, leaf));
    },

    choosePreset(name) {
      const preset = presetNamed(name);
      if (!preset) return;
      const { watching, preset: current, prepared } = get();
      if (watching && name !== current.name) return void get().watch(name);
      const live = prepared?.adapter.isSoftware ? scaledDown(preset) : preset.config;
      if (name !== current.name) set({ lesson: undefined }); // it is about another experiment
      change({ config: get().watching?.config ?? live, preset }, `preset ${name}`);
    },

    takeTask({ name: task, turns }) {
      get().stopWatching();
      const { config } = get();
      const reference = { ...config.reference, source: 'pretrain' as const };
      const rollout = { ...config.rollout, turns };
      get().takeSettings({ ...config, task, reference, rollout }, 'task file');
    },

    takeSettings: (config, what) => change({ config, preset: get().preset }, what),

    undo() {
      const { before } = get();
      if (!before) return;
      lastChanged = undefined;
      apply(before, undefined);
    },

    openLink(fragment) {
      try {
        const { config, preset, race, lesson, notices } = decodeLink(fragment);
        get().stopWatching();
        const { task } = config;
        const isWaiting = !TASKS.has(task);
        const { task: known } = preset.config;
        set({ notices, lesson, waitingLink: isWaiting ? { task, fragment } : undefined });
        if (race) set({ raceChoice: race });
        change({ config: isWaiting ? { ...config, task: known } : config, preset }, 'link');
        if (isWaiting) void get().recallTaskFile();
        return true;
      } catch (cause) {
        set({ notices: [PlaygroundError.from(cause).message] });
        return false;
      }
    },

    setLesson(asked) {
      const { config, preset, raceChoice: race } = get();
      const lesson = asked && plainLesson(asked);
      if (!hasRoom(encodeLink(config, preset, { race, lesson }))) return TOO_MUCH;
      set({ lesson });
      return undefined;
    },

    dismissNotices: () => set({ notices: [] }),
  };
};
