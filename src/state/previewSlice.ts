import type { StateCreator } from 'zustand/vanilla';
import { FIRST_VISIT } from '../config/presets';
import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import type { PlaygroundClient, Prepared } from '../workers/contract';
import { sameSettings } from './configSlice';
import { rolloutKey } from './rolloutSlice';
import type { Session } from './session';
import type { PlaygroundState } from './store';
import type { RunPhase } from './runSlice';
import { configToRun } from './watchSlice';

export type PreparedView = Prepared;

/** What is done before a run, and between runs. */
export interface PreviewSlice {
  readonly prepared: Prepared | undefined;
  /** Of the job whose events are arriving. */
  readonly jobConfig: RunConfig;
  /** Loads the reference and samples the first groups, so that the page has something to show. */
  lookAhead(): Promise<void>;
  /** Does a job between runs, with the reference of the configuration loaded. */
  withClient<T>(config: RunConfig, job: (client: PlaygroundClient) => Promise<T>): Promise<T>;
  /** Called by the configuration after each change. */
  configChanged(): void;
}

/** Groups that are sampled before the visitor presses Run. */
const PREVIEW_GROUPS = 4;
/** Rest after a change of the rollout settings before the preview is sampled anew. */
const PREVIEW_DELAY_MS = 400;

/** Ready-made references are loaded ahead; pretraining one is part of the run. */
export const isReadyMade = ({ reference }: RunConfig): boolean => reference.source === 'shipped';

const isStale = (state: PlaygroundState): boolean =>
  !state.rollouts || rolloutKey(state.rollouts.config) !== rolloutKey(configToRun(state));

export const createPreviewSlice =
  (session: Session): StateCreator<PlaygroundState, [], [], PreviewSlice> =>
  (set, get) => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    return {
      prepared: undefined,
      jobConfig: FIRST_VISIT.config,

      async lookAhead() {
        const { phase, ranWith, prepared: known } = get();
        const config = configToRun(get());
        if (phase.name === 'running' || phase.name === 'preparing') return;
        if (!isStale(get()) || !isReadyMade(config)) return;
        const preparing: RunPhase = { name: 'preparing' };
        set({ phase: preparing });
        if (ranWith) {
          get().beginResults(false); // other tries make the workers forget the policy
          get().resetChat();
          set({ ranWith: undefined });
        }
        try {
          await get().withClient(config, (client) =>
            client.preview(config, Math.min(PREVIEW_GROUPS, config.rollout.prompts)),
          );
          if (get().phase !== preparing) return; // Run was pressed meanwhile
          set({ phase: { name: 'idle' } });
          const { preset, prepared, config: now } = get();
          const isPreset = sameSettings(now, preset.config);
          // what the adapter is was not known when the preset was chosen
          if (!known && isPreset && preset.onSoftware && prepared?.adapter.isSoftware)
            get().choosePreset(preset.name);
          else get().configChanged();
        } catch (cause) {
          if (get().phase === preparing) get().fail(cause);
        }
      },

      withClient(config, job) {
        return session.use(async (client) => {
          if (!isReadyMade(config) && !session.isPreparedFor(config)) {
            throw new PlaygroundError(
              'config-invalid',
              'The reference of these settings is pretrained by the run: press Run first.',
            );
          }
          set({ jobConfig: config, prepared: await session.prepare(client, config) });
          return job(client);
        });
      },

      configChanged() {
        get().reweight();
        clearTimeout(timer);
        const { phase, ranWith, config } = get();
        const opened = session.client !== undefined; // before that, nothing starts without a click
        // Other tries make the workers forget the policy: only another task is worth that unasked.
        const wouldForget = ranWith !== undefined && ranWith.task === config.task;
        if (!opened || phase.name === 'running' || wouldForget || !isStale(get())) return;
        timer = setTimeout(() => void get().lookAhead(), PREVIEW_DELAY_MS);
      },
    };
  };
