import type { StateCreator } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import type { Costs, RunEnd, RunEvent, Stage } from '../workers/contract';
import { hasNewKernels } from './calibrationSlice';
import { sameButOverlap, sameSettings } from './configSlice';
import { isReadyMade } from './previewSlice';
import { referenceScoreKey } from './rolloutSlice';
import type { Session } from './session';
import { encodeLink } from './shareUrl';
import type { PlaygroundState } from './store';
import { configToRun } from './watchSlice';

export type StageName = Stage;
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
      readonly costs: Costs | undefined; // so far
      readonly pausing: boolean;
    }
  | { readonly name: 'paused' | 'finished'; readonly end: RunEnd }
  | { readonly name: 'failed'; readonly error: PlaygroundError };

export interface RunSlice {
  readonly phase: RunPhase;
  /** The configuration of the run in progress, or of the last one. */
  readonly ranWith: RunConfig | undefined;
  /** Most optimizer steps per second; Infinity is full speed. */
  readonly stepsPerSecond: number;
  /** Runs the current configuration, or goes on with it where it was paused. */
  run(maxSteps?: number): Promise<void>;
  /** Forgets the results of the run before: one of this configuration begins. */
  beginRun(config: RunConfig): void;
  pause(): void;
  /** Forgets rollouts and training; finished runs stay. */
  reset(): Promise<void>;
  /** Ends the workers whatever they do, and forgets all that they did. */
  giveUp(): void;
  setSpeed(stepsPerSecond: number): void;
  /** Shows a failure; one that the visitor asked for is none. */
  fail(cause: unknown): void;
  dismissFailure(): void;
  /** Takes in what the workers say. */
  receive(event: RunEvent): void;
}

const same = (a: RunConfig | undefined, b: RunConfig): boolean =>
  a !== undefined && sameSettings(a, b);

/** A run that has said nothing yet. */
export const STARTING: RunPhase = {
  name: 'running',
  stage: undefined,
  done: 0,
  total: 0,
  secondsLeft: undefined,
  costs: undefined,
  pausing: false,
};

export const createRunSlice =
  (session: Session): StateCreator<PlaygroundState, [], [], RunSlice> =>
  (set, get) => {
    const forget = (): void => {
      get().beginResults(false);
      get().resetChat();
      set({ phase: { name: 'idle' }, rollouts: undefined, ranWith: undefined });
    };

    let runs = 0; // a run that was given up says no more
    let wallMs = 0; // of the run so far, pauses left out; its stages overlap, so their sum is longer
    let isWarm = false;

    const finish = (config: RunConfig, end: RunEnd): void => {
      set({ phase: { name: end.reason, end } });
      void get().scoreInspected();
      if (end.reason !== 'finished' || get().watching) return; // a recording is no run of this visit
      const { preset, lesson } = get();
      get().keepRun(config, encodeLink(config, preset, { lesson }), end, {
        durationSeconds: wallMs / 1000,
        isWarm,
      });
    };

    return {
      phase: { name: 'idle' },
      ranWith: undefined,
      stepsPerSecond: Infinity,

      beginRun(config) {
        const { ranWith } = get();
        get().beginResults(
          ranWith !== undefined && referenceScoreKey(ranWith) === referenceScoreKey(config),
        );
        get().resetChat();
        set({ ranWith: config, inspectedLogp: undefined });
      },

      fail(cause) {
        const error = PlaygroundError.from(cause);
        if (error.code === 'aborted') set({ phase: { name: 'idle' } });
        else set({ phase: { name: 'failed', error } });
      },

      dismissFailure() {
        if (get().phase.name === 'failed') set({ phase: { name: 'idle' } });
      },

      receive(event) {
        switch (event.kind) {
          case 'progress': {
            const { phase } = get();
            if (phase.name !== 'running') return;
            const { stage, done, total, secondsLeft, costs } = event;
            set({ phase: { ...phase, stage, done, total, secondsLeft, costs } });
            const { totalSteps } = get();
            if ((stage === 'train' || stage === 'pretrain') && totalSteps[stage] !== total) {
              set({ totalSteps: { ...totalSteps, [stage]: total } });
            }
            return;
          }
          case 'trajectories':
            get().acceptTrajectories(event.batch, get().jobConfig, event.step !== undefined);
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

      async run(maxSteps) {
        const { phase, ranWith } = get();
        const config = configToRun(get());
        if (phase.name === 'running') return;
        const mine = ++runs;
        const unchanged = same(ranWith, config);
        const goesOn = phase.name === 'paused' && unchanged;
        const again =
          phase.name === 'finished' && ranWith !== undefined && sameButOverlap(ranWith, config);
        const areNew = session.client === undefined; // workers that know no tries of a file
        set({ phase: STARTING, inspectedLogp: undefined });
        if (!goesOn) {
          const haveChanged = hasNewKernels(get());
          wallMs = 0;
          isWarm = again && !areNew && !haveChanged && !get().rollouts?.file;
          if (haveChanged) session.forgetPrepared();
        }
        const begun = performance.now();
        try {
          const end = await session.use(async (client) => {
            if (again) {
              await client.reset();
              if (!get().rollouts?.file) set({ rollouts: undefined });
            } else if (!goesOn && !areNew) await client.forgetTraining(); // a race may have trained the same
            if (!goesOn || areNew) await get().bringRollouts(client, config);
            set({ jobConfig: config });
            if (isReadyMade(config)) set({ prepared: await session.prepare(client, config) });
            await client.setSpeed(get().stepsPerSecond);
            const { phase: now } = get();
            if (now.name === 'running' && now.pausing) {
              throw new PlaygroundError('aborted', 'The run was paused before it began.');
            }
            if (!goesOn) get().beginRun(config);
            const ended = await client.run(config, maxSteps === undefined ? {} : { maxSteps });
            // A reference that was pretrained by the run is at hand by now.
            if (ended.step > 0) set({ prepared: await session.prepare(client, config) });
            return ended;
          });
          wallMs += performance.now() - begun;
          finish(config, end);
        } catch (cause) {
          if (mine === runs) get().fail(cause);
        }
      },

      pause() {
        const { phase } = get();
        if (phase.name !== 'running') return;
        set({ phase: { ...phase, pausing: true } });
        session.client?.pause().catch(() => {}); // a failure also rejects the run itself
      },

      async reset() {
        const { phase } = get();
        const isRunning = phase.name === 'running' && phase.stage !== undefined;
        const isResting = phase.name !== 'running' && phase.name !== 'preparing';
        if (phase.name === 'failed' || !(isRunning || isResting)) {
          get().giveUp(); // a device that never answers can be given up
        } else {
          get().pause();
          try {
            if (session.client) await session.use((client) => client.reset());
          } catch (cause) {
            get().fail(cause);
            return;
          }
        }
        forget();
        await get().lookAhead();
      },

      giveUp() {
        runs++;
        session.close();
        forget();
        set({ prepared: undefined });
      },

      setSpeed(stepsPerSecond) {
        set({ stepsPerSecond });
        session.client?.setSpeed(stepsPerSecond).catch(() => {}); // the run itself says why
      },
    };
  };
