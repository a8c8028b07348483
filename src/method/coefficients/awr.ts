/**
 * Advantage-weighted regression with the mean return of all tries for a value function.
 *
 * Differs: the published one learns a value function of the state and reuses a replay buffer.
 */
import { mean } from '../mean';
import { AVERAGING, RETURN, type Method } from './method';

/** min(exp((R − V)/β), cap). [B] */
export const advantageWeights = (
  returns: ArrayLike<number>,
  value: number,
  beta: number,
  cap: number,
): Float64Array => Float64Array.from(returns, (R) => Math.min(Math.exp((R - value) / beta), cap));

export const AWR: Method = {
  name: 'awr',
  title: 'AWR',
  formula: ({ method }) => `w = min(exp((R − mean R of all tries)/β), ${method.weightCap})`,
  source: 'Peng et al. 2019, arXiv 1910.00177',
  sentence: 'Tries better than the average of all count exponentially more, up to a limit.',
  settings: [
    'drift.beta',
    'method.weightCap',
    ...RETURN,
    ...AVERAGING,
    'method.dropFailedGroups',
    'method.pruneBelow',
  ],
  isPooled: true,
  rowWeights: (_, { returns }, { drift, method }) =>
    advantageWeights(returns, mean(returns), drift.beta, method.weightCap),
};
