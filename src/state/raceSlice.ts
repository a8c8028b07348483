import type { StateCreator } from 'zustand/vanilla';
import { problemsOf } from '../config/caps';
import { evaluationTurns, type RunConfig } from '../config/runConfig';
import type { Variant } from '../config/variants';
import { isRefreshed } from '../method/coefficients/methods';
import { PlaygroundError } from '../shared/errors';
import type { Evaluation } from '../workers/contract';
import { isReadyMade } from './previewSlice';
import {
  epochsWithin,
  nextLeg,
  passesWithin,
  promptsWithin,
  timedSteps,
  trialOf,
  withEvaluationAt,
  type Budget,
  type RacePoint,
} from './raceBudget';
import { FIRST_RACE, type RaceChoice } from './raceChoice';
import { inTurn, runOf } from './raceEntries';
import { STARTING } from './runSlice';
import type { Session } from './session';
import { encodeLink, hasRoom, TOO_MUCH } from './shareUrl';
import type { PlaygroundState } from './store';

/** Who races, and for how long. */
export interface RacePlan {
  readonly entries: readonly Variant[];
  readonly seeds: number; // from the seed of the settings on
  readonly budget: Budget;
}

export interface RaceRun {
  readonly entry: string; // name
  readonly seed: number;
  readonly learningRate: number;
  readonly reference: Evaluation;
  readonly points: readonly RacePoint[]; // after training, by step; at least one
}

/** A run that could not be made, and why. */
export interface RaceFailure {
  readonly entry: string;
  readonly seed: number;
  readonly message: string;
}

export interface Race {
  readonly plan: RacePlan;
  readonly config: RunConfig; // of all runs, but for the seed, and what entry and budget set
  readonly link: string; //      fragment that opens it again
  readonly runs: readonly RaceRun[];
  readonly failures: readonly RaceFailure[];
  /** The run under way; absent when the race is over. */
  readonly now?: {
    readonly entry: string;
    readonly seed: number;
    readonly secondsLeft: number | undefined; // of the whole race, once a run is through
  };
}

export interface RaceSlice {
  readonly race: Race | undefined;
  /** What the next race will be. */
  readonly raceChoice: RaceChoice;
  /** Changes that; returns why not, if a link cannot carry it. */
  chooseRace(changes: Partial<RaceChoice>): string | undefined;
  /** Runs every entry with every seed, one after the other, on the present settings. */
  startRace(plan: RacePlan): Promise<void>;
}

/** How a run is told to end before its time: the visitor has paused it. */
class Stopped extends Error {}

/** A method that samples while it trains spends that time as it trains: each further step costs some. */
function costsOf(config: RunConfig, costs: RacePoint['costs']): RacePoint['costs'] {
  if (!isRefreshed(config)) return costs;
  const { rollout, train } = costs.seconds;
  return { ...costs, seconds: { ...costs.seconds, rollout: 0, train: rollout + train } };
}

/** How many runs a race has, and how many of them are through. */
export const runsOf = ({ plan, runs, failures }: Race): { through: number; all: number } => ({
  through: runs.length + failures.length,
  all: plan.entries.length * plan.seeds,
});

/** Seconds that the runs to come take if they take as long as those before them. */
function timeLeft(race: Race, begun: number): number | undefined {
  const { through, all } = runsOf(race);
  const seconds = (performance.now() - begun) / 1000;
  return through > 0 ? (seconds * (all - through)) / through : undefined;
}

/** The same settings, evaluated within so many turns. */
const evaluatedWithin = (turns: number, config: RunConfig): RunConfig =>
  evaluationTurns(config) === turns ? config : { ...config, eval: { ...config.eval, turns } };

/** Failures of one run that say nothing about the next. */
const OWN_FAILURES: ReadonlySet<string> = new Set(['config-invalid', 'non-finite-loss']);

export const createRaceSlice =
  (session: Session): StateCreator<PlaygroundState, [], [], RaceSlice> =>
  (set, get, store) => {
    const isGoing = (): boolean => {
      const { phase } = get();
      return phase.name === 'running' && !phase.pausing;
    };
    const expectGoOn = (): void => {
      if (!isGoing()) throw new Stopped();
    };

    /** Something asked of the client, with the reference of these settings at hand. */
    const ask = async <T>(
      config: RunConfig,
      job: Parameters<typeof session.use<T>>[0],
    ): Promise<T> => {
      expectGoOn();
      const answer = await session.use(async (client) => {
        set({ jobConfig: config });
        if (isReadyMade(config)) set({ prepared: await session.prepare(client, config) });
        return isGoing() ? { given: await job(client) } : undefined; // a job forgets an earlier pause
      });
      if (!answer) throw new Stopped();
      return answer.given;
    };

    const sampleAll = (config: RunConfig): Promise<void> =>
      ask(config, (client) => client.preview(config, config.rollout.prompts));

    /** Trains `steps` further and evaluates there. */
    const leg = async (config: RunConfig, from: number, steps: number): Promise<RacePoint> => {
      const until = from + steps;
      const { step, totalSteps, costs } = await ask(config, (client) =>
        client.run(withEvaluationAt(config, until), { maxSteps: steps }),
      );
      expectGoOn(); // a pause ends a leg early
      return { step, totalSteps, costs: costsOf(config, costs), evaluation: await evaluated(step) };
    };

    /** The evaluation at a step, which may arrive after the run has paused there. */
    const evaluated = (step: number): Promise<Evaluation> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const { evaluations, reference } = get();
          const found = reference && evaluations.find((e) => e.step === step);
          try {
            if (found) resolve(found);
            else return expectGoOn();
          } catch (stopped) {
            reject(stopped as Stopped);
          }
          leave();
        };
        const leave = store.subscribe(look);
        look();
      });

    /** One run, up to its budget. */
    const runOne = async (entry: string, asked: RunConfig, budget: Budget): Promise<RaceRun> => {
      const [problem] = problemsOf(asked); // settings that were changed since the entry was added
      if (problem) throw new PlaygroundError('config-invalid', `${problem.message}.`);
      const isFrozen = !isRefreshed(asked); // else it samples while it trains
      if (isFrozen) await sampleAll(asked);
      let config = asked;
      if (isFrozen && budget.kind === 'sampledTokens') {
        config = promptsWithin(asked, get().rollouts!.trajectories, budget.amount);
        if (config !== asked) await sampleAll(config);
      }
      const begin = async (chosen: RunConfig): Promise<RacePoint[]> => {
        config = chosen;
        await ask(config, (client) => client.forgetTraining());
        get().beginRun(config);
        return [await leg(config, 0, 1)];
      };
      const isTimed = budget.kind === 'seconds';
      let points = await begin(isTimed ? trialOf(config) : config);
      const more = isTimed ? timedSteps(config, points[0]!) : 0;
      if (more > 0) points.push(await leg(config, 1, more));
      const enough = (isFrozen ? epochsWithin : passesWithin)(config, budget, points);
      if (enough !== config) points = await begin(enough); // its steps are planned otherwise
      for (;;) {
        const steps = nextLeg(budget, points);
        if (steps === 0) break;
        points.push(await leg(config, points.at(-1)!.step, steps));
      }
      const { seed, optimizer } = config;
      const { learningRate } = optimizer;
      return { entry, seed, learningRate, reference: get().reference!, points };
    };

    return {
      race: undefined,
      raceChoice: FIRST_RACE,

      chooseRace(changes) {
        const { config, preset, lesson, raceChoice } = get();
        const race = { ...raceChoice, ...changes };
        if (!hasRoom(encodeLink(config, preset, { race, lesson }))) return TOO_MUCH;
        set({ raceChoice: race });
        return undefined;
      },

      async startRace(plan) {
        const { phase, config, preset, raceChoice, watching, stepsPerSecond, race: before } = get();
        if (phase.name === 'running' || watching || plan.entries.length === 0) return;
        const turns = evaluationTurns(config); // of all, however many an entry plays
        const link = encodeLink(config, preset, { race: raceChoice });
        const begun = performance.now();
        set({ phase: STARTING, race: { plan, config, link, runs: [], failures: [] } });
        get().setSpeed(Infinity);
        try {
          if (get().rollouts?.file) {
            await session.use((client) => client.reset()); // every seed of a race samples its own
            set({ rollouts: undefined });
          }
          for (let i = 0; i < plan.seeds; i++) {
            const seed = (config.seed + i) % 2 ** 32;
            for (const entry of inTurn(plan.entries, config)) {
              const { name } = entry;
              const secondsLeft = timeLeft(get().race!, begun);
              set(({ race }) => ({ race: { ...race!, now: { entry: name, seed, secondsLeft } } }));
              try {
                const asked = evaluatedWithin(turns, runOf(entry, config, seed));
                const run = await runOne(name, asked, plan.budget);
                set(({ race }) => ({ race: { ...race!, runs: [...race!.runs, run] } }));
              } catch (cause) {
                const { code, message } = PlaygroundError.from(cause);
                if (cause instanceof Stopped || !OWN_FAILURES.has(code)) throw cause;
                const failure = { entry: name, seed, message };
                set(({ race }) => ({ race: { ...race!, failures: [...race!.failures, failure] } }));
              }
            }
          }
          set({ phase: { name: 'idle' } });
        } catch (cause) {
          const isStopped = cause instanceof Stopped;
          if (isStopped && get().phase.name === 'running') set({ phase: { name: 'idle' } });
          // A race that was given up has left the page to something else.
          if (!isStopped && PlaygroundError.from(cause).code !== 'aborted') get().fail(cause);
        } finally {
          set(({ race }) => {
            if (!race) return {};
            const { now: _, ...over } = race;
            const isEmpty = over.runs.length + over.failures.length === 0;
            return { race: isEmpty ? (before ?? over) : over }; // cancelled at once: the last one stays
          });
          const { watching: recording, stepsPerSecond: speed } = get();
          if (!recording && speed === Infinity) get().setSpeed(stepsPerSecond);
        }
      },
    };
  };
