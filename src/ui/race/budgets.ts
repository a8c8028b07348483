import { MOST_EPOCHS } from '../../config/trainingConfig';
import type { Budget } from '../../state/raceBudget';
import type { Option } from '../controls/Choice';
import { compact } from '../controls/numbers';

/** What each run of a race may spend, as the page offers and names it. */
export const BUDGETS: readonly (Option<Budget['kind']> & {
  readonly usual: number;
  readonly meaning: string;
})[] = [
  {
    value: 'epochs',
    label: 'the settings’ epochs',
    usual: 0,
    meaning: 'Each trains for the epochs of its settings.',
  },
  {
    value: 'steps',
    label: 'optimizer steps',
    usual: 64,
    meaning: `Each takes as many epochs as the steps need, at most ${MOST_EPOCHS}.`,
  },
  {
    value: 'trainedTokens',
    label: 'trained tokens',
    usual: 40_000,
    meaning: `Each takes as many epochs as the tokens pay for, at most ${MOST_EPOCHS}, and finishes the step that spends the last.`,
  },
  {
    value: 'sampledTokens',
    label: 'generated tokens',
    usual: 20_000,
    meaning:
      'Each samples as many prompts as the tokens pay for, and finishes the round that spends the last.',
  },
  {
    value: 'seconds',
    label: 'seconds',
    usual: 30,
    meaning: `Each plays and trains until that is spent, for ${MOST_EPOCHS} epochs at most. Kernels of training compile beforehand; the first tries of a visit wait for theirs.`,
  },
];

export const budgetOf = (kind: Budget['kind']) => BUDGETS.find((b) => b.value === kind)!;

/** "64 optimizer steps" */
export const budgetText = ({ kind, amount }: Budget): string =>
  kind === 'epochs' ? budgetOf(kind).label : `${compact(amount)} ${budgetOf(kind).label}`;
