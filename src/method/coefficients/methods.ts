import type { MethodConfig, MethodName } from '../../config/methodConfig';
import type { RunConfig } from '../../config/runConfig';
import { AWR } from './awr';
import { DFT } from './dft';
import { DPO } from './dpo';
import { DRIFT } from './drift';
import { GRPO } from './grpo';
import { ITERATED_DRIFT } from './iteratedDrift';
import { IW_SFT } from './iwSft';
import { KTO } from './kto';
import type { Method } from './method';
import { REINFORCE } from './reinforce';
import { REINFORCE_PLUS_PLUS } from './reinforcePlusPlus';
import { REST } from './rest';
import { RFT } from './rft';
import { RLOO } from './rloo';
import { RWR } from './rwr';
import { SFT } from './sft';

/** Every method by its name, in the order in which they are offered. */
export const METHODS: ReadonlyMap<MethodName, Method> = new Map(
  [
    ...[DRIFT, ITERATED_DRIFT, SFT, RFT, REST, RWR, AWR, DFT, IW_SFT],
    ...[REINFORCE, RLOO, REINFORCE_PLUS_PLUS, GRPO, DPO, KTO],
  ].map((method) => [method.name, method]),
);

/** The method of a run. */
export const methodOf = ({ method }: Pick<RunConfig, 'method'>): Method =>
  METHODS.get(method.name)!;

/** Which answers the run trains. */
export const trainedTurns = (config: RunConfig): MethodConfig['turns'] =>
  methodOf(config).trainsAllTurns ? 'all' : config.method.turns;

/** Prompts whose tries one policy samples: all of the run's, or those between two looks at the policy. */
export const roundPrompts = (config: RunConfig): number =>
  Math.min(methodOf(config).promptsPerRound?.(config) ?? Infinity, config.rollout.prompts);

/** Prompts that are played in the whole run, those that are played again counted again. */
export const playedPrompts = (config: RunConfig): number =>
  config.rollout.prompts * (isRefreshed(config) ? config.online.passes : 1);

/** Whether the policy in training plays, and not the reference alone. */
export const isRefreshed = (config: RunConfig): boolean =>
  methodOf(config).promptsPerRound !== undefined;
