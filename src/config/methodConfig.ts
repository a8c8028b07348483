/** The sections of a run's settings about the method: what it may be, and what shapes its coefficients. */
import { z } from 'zod';
import { METHOD_NAMES } from '../method/coefficients/registry';
import { field } from './field';
import { MOST_EPOCHS } from './trainingConfig';

export const Method = z.strictObject({
  name: z
    .enum(METHOD_NAMES)
    .default('drift')
    .meta(field('Method', '', 'What multiplies each token of the loss.')),
  turns: z
    .enum(['last', 'all'])
    .default('last')
    .meta(field('Trained turns', '', 'The last answer of each trajectory, or every answer.')),
  sequence: z
    .enum(['mean', 'sum'])
    .default('mean')
    .meta(
      field(
        'Token rule',
        '',
        'Mean over the trained tokens of a trajectory (published), or their sum (theory).',
      ),
    ),
  batchRule: z
    .enum(['rows', 'weights'])
    .default('rows')
    .meta(
      field(
        'Batch rule',
        '',
        'Divide a batch by its rows (published default), or by the sum of its weights.',
      ),
    ),
  dropFailedGroups: z
    .boolean()
    .default(false)
    .meta(field('Drop failed groups', '', 'Leave out prompts that no trajectory solved.')),
  pruneBelow: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta(
      field('Prune below', 'weight', 'Leave out trajectories of smaller weight; 0 keeps all.', {
        step: 0.01,
      }),
    ),
  rows: z
    .enum(['all', 'solved', 'first'])
    .default('all')
    .meta(
      field(
        'Demonstrations',
        '',
        'Which tries are taken for demonstrations: all, the solved ones, or those solved at the first turn.',
      ),
    ),
  threshold: z
    .number()
    .min(-2)
    .max(1)
    .default(0)
    .meta(field('Threshold τ', 'return', 'Tries of a higher return count.', { step: 0.05 })),
  thresholdRise: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta(
      field('Rise of τ', 'return per epoch', 'Added to the threshold after every epoch.', {
        step: 0.05,
      }),
    ),
  weightCap: z
    .number()
    .min(1)
    .max(1000)
    .default(20)
    .meta(field('Largest weight', '', 'Advantage weights are cut off here.', { scale: 'log' })),
  ratioCap: z
    .number()
    .min(1)
    .max(1000)
    .default(16)
    .meta(
      field('Largest ratio', '', 'Importance ratios of policy to reference are cut off here.', {
        scale: 'log',
      }),
    ),
});
export type MethodConfig = z.infer<typeof Method>;

/** Methods that sample from the policy while it learns. */
export const Online = z.strictObject({
  prompts: z
    .int()
    .min(1)
    .max(1024)
    .default(4)
    .meta(
      field(
        'Prompts per round',
        '',
        'The policy tries these, learns from its tries, and goes on to the next; one update each while prompts × K is at most a batch.',
        { scale: 'log' },
      ),
    ),
  passes: z
    .int()
    .min(1)
    .max(MOST_EPOCHS)
    .default(1)
    .meta(
      field(
        'Passes over the prompts',
        '',
        'How often the policy comes back to the same prompts, with fresh tries each time.',
        { step: 1 },
      ),
    ),
  refreshEvery: z
    .int()
    .min(1)
    .max(10_000)
    .default(8)
    .meta(
      field(
        'Refresh reference every',
        'steps',
        'Optimizer steps after which the policy itself plays the next prompts.',
        { scale: 'log' },
      ),
    ),
  normalizer: z
    .enum(['rows', 'tokens', 'longest'])
    .default('rows')
    .meta(
      field(
        'Normalizer',
        '',
        'Mean of each try’s mean token (GRPO), of all tokens alike (DAPO), or over the longest a try can be, without the deviation (Dr. GRPO).',
      ),
    ),
  baseline: z
    .enum(['batch', 'group'])
    .default('batch')
    .meta(field('Baseline', '', 'Mean return of the round, or of the group first.')),
  clipLow: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta(
      field('Clip ε, below', 'ratio', 'A bad try is not pushed on once π_θ/π_old is below 1 − ε.', {
        step: 0.01,
      }),
    ),
  clipHigh: z
    .number()
    .min(0)
    .max(10)
    .default(0.2)
    .meta(
      field(
        'Clip ε, above',
        'ratio',
        'A good try is not pushed on once π_θ/π_old is above 1 + ε; DAPO takes 0.28.',
        { step: 0.01 },
      ),
    ),
  kl: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .meta(
      field('KL coefficient', 'per nat', 'What a nat of distance from the reference costs.', {
        step: 0.01,
      }),
    ),
});

/** Methods that learn from which tries were better. */
export const Preference = z.strictObject({
  beta: z
    .number()
    .min(1e-3)
    .max(10)
    .default(0.1)
    .meta(
      field(
        'Preference β',
        'per nat',
        'How soon a try has moved enough from the reference; small β lets it move far.',
        { scale: 'log' },
      ),
    ),
  desirable: z
    .number()
    .min(0)
    .max(10)
    .default(1)
    .meta(field('Good tries λ', '', 'Weight of solved tries.', { step: 0.05 })),
  undesirable: z
    .number()
    .min(0)
    .max(10)
    .default(1)
    .meta(field('Bad tries λ', '', 'Weight of failed tries.', { step: 0.05 })),
});
