import type { StateCreator } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { concatTrajectories, type Trajectories } from '../data/trajectories';
import { METHODS } from '../method/coefficients/methods';
import { scoreEpisodes, type Scores } from '../method/episodes';
import type { PlaygroundState } from './store';

/** The frozen rollouts and what the current weight settings make of them. */
export interface Rollouts {
  readonly trajectories: Trajectories;
  readonly scores: Scores;
  /** Of each trajectory in the loss of the current method. [B] */
  readonly weights: Float64Array;
  /** The configuration that they were sampled with; its `drift` may be out of date. */
  readonly config: RunConfig;
}

export interface RolloutSlice {
  readonly rollouts: Rollouts | undefined;
  /** Adds complete groups; those sampled with other rollout settings make way. */
  acceptTrajectories(batch: Trajectories, config: RunConfig): void;
  /** Scores the rollouts with the current weight settings, without sampling anything. */
  reweight(): void;
}

/** What rollouts depend on: those of two configurations with equal keys are the same. */
export const rolloutKey = ({ task, seed, reference, model, rollout }: RunConfig): string =>
  JSON.stringify({ task, seed, reference, model, rollout });

function judge(
  trajectories: Trajectories,
  { drift, method }: RunConfig,
): Pick<Rollouts, 'scores' | 'weights'> {
  const scores = scoreEpisodes(trajectories, drift);
  return { scores, weights: METHODS.get(method.name)!.rowWeights(trajectories, scores) };
}

export const createRolloutSlice: StateCreator<PlaygroundState, [], [], RolloutSlice> = (
  set,
  get,
) => ({
  rollouts: undefined,

  acceptTrajectories(batch, config) {
    const { rollouts, config: current } = get();
    const earlier =
      rollouts && rolloutKey(rollouts.config) === rolloutKey(config) ? [rollouts.trajectories] : [];
    const trajectories = earlier.length ? concatTrajectories([...earlier, batch]) : batch;
    set({ rollouts: { trajectories, config, ...judge(trajectories, current) } });
  },

  reweight() {
    const { rollouts, config } = get();
    if (!rollouts) return;
    set({ rollouts: { ...rollouts, ...judge(rollouts.trajectories, config) } });
  },
});
