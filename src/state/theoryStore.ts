import { createStore, type StoreApi } from 'zustand/vanilla';
import { PlaygroundError } from '../shared/errors';
import type { OpenTheory, TheoryClient, TheoryPoint, TheorySettings } from '../workers/contract';

export type TheoryPhase =
  | { readonly name: 'idle' | 'opening' | 'training' | 'settled' }
  | { readonly name: 'failed'; readonly error: PlaygroundError };

/** The theory card: settings whose curves are drawn at once, and a model that trains towards them. */
export interface TheoryState {
  readonly settings: TheorySettings;
  readonly phase: TheoryPhase;
  /** Where the model is; absent before it is there, or where the game has changed since. */
  readonly point: TheoryPoint | undefined;
  /** Changes settings; a model that has settled goes on to the new ones. */
  change(settings: Partial<TheorySettings>): void;
  /** Trains until it has settled, from where the model is; opens a worker when first asked. */
  train(): Promise<void>;
  pause(): void;
  /** The model is the reference again. */
  restart(): Promise<void>;
}
export type TheoryStore = StoreApi<TheoryState>;

const FIRST_THEORY: TheorySettings = { beta: 0.3, K: 8, turns: 1, trained: 'all' };
/** Steps with the same settings after which nothing moves any more. */
const SETTLED = 200;
const STEPS_AT_ONCE = 4;
const MS_AT_ONCE = 100; // at least: the way there is to be seen

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The state of the theory card; shares nothing with the runs of the page.
 *
 * @param open starts the worker
 */
export function createTheory(open: OpenTheory): TheoryStore {
  let client: Promise<TheoryClient> | undefined;
  let tail: Promise<unknown> = Promise.resolve(); // the worker does one thing at a time
  let runs = 0; // one that was paused says no more
  const inTurn = <T>(job: () => Promise<T>): Promise<T> => {
    const result = tail.then(job);
    tail = result.catch(() => {}); // the job's caller handles its failure
    return result;
  };

  return createStore<TheoryState>()((set, get) => {
    const fail = (cause: unknown): void => {
      client?.then((c) => c.close()).catch(() => {}); // its failure is told here
      client = undefined;
      set({ phase: { name: 'failed', error: PlaygroundError.from(cause) }, point: undefined });
    };

    /** Steps towards the settings, whatever they become, until they have stayed for long enough. */
    const follow = async (lab: TheoryClient, mine: number): Promise<void> => {
      let towards = get().settings;
      for (let taken = 0; taken < SETTLED || get().settings !== towards; taken += STEPS_AT_ONCE) {
        const { settings } = get();
        if (settings !== towards) taken = 0;
        towards = settings;
        const enough = wait(MS_AT_ONCE);
        const point = await inTurn(() => lab.train(settings, STEPS_AT_ONCE));
        if (mine === runs && get().settings.turns === settings.turns) set({ point });
        await enough;
        if (mine !== runs) return;
      }
      set({ phase: { name: 'settled' } });
    };

    return {
      settings: FIRST_THEORY,
      phase: { name: 'idle' },
      point: undefined,

      change(changed) {
        const { settings, phase, point } = get();
        const next = { ...settings, ...changed };
        set({ settings: next, point: next.turns === settings.turns ? point : undefined });
        if (phase.name === 'settled') void get().train();
      },

      async train() {
        const mine = ++runs;
        set({ phase: { name: client ? 'training' : 'opening' } });
        try {
          const lab = await (client ??= open());
          if (mine !== runs) return;
          set({ phase: { name: 'training' } });
          await follow(lab, mine);
        } catch (cause) {
          if (mine === runs) fail(cause);
        }
      },

      pause() {
        runs++;
        set({ phase: { name: 'idle' } });
      },

      async restart() {
        get().pause();
        set({ point: undefined });
        try {
          const lab = await client;
          await inTurn(async () => lab?.reset());
        } catch (cause) {
          fail(cause);
        }
      },
    };
  });
}
