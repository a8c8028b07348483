import type { StateCreator } from 'zustand/vanilla';
import { METHOD_NAMES, type RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import type { PlaygroundClient, Prepared, RunEnd, RunEvent, Stage } from '../workers/contract';
import { sameSettings } from './configSlice';
import { referenceScoreKey, rolloutKey } from './rolloutSlice';
import type { Session } from './session';
import { encodeLink } from './shareUrl';
import type { PlaygroundState } from './store';

export type StageName = Stage;
export type PreparedView = Prepared;
export type RunEndView = RunEnd;

/** One tagged value, so that "running and failed" cannot be written down. */
export type RunPhase =
  | { readonly name: 'idle' }
  | { readonly name: 'preparing' } // opening the device, loading the reference, sampling the preview
  | {
      readonly name: 'running';
      readonly stage: Stage | undefined; // undefined until the first progress
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | undefined;
      readonly pausing: boolean;
    }
  | { readonly name: 'paused' | 'finished'; readonly end: RunEnd }
  | { readonly name: 'failed'; readonly error: PlaygroundError };

export interface RunSlice {
  readonly phase: RunPhase;
  readonly prepared: Prepared | undefined;
  /** The configuration of the run in progress, or of the last one. */
  readonly ranWith: RunConfig | undefined;
  /** Most optimizer steps per second; Infinity is full speed. */
  readonly stepsPerSecond: number;
  /** Loads the reference and samples the first groups, so that the page has something to show. */
  lookAhead(): Promise<void>;
  /** Runs the current configuration, or goes on with it where it was paused. */
  run(maxSteps?: number): Promise<void>;
  /** Runs the current settings with every method that has not finished with them yet. */
  compare(): Promise<void>;
  pause(): void;
  /** Forgets rollouts and training; finished runs stay. */
  reset(): Promise<void>;
  setSpeed(stepsPerSecond: number): void;
  dismissFailure(): void;
  /** Does a job between runs, with the reference of the configuration loaded. */
  withClient<T>(config: RunConfig, job: (client: PlaygroundClient) => Promise<T>): Promise<T>;
  /** Takes in what the workers say. */
  receive(event: RunEvent): void;
  /** Called by the configuration after each change. */
  configChanged(): void;
}

/** Groups that are sampled before the visitor presses Run. */
const PREVIEW_GROUPS = 4;
/** Rest after a change of the rollout settings before the preview is sampled anew. */
const PREVIEW_DELAY_MS = 400;

const same = (a: RunConfig | undefined, b: RunConfig): boolean =>
  a !== undefined && sameSettings(a, b);

const starting: RunPhase = {
  name: 'running',
  stage: undefined,
  done: 0,
  total: 0,
  secondsLeft: undefined,
  pausing: false,
};

export const createRunSlice =
  (session: Session): StateCreator<PlaygroundState, [], [], RunSlice> =>
  (set, get) => {
    let jobConfig: RunConfig | undefined; // of the job whose events are arriving
    let preparedFor: RunConfig | undefined;
    let previewTimer: ReturnType<typeof setTimeout> | undefined;

    const prepare = async (client: PlaygroundClient, config: RunConfig): Promise<void> => {
      jobConfig = config;
      if (same(preparedFor, config)) return;
      preparedFor = undefined;
      set({ prepared: await client.prepare(config) });
      preparedFor = config;
    };

    const fail = (cause: unknown): void => {
      const error = PlaygroundError.from(cause);
      if (!session.client) preparedFor = undefined;
      if (error.code === 'aborted') set({ phase: { name: 'idle' } });
      else set({ phase: { name: 'failed', error } });
    };

    const isStale = (): boolean => {
      const { rollouts, config } = get();
      return !rollouts || rolloutKey(rollouts.config) !== rolloutKey(config);
    };

    const begin = (config: RunConfig): void => {
      const { ranWith } = get();
      get().beginResults(
        ranWith !== undefined && referenceScoreKey(ranWith) === referenceScoreKey(config),
      );
      get().resetChat();
      set({ ranWith: config });
    };

    /** Ready-made references are loaded ahead; pretraining one is part of the run. */
    const isReadyMade = ({ reference }: RunConfig): boolean => reference.source === 'shipped';

    const finish = (config: RunConfig, end: RunEnd): void => {
      set({ phase: { name: end.reason, end } });
      if (end.reason === 'finished') get().keepRun(config, encodeLink(config, get().preset), end);
    };

    return {
      phase: { name: 'idle' },
      prepared: undefined,
      ranWith: undefined,
      stepsPerSecond: Infinity,

      dismissFailure() {
        if (get().phase.name === 'failed') set({ phase: { name: 'idle' } });
      },

      withClient(config, job) {
        return session.use(async (client) => {
          if (!isReadyMade(config) && !same(preparedFor, config)) {
            throw new PlaygroundError(
              'config-invalid',
              'The reference of these settings is pretrained by the run: press Run first.',
            );
          }
          await prepare(client, config);
          return job(client);
        });
      },

      receive(event) {
        switch (event.kind) {
          case 'progress': {
            const { phase } = get();
            if (phase.name !== 'running') return;
            const { stage, done, total, secondsLeft } = event;
            set({ phase: { ...phase, stage, done, total, secondsLeft } });
            return;
          }
          case 'trajectories':
            if (jobConfig) get().acceptTrajectories(event.batch, jobConfig);
            return;
          case 'metrics':
            get().acceptMetrics(event.batch);
            return;
          case 'evaluation':
            get().acceptEvaluation(event.evaluation);
            return;
          default:
            event satisfies never;
        }
      },

      async lookAhead() {
        const { phase, config, ranWith } = get();
        if (phase.name === 'running' || phase.name === 'preparing') return;
        if (!isStale() || !isReadyMade(config)) return;
        set({ phase: { name: 'preparing' } });
        if (ranWith) {
          get().beginResults(false); // other tries make the workers forget the policy
          get().resetChat();
          set({ ranWith: undefined });
        }
        try {
          await session.use(async (client) => {
            await prepare(client, config);
            await client.preview(config, Math.min(PREVIEW_GROUPS, config.rollout.prompts));
          });
          if (get().phase.name !== 'preparing') return; // Run was pressed meanwhile
          set({ phase: { name: 'idle' } });
          get().configChanged();
        } catch (cause) {
          if (get().phase.name === 'preparing') fail(cause);
        }
      },

      async run(maxSteps) {
        const { phase, config, ranWith } = get();
        if (phase.name === 'running') return;
        clearTimeout(previewTimer);
        const unchanged = same(ranWith, config);
        const goesOn = phase.name === 'paused' && unchanged;
        const again = phase.name === 'finished' && unchanged;
        set({ phase: starting });
        try {
          const end = await session.use(async (client) => {
            if (again) {
              await client.reset();
              set({ rollouts: undefined });
            }
            if (isReadyMade(config)) await prepare(client, config);
            jobConfig = config;
            await client.setSpeed(get().stepsPerSecond);
            const { phase: now } = get();
            if (now.name === 'running' && now.pausing) {
              throw new PlaygroundError('aborted', 'The run was paused before it began.');
            }
            if (!goesOn) begin(config);
            const ended = await client.run(config, maxSteps === undefined ? {} : { maxSteps });
            if (ended.step > 0) await prepare(client, config); // knows the adapter by now
            return ended;
          });
          finish(config, end);
        } catch (cause) {
          fail(cause);
        }
      },

      async compare() {
        const { config } = get();
        const link = (): string => encodeLink(get().config, get().preset);
        for (const name of METHOD_NAMES) {
          get().setSetting('method.name', name);
          if (get().history.some((run) => run.link === link())) continue;
          await get().run();
          if (get().phase.name !== 'finished') return;
        }
        get().setSetting('method.name', config.method.name);
      },

      pause() {
        const { phase } = get();
        if (phase.name !== 'running') return;
        set({ phase: { ...phase, pausing: true } });
        session.client?.pause().catch(() => {}); // a failure also rejects the run itself
      },

      async reset() {
        const { phase } = get();
        clearTimeout(previewTimer);
        if (phase.name === 'preparing' || phase.name === 'failed' || !session.client) {
          session.close(); // a device that never answers can be given up
          preparedFor = undefined;
        } else {
          get().pause();
          try {
            await session.use((client) => client.reset());
          } catch (cause) {
            fail(cause);
            return;
          }
        }
        get().beginResults(false);
        get().resetChat();
        set({ phase: { name: 'idle' }, rollouts: undefined, ranWith: undefined });
        await get().lookAhead();
      },

      setSpeed(stepsPerSecond) {
        set({ stepsPerSecond });
        session.client?.setSpeed(stepsPerSecond).catch(() => {}); // the run itself says why
      },

      configChanged() {
        get().reweight();
        clearTimeout(previewTimer);
        const { phase, ranWith, config } = get();
        const opened = session.client !== undefined; // before that, nothing starts without a click
        // Other tries make the workers forget the policy: only another task is worth that unasked.
        const wouldForget = ranWith !== undefined && ranWith.task === config.task;
        if (!opened || phase.name === 'running' || wouldForget || !isStale()) return;
        previewTimer = setTimeout(() => void get().lookAhead(), PREVIEW_DELAY_MS);
      },
    };
  };
