/** The sections of a run's settings about the optimizer, evaluation and the engine. */
import { z } from 'zod';
import { REDUCE_VARIANTS, STORE_VARIANTS, TILE_VARIANTS } from '../shared/kernelForms';
import { field } from './field';

/** Answers that a run may allow at most. */
export const MOST_TURNS = 8;
/** Passes over its rows, or over its prompts, that a run may make at most. */
export const MOST_EPOCHS = 32;

export const Optimizer = z.strictObject({
  learningRate: z
    .number()
    .min(1e-6)
    .max(0.1)
    .default(3e-4)
    .meta(field('Learning rate', '', 'Of AdamW, constant after the warm-up.', { scale: 'log' })),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .meta(
      field('Warm-up', 'of all steps', 'Share of the steps over which the rate rises from 0.', {
        step: 0.01,
      }),
    ),
  epochs: z
    .int()
    .min(1)
    .max(MOST_EPOCHS)
    .default(1)
    .meta(field('Epochs', '', 'Passes over the trajectories.', { step: 1 })),
  batch: z
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .meta(field('Batch', 'trajectories', 'Trajectories per optimizer step.', { scale: 'log' })),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .meta(field('Weight decay', 'per unit rate', 'Decoupled, on matrices only.', { step: 0.01 })),
  clip: z
    .number()
    .min(0.01)
    .max(1000)
    .default(1)
    .meta(field('Gradient clip', 'norm', 'Largest global norm of the gradient.', { scale: 'log' })),
  beta1: z
    .number()
    .min(0)
    .max(0.9999)
    .default(0.9)
    .meta(field('Adam β₁', '', 'Decay of the first moment.', { step: 0.01 })),
  beta2: z
    .number()
    .min(0)
    .max(0.99999)
    .default(0.999)
    .meta(field('Adam β₂', '', 'Decay of the second moment.', { step: 0.001 })),
  epsilon: z
    .number()
    .min(1e-12)
    .max(1e-2)
    .default(1e-8)
    .meta(field('Adam ε', '', 'Added to the root of the second moment.', { scale: 'log' })),
});

export const Evaluation = z.strictObject({
  prompts: z
    .int()
    .min(1)
    .max(4096)
    .default(512)
    .meta(
      field('Held-out prompts', '', 'Prompts never rolled out for training.', { scale: 'log' }),
    ),
  every: z
    .int()
    .min(0)
    .max(10000)
    .default(8)
    .meta(
      field(
        'Evaluate every',
        'steps',
        'Also before the first and after the last step; 0 is only those.',
      ),
    ),
  turns: z
    .int()
    .min(0)
    .max(MOST_TURNS)
    .default(0)
    .meta(
      field(
        'Turns when evaluated',
        '',
        'Answers allowed on held-out prompts; 0 allows as many as the rollouts.',
        { step: 1 },
      ),
    ),
  split: z
    .enum(['test', 'tune'])
    .default('test')
    .meta(field('Split', '', 'The untouched test prompts, or the ones kept for tuning.')),
});

export const Engine = z.strictObject({
  overlap: z
    .boolean()
    .default(true)
    .meta(
      field(
        'Overlap stages',
        '',
        'Training starts after 32 groups of tries where the method allows it, and evaluation runs beside it. Off: one stage after the other, to the same weights. A method that plays while it learns waits for its rounds either way.',
      ),
    ),
  tile: z
    .enum(['auto', ...TILE_VARIANTS])
    .default('auto')
    .meta(
      field(
        'Matrix products',
        '',
        'How they are divided. Auto takes what was quickest here when measured, else what suits this kind of adapter; the last digits differ between forms.',
      ),
    ),
  reduce: z
    .enum(['auto', ...REDUCE_VARIANTS])
    .default('auto')
    .meta(
      field(
        'Sums over rows',
        '',
        'Who adds a row up. Auto takes what was quickest here when measured, else what suits this kind of adapter; the last digits differ between forms.',
      ),
    ),
  store: z
    .enum(['auto', ...STORE_VARIANTS])
    .default('auto')
    .meta(
      field(
        'Slopes of the MLP',
        '',
        'As what the slopes of the MLP’s activation wait for the way back. float16 halves their bytes and rounds gradients by some thousandths, the forward pass not at all. Auto takes what was quickest here when measured, else float32.',
      ),
    ),
});
export type EngineConfig = z.infer<typeof Engine>;
