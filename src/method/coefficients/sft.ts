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

/** The same in words. */
export const WHICH: Readonly<Record<MethodConfig['rows'], string>> = {
  all: '1',
  solved: '1 if solved, else 0',
  first: '1 if solved at the first turn, else 0',
};

export const SFT: Method = {
  name: 'sft',
  title: 'SFT',
  formula: ({ method }) => `w = ${WHICH[method.rows]}`,
  source: 'Ouyang et al. 2022, arXiv 2203.02155, step 1',
  sentence:
    'Every try that is taken for a demonstration counts the same; as a rule all are, right or wrong.',
  settings: ['method.rows', ...AVERAGING, 'method.dropFailedGroups'],
  rowWeights: (episodes, _, { method }) => demonstrations(episodes, method.rows),
};
