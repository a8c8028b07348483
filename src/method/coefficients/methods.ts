import type { MethodConfig } from '../../config/methodConfig';
import type { RunConfig } from '../../config/runConfig';
import type { Method } from './method';
import { METHODS } from './registry';

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

/** What multiplies the tokens of a try, with the settings that decide it. */
export function formulaOf(config: RunConfig): string {
  const { formula } = methodOf(config);
  return typeof formula === 'string' ? formula : formula(config);
}
