import type { RunConfig } from '../config/runConfig';
import { isRefreshed } from '../method/coefficients/methods';
import type { Costs } from '../workers/contract';
import { sameButOverlap } from './configSlice';
import type { FinishedRun } from './resultsSlice';
import type { RunPhase } from './runSlice';

/** What the stages of a run took, in seconds. */
export interface StageTimes {
  readonly took: number; //        while any was at work
  readonly addUpTo: number; //     one after the other
  readonly overlapped: number; //  while two were
  readonly playedBeside: number; // of that, rollouts beside training
}

export function stageTimes(costs: Costs): StageTimes {
  const { seconds, overlapSeconds: playedBeside, evaluationOverlapSeconds } = costs;
  const addUpTo = seconds.rollout + seconds.train + seconds.evaluate;
  const overlapped = playedBeside + evaluationOverlapSeconds;
  return { took: addUpTo - overlapped, addUpTo, overlapped, playedBeside };
}

/** What the run in progress, or the last one, has cost so far. */
export function costsOf(phase: RunPhase): Costs | undefined {
  if (phase.name === 'running') return phase.costs;
  return phase.name === 'finished' || phase.name === 'paused' ? phase.end.costs : undefined;
}

/** Seconds that this run took with its stages overlapping and without, of this visit's warm runs. */
export function measuredSaving(
  history: readonly FinishedRun[],
  config: RunConfig,
): { readonly overlapping: number | undefined; readonly inTurn: number | undefined } {
  const runs = history.filter((run) => run.isWarm && sameButOverlap(run.config, config));
  const tookWith = (overlap: boolean): number | undefined => {
    const run = runs.find(({ config: { engine } }) => engine.overlap === overlap);
    return run && stageTimes(run.costs).took;
  };
  return { overlapping: tookWith(true), inTurn: tookWith(false) };
}

/** A run beside one of another kind. */
export interface Timed {
  readonly method: string; // name
  readonly seconds: number; // while rollouts or training were at work
  readonly isWarm: boolean;
}

/**
 * What rollouts and training of this run took, and of the last one on the same prompts with as many
 * tries and epochs: one that plays while it learns, and one from frozen tries whose stages may overlap.
 */
export function besideOnline(
  history: readonly FinishedRun[],
  config: RunConfig,
): { readonly online: Timed; readonly offline: Timed } | undefined {
  const like = history.filter((run) => sameWork(run.config, config));
  const last = (plays: boolean): Timed | undefined => {
    const isMine = isRefreshed(config) === plays;
    const run = like.findLast(
      ({ config: its }) =>
        isRefreshed(its) === plays &&
        (plays ? its.online.passes === 1 : its.engine.overlap) &&
        (!isMine || sameButOverlap(its, config)),
    );
    if (!run || run.costs.seconds.rollout === 0) return undefined; // tries of a file
    const { seconds, overlapSeconds } = run.costs;
    return {
      method: run.config.method.name,
      seconds: seconds.rollout + seconds.train - overlapSeconds,
      isWarm: run.isWarm,
    };
  };
  const [online, offline] = [last(true), last(false)];
  return online && offline && { online, offline };
}

/** Whether as many tries of the same prompts are played and trained as often, on the same model. */
function sameWork(a: RunConfig, b: RunConfig): boolean {
  const workOf = ({ task, seed, model, reference, rollout, optimizer, eval: judged }: RunConfig) =>
    JSON.stringify([
      ...[task, seed, model, reference, rollout, judged],
      ...[optimizer.epochs, optimizer.batch],
    ]);
  return workOf(a) === workOf(b);
}
