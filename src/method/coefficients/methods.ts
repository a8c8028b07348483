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
  const { formula, settings } = methodOf(config);
  const { dropFailedGroups, pruneBelow } = config.method;
  const base = typeof formula === 'string' ? formula : formula(config);
  const drops = settings.includes('method.dropFailedGroups') && dropFailedGroups;
  const prunes = settings.includes('method.pruneBelow') && pruneBelow > 0;
  return [
    base,
    ...(drops ? ['0 for prompts that no try solved'] : []),
    ...(prunes ? [`0 where w < ${pruneBelow}`] : []),
  ].join('; ');
}
