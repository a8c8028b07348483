import { DEFAULT_RUN, type RunConfig } from '../../config/runConfig';
import { scoreEpisodes, type Episodes } from '../episodes';
import { rowWeights } from '../loss';

/** One-turn episodes without penalties: each group's outcomes, so that returns are 0 or 1. */
export function oneTurnGames(groups: readonly (readonly boolean[])[]): Episodes {
  const solved = groups.flat();
  return {
    promptOf: groups.flatMap((group, g) => group.map(() => g)),
    turns: solved.map(() => 1),
    solvedAt: solved.map(Number),
    answers: solved.map(() => ['1']),
  };
}

/** Episodes solved at the turns given, 0 for never; answers never repeat. */
export function games(groups: readonly (readonly number[])[], maxTurns = 5): Episodes {
  const solvedAt = groups.flat();
  const turns = solvedAt.map((turn) => turn || maxTurns);
  return {
    promptOf: groups.flatMap((group, g) => group.map(() => g)),
    turns,
    solvedAt,
    answers: turns.map((count) => Array.from({ length: count }, (_, t) => String(t))),
  };
}

/** The default run with a method and some settings of it. */
export const withMethod = (
  name: string,
  {
    drift = {},
    method = {},
    online = {},
    preference = {},
    epochs = 1,
  }: {
    drift?: Partial<RunConfig['drift']>;
    method?: Partial<RunConfig['method']>;
    online?: Partial<RunConfig['online']>;
    preference?: Partial<RunConfig['preference']>;
    epochs?: number;
  } = {},
): RunConfig => ({
  ...DEFAULT_RUN,
  drift: { ...DEFAULT_RUN.drift, ...drift },
  method: { ...DEFAULT_RUN.method, ...method, name },
  online: { ...DEFAULT_RUN.online, ...online },
  preference: { ...DEFAULT_RUN.preference, ...preference },
  optimizer: { ...DEFAULT_RUN.optimizer, epochs },
});

/** Row weights of a configuration. */
export const weightsOf = (episodes: Episodes, config: RunConfig, epoch = 1): Float64Array =>
  rowWeights(scoreEpisodes(episodes, config.drift), episodes, config, epoch);
