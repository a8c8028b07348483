/**
 * Supervised fine-tuning on the policy's own tries, good and bad alike: DRIFT as β → ∞.
 *
 * Differs: the usual SFT has demonstrations by somebody else; here all methods share one set of
 * trajectories, so that only the weights differ. Its single-turn form takes what was solved at the
 * first turn (method.rows), or rollouts of one turn (rollout.turns).
 */
import type { MethodConfig } from '../../config/methodConfig';
import type { Episodes } from '../episodes';
import { AVERAGING, type Method } from './method';

/** 1 for each trajectory that is taken for a demonstration, else 0. [B] */
export const demonstrations = (
  { solvedAt }: Pick<Episodes, 'solvedAt'>,
  which: MethodConfig['rows'],
): Float64Array =>
  Float64Array.from(solvedAt, (turn) =>
    Number(which === 'all' || (which === 'solved' ? turn > 0 : turn === 1)),
  );

export const SFT: Method = {
  name: 'sft',
  title: 'SFT',
  formula: 'w = 1',
  source: 'Ouyang et al. 2022, arXiv 2203.02155, step 1',
  sentence: 'Every try counts the same, whether it was right or wrong.',
  settings: ['method.rows', ...AVERAGING, 'method.dropFailedGroups'],
  rowWeights: (episodes, _, { method }) => demonstrations(episodes, method.rows),
};
