/**
 * REINFORCE on the policy's own fresh tries, with the mean return of the round for a baseline.
 *
 * Differs: a round that takes several steps is not corrected for the policy having moved meanwhile.
 */
import { mean } from '../mean';
import { RETURN, type Method } from './method';

export const REINFORCE: Method = {
  name: 'reinforce',
  title: 'REINFORCE',
  formula: 'c = R − mean R of the round',
  source: 'Williams 1992, Machine Learning 8',
  sentence:
    'Fresh tries better than the average of the round are made likelier, others less likely.',
  settings: ['online.prompts', 'online.passes', ...RETURN],
  isPooled: true,
  isSigned: true,
  trainsAllTurns: true,
  promptsPerRound: ({ online }) => online.prompts,
  averaging: () => ({ sequence: 'sum', batchRule: 'rows' }),
  rowWeights(_, { returns }) {
    const center = mean(returns);
    return returns.map((R) => R - center);
  },
};
