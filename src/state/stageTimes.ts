import type { RunConfig } from '../config/runConfig';
import type { Costs } from '../workers/contract';
import { sameSettings } from './configSlice';
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

/** Seconds that this run took with its stages overlapping and without, where this visit has both. */
export function measuredSaving(
  history: readonly FinishedRun[],
  config: RunConfig,
): { readonly overlapping: number; readonly inTurn: number } | undefined {
  const tookWith = (overlap: boolean): number | undefined => {
    const wanted = { ...config, engine: { ...config.engine, overlap } };
    const run = history.find((finished) => sameSettings(finished.config, wanted));
    const times = run && stageTimes(run.costs);
    // One that trained again on the tries of the run before has not overlapped with them.
    return overlap && times?.playedBeside === 0 ? undefined : times?.took;
  };
  const [overlapping, inTurn] = [tookWith(true), tookWith(false)];
  return overlapping === undefined || inTurn === undefined ? undefined : { overlapping, inTurn };
}
