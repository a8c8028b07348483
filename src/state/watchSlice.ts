import type { StateCreator } from 'zustand/vanilla';
import { FIRST_VISIT, presetNamed } from '../config/presets';
import type { RunConfig } from '../config/runConfig';
import type { LoadRecording, RecordedRun } from '../workers/contract';
import type { Choice } from './configSlice';
import type { Lesson } from './lesson';
import type { PlaygroundState } from './store';

export interface WatchSlice {
  /** The recorded run that stands in for the workers. */
  readonly watching: RecordedRun | undefined;
  /** What the visitor had chosen before watching; the address keeps it. */
  readonly own: Choice | undefined;
  /** Plays the recording of a preset, by default of the current one. */
  watch(preset?: string): Promise<void>;
  /** Gives the visitor's own settings back. */
  stopWatching(): void;
  /** Gives them back and looks at what the GPU makes of them. */
  goLive(): Promise<void>;
}

/** Times the pace of a recording that it can be watched at. */
export const PACES = [0.25, 1, 4, 16] as const;
/** Longest that a recording takes at first; it may have been made on a slow adapter. */
const PATIENCE_SECONDS = 60;

/** Optimizer steps per second at which a recording begins: its own where it is no long wait. */
function firstSpeed({ durationSeconds, stepsPerSecond }: RecordedRun): number {
  const pace =
    PACES.find((p) => p >= 1 && durationSeconds / p <= PATIENCE_SECONDS) ?? PACES.at(-1)!;
  return pace * stepsPerSecond;
}

/** Whether the last thing that needed a GPU found none. */
export const foundNoGpu = ({ phase }: PlaygroundState): boolean =>
  phase.name === 'failed' && phase.error.code === 'webgpu-unavailable';

/** Whether a run computes nothing here: a recording stands in, or there is no GPU. */
export const lacksGpu = (state: PlaygroundState): boolean =>
  state.watching !== undefined || foundNoGpu(state);

/** The lesson, unless a recording of another experiment is watched. */
export const shownLesson = ({ own, preset, lesson }: PlaygroundState): Lesson | undefined =>
  own && own.preset.name !== preset.name ? undefined : lesson;

/** The settings that Run runs: while a recording is watched those that it was made with. */
export const configToRun = ({ watching, config }: PlaygroundState): RunConfig =>
  watching?.config ?? config;

export const createWatchSlice =
  (load: LoadRecording): StateCreator<PlaygroundState, [], [], WatchSlice> =>
  (set, get) => {
    let asked = 0;
    return {
      watching: undefined,
      own: undefined,

      async watch(name = get().preset.name) {
        const recorded = (presetNamed(name) ?? FIRST_VISIT).name;
        const mine = ++asked;
        const { phase } = get();
        // of two the last is watched, and a run begun meanwhile goes on
        const isWanted = (): boolean =>
          mine === asked && (phase.name === 'running' || get().phase.name !== 'running');
        let watching: RecordedRun;
        try {
          watching = await load(recorded);
        } catch (cause) {
          if (isWanted()) get().fail(cause);
          return;
        }
        if (!isWanted()) return;
        const { config, preset, own = { config, preset } } = get();
        get().giveUp();
        set({
          watching,
          own,
          config: watching.config,
          preset: presetNamed(watching.preset) ?? FIRST_VISIT,
          before: undefined,
          stepsPerSecond: firstSpeed(watching),
        });
        await get().run();
      },

      stopWatching() {
        const { own } = get();
        if (!own) return;
        get().giveUp();
        const { config, preset } = own;
        set({ watching: undefined, own: undefined, config, preset, before: undefined });
        get().setSpeed(Infinity);
      },

      async goLive() {
        get().stopWatching();
        await get().lookAhead();
      },
    };
  };
