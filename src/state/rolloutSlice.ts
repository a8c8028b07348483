import type { StateCreator } from 'zustand/vanilla';
import { evaluationTurns, type RunConfig } from '../config/runConfig';
import { concatTrajectories, type Trajectories } from '../data/trajectories';
import { scoreEpisodes, type Scores } from '../method/episodes';
import { rowWeights } from '../method/loss';
import type { PlaygroundState } from './store';

/** The frozen rollouts and what the current weight settings make of them. */
export interface Rollouts {
  readonly trajectories: Trajectories;
  readonly scores: Scores;
  /** Of each trajectory in the loss of the current method. [B] */
  readonly weights: Float64Array;
  /** The configuration that they were sampled with; its `drift` may be out of date. */
  readonly config: RunConfig;
  /** Whether the policy in training played them too, and not the reference alone. */
  readonly isRefreshed: boolean;
  /** Where they come from, if they were not sampled here. */
  readonly file?: RolloutText | undefined;
}

/** A rollout file that was opened. */
export interface RolloutText {
  readonly name: string;
  readonly text: string;
}

export interface RolloutSlice {
  readonly rollouts: Rollouts | undefined;
  /** Adds complete groups; those sampled with other rollout settings, or before, make way. */
  acceptTrajectories(
    batch: Trajectories,
    config: RunConfig,
    isRefreshed: boolean,
    file?: RolloutText,
  ): void;
  /** Scores the rollouts with the current weight settings, without sampling anything. */
  reweight(): void;
}

/** How a pretrained reference was made; the ready-made one depends on none of it. */
const pretrainingOf = ({ reference }: RunConfig): RunConfig['reference'] | undefined =>
  reference.source === 'pretrain' ? reference : undefined;

/** What rollouts depend on: those of two configurations with equal keys are the same. */
export const rolloutKey = (config: RunConfig): string => {
  const { task, seed, model, rollout, engine } = config;
  return JSON.stringify([task, seed, model, rollout, engine, pretrainingOf(config)]);
};

/** What the reference's scores depend on. */
export const referenceScoreKey = (config: RunConfig): string => {
  const { task, seed, model } = config;
  const { prompts, split } = config.eval;
  const asked = [task, seed, model, evaluationTurns(config), prompts, split];
  return JSON.stringify([...asked, pretrainingOf(config)]);
};

function judge(
  trajectories: Trajectories,
  config: RunConfig,
): Pick<Rollouts, 'scores' | 'weights'> {
  const scores = scoreEpisodes(trajectories, config.drift);
  return { scores, weights: rowWeights(scores, trajectories, config) };
}

export const createRolloutSlice: StateCreator<PlaygroundState, [], [], RolloutSlice> = (
  set,
  get,
) => ({
  rollouts: undefined,

  acceptTrajectories(batch, config, isRefreshed, file) {
    const { rollouts, config: current } = get();
    const goesOn =
      rollouts !== undefined &&
      !(file ?? rollouts.file) &&
      rollouts.isRefreshed === isRefreshed &&
      rolloutKey(rollouts.config) === rolloutKey(config) &&
      rollouts.trajectories.prompts[0]?.id !== batch.prompts[0]?.id; // else sampled anew
    const trajectories = goesOn ? concatTrajectories([rollouts.trajectories, batch]) : batch;
    if (!goesOn) set({ inspected: undefined, rowPrompt: undefined, rowPage: 0, groupIndex: 0 });
    set({ rollouts: { trajectories, config, isRefreshed, file, ...judge(trajectories, current) } });
  },

  reweight() {
    const { rollouts, config } = get();
    if (!rollouts) return;
    set({ rollouts: { ...rollouts, ...judge(rollouts.trajectories, config) } });
  },
});
