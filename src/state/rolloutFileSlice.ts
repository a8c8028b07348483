import type { StateCreator } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { taskNamed } from '../data/tasks/registry';
import { encodeRollouts, rolloutLines } from '../formats/rolloutJsonl';
import { PlaygroundError } from '../shared/errors';
import type { PlaygroundClient } from '../workers/contract';
import { methodView } from './methodViews';
import { rolloutKey, type Rollouts } from './rolloutSlice';
import type { Session } from './session';
import type { PlaygroundState } from './store';
import type { ChosenFile } from './taskFileSlice';

export interface RolloutFileSlice {
  /** Takes the tries of a rollout file in place of sampled ones; a bad file changes nothing. */
  openRollouts(file: ChosenFile): Promise<void>;
  /** Hands the tries on the page to workers that have none, where they come from a file. */
  bringRollouts(client: PlaygroundClient, config: RunConfig): Promise<void>;
}

const MAX_BYTES = 64 * 2 ** 20;

async function textOf(file: ChosenFile): Promise<string> {
  if (file.size <= MAX_BYTES) return file.text();
  const has = `${file.name} has ${(file.size / 2 ** 20).toFixed(1)} MiB`;
  const most = `the page takes at most ${MAX_BYTES / 2 ** 20} MiB`;
  throw new PlaygroundError('file-invalid', `${has}; ${most}.`, { bytes: file.size });
}

/** Text of a rollout file with the tries on the page, as the command line writes it. */
export function rolloutsText({ trajectories, config, file }: Rollouts): string {
  if (file) return file.text;
  const { vocabulary } = taskNamed(config.task);
  const { formatPenalty } = config.drift;
  const rules = { vocabulary, maxTurns: config.rollout.turns, formatPenalty };
  return encodeRollouts(rolloutLines(trajectories, rules));
}

export const createRolloutFileSlice =
  (session: Session): StateCreator<PlaygroundState, [], [], RolloutFileSlice> =>
  (set, get) => {
    const expectReady = (): void => {
      const { config, phase } = get();
      const { title, promptsPerRound } = methodView(config.method.name);
      const problem =
        phase.name === 'running'
          ? 'A run is under way; press Reset first.'
          : promptsPerRound
            ? `${title} plays while it learns; choose a method that learns from frozen tries first.`
            : undefined;
      if (problem) throw new PlaygroundError('config-invalid', problem);
    };
    return {
      async openRollouts(chosen) {
        try {
          get().stopWatching();
          expectReady();
          const file = { name: chosen.name, text: await textOf(chosen) };
          expectReady(); // or it would wait for a run begun meanwhile, and take its results away
          const { config, trajectories } = await session.use(async (client) => {
            const opened = await client.openRollouts(get().config, file.text, file.name);
            try {
              expectReady();
            } catch (cause) {
              await client.reset(); // Run was pressed meanwhile, and waits to sample its own
              throw cause;
            }
            return opened;
          });
          get().beginResults(false);
          get().resetChat();
          set({ fileError: undefined, ranWith: undefined, phase: { name: 'idle' } });
          get().takeSettings(config, 'rollout file');
          get().acceptTrajectories(trajectories, config, false, file);
        } catch (cause) {
          set({ fileError: PlaygroundError.from(cause) });
        }
      },

      async bringRollouts(client, config) {
        const { rollouts } = get();
        if (!rollouts?.file || rolloutKey(rollouts.config) !== rolloutKey(config)) return;
        if (methodView(config.method.name).promptsPerRound) return;
        await client.openRollouts(config, rollouts.file.text, rollouts.file.name);
      },
    };
  };
