import { z } from 'zod';
import { TASKS } from '../data/tasks/registry';
import { plainMessage } from './zodMessages';

// The page's security policy admits no code made from text: no JIT.
z.config({ jitless: true, customError: plainMessage });

/** How a control, the command line and the docs show a setting. Unit '' = none. */
export interface FieldShape {
  readonly label: string;
  readonly unit: string;
  readonly help: string;
  /** How a slider runs between min and max; `step` is the grain of a linear one. */
  readonly scale?: 'linear' | 'log';
  readonly step?: number;
}
export type FieldMeta = Pick<FieldShape, keyof FieldShape>;

const field = (
  label: string,
  unit: string,
  help: string,
  more: { scale?: 'linear' | 'log'; step?: number } = {},
): FieldMeta => ({ label, unit, help, ...more });

/** Titles of the tasks by name, in the order in which they are offered. */
export const TASK_TITLES: ReadonlyMap<string, string> = new Map(
  Array.from(TASKS.values(), ({ name, title }) => [name, title]),
);
export const Task = z.enum([...TASK_TITLES.keys()]);

/** Answers that a run may allow at most. */
export const MOST_TURNS = 8;

export const METHOD_NAMES = ['drift', 'sft', 'rft'] as const;
export type MethodName = (typeof METHOD_NAMES)[number];

const Model = z
  .strictObject({
    layers: z
      .int()
      .min(1)
      .max(24)
      .default(2)
      .meta(field('Layers', '', 'Transformer blocks.')),
    channels: z
      .int()
      .min(16)
      .max(1024)
      .multipleOf(4)
      .default(64)
      .meta(field('Width', 'channels', 'Width of the residual stream, a multiple of 8 × heads.')),
    heads: z
      .int()
      .min(1)
      .max(32)
      .default(4)
      .meta(field('Heads', '', 'Query heads per block.')),
    kvHeads: z
      .int()
      .min(1)
      .max(32)
      .default(4)
      .meta(
        field(
          'KV heads',
          '',
          'Key and value heads per block; fewer than heads means grouped queries.',
        ),
      ),
    mlp: z
      .int()
      .min(16)
      .max(4096)
      .multipleOf(4)
      .default(176)
      .meta(field('MLP width', 'channels', 'Hidden width of the SwiGLU block.')),
    tiedHead: z
      .boolean()
      .default(true)
      .meta(field('Tied head', '', 'Output head shares the embedding matrix.')),
    ropeBase: z
      .number()
      .min(10)
      .max(1e6)
      .default(10000)
      .meta(field('RoPE base', '', 'Base of the rotary frequencies.', { scale: 'log' })),
  })
  .refine((m) => m.channels % (8 * m.heads) === 0, {
    error: 'width must be a multiple of 8 × heads',
    path: ['channels'],
  })
  .refine((m) => m.channels / m.heads <= 128, {
    error: 'head size (width / heads) must be at most 128 channels',
    path: ['heads'],
  })
  .refine((m) => m.heads % m.kvHeads === 0, {
    error: 'heads must be a multiple of KV heads',
    path: ['kvHeads'],
  });
export type ModelConfig = z.infer<typeof Model>;

const Reference = z.strictObject({
  source: z
    .enum(['shipped', 'pretrain'])
    .default('shipped')
    .meta(
      field('Reference', '', 'Use the ready-made reference policy, or pretrain one here first.'),
    ),
  steps: z
    .int()
    .min(1)
    .max(20000)
    .default(1000)
    .meta(
      field('Pretraining steps', 'steps', 'Optimizer steps on scripted dialogues.', {
        scale: 'log',
      }),
    ),
  batch: z
    .int()
    .min(1)
    .max(1024)
    .default(128)
    .meta(
      field('Pretraining batch', 'dialogues', 'Dialogues per pretraining step.', { scale: 'log' }),
    ),
  learningRate: z
    .number()
    .min(1e-6)
    .max(0.1)
    .default(3e-3)
    .meta(
      field('Pretraining rate', '', 'Peak learning rate; cosine decay to a tenth.', {
        scale: 'log',
      }),
    ),
  warmupSteps: z
    .int()
    .min(0)
    .max(2000)
    .default(100)
    .meta(field('Pretraining warm-up', 'steps', 'Linear warm-up of the learning rate.')),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .meta(field('Pretraining decay', 'per unit rate', 'Decoupled weight decay.', { step: 0.01 })),
});

const Rollout = z.strictObject({
  prompts: z
    .int()
    .min(1)
    .max(4096)
    .default(128)
    .meta(field('Prompts', '', 'Training prompts that are rolled out.', { scale: 'log' })),
  trajectories: z
    .int()
    .min(1)
    .max(64)
    .default(16)
    .meta(
      field(
        'Tries per prompt K',
        'trajectories',
        'Independent trajectories per prompt: one group.',
        { step: 1 },
      ),
    ),
  turns: z
    .int()
    .min(1)
    .max(MOST_TURNS)
    .default(5)
    .meta(field('Turns', '', 'Answers allowed before a trajectory counts as failed.', { step: 1 })),
  temperature: z
    .number()
    .min(0)
    .max(5)
    .default(1)
    .meta(field('Temperature', '', 'Of sampling; 0 is greedy.', { step: 0.05 })),
  topK: z
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .meta(
      field('Top-k', 'tokens', 'Sample from the k likeliest tokens only; 0 is off.', { step: 1 }),
    ),
  topP: z
    .number()
    .min(0.01)
    .max(1)
    .default(1)
    .meta(
      field(
        'Top-p',
        '',
        'Sample from the smallest set of tokens with this much probability; 1 is off.',
        { step: 0.01 },
      ),
    ),
});

const Drift = z.strictObject({
  beta: z
    .number()
    .min(1e-3)
    .max(100)
    .default(0.1)
    .meta(
      field(
        'Tilt β',
        'return',
        'w = exp(R/β)/Z. Small β keeps only the best; large β keeps everything alike.',
        { scale: 'log' },
      ),
    ),
  gamma: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .meta(
      field(
        'Discount γ',
        'per turn',
        'A success at turn t counts γ^(t−1): below 1, early successes count more.',
        { step: 0.01 },
      ),
    ),
  lambda: z
    .number()
    .min(0)
    .max(2)
    .default(0.5)
    .meta(
      field(
        'Repetition λ',
        'return',
        'Subtracts λ · (share of answers that repeat an earlier one).',
        { step: 0.05 },
      ),
    ),
  formatPenalty: z
    .number()
    .min(-2)
    .max(0)
    .default(-0.1)
    .meta(
      field('Format penalty', 'return', 'Added for every answer that cannot be read.', {
        step: 0.05,
      }),
    ),
});
export type DriftConfig = z.infer<typeof Drift>;

const Method = z.strictObject({
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
});
export type MethodConfig = z.infer<typeof Method>;

const Optimizer = z.strictObject({
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
    .max(32)
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

const Evaluation = z.strictObject({
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
  split: z
    .enum(['test', 'tune'])
    .default('test')
    .meta(field('Split', '', 'The untouched test prompts, or the ones kept for tuning.')),
});

/** Everything that decides the outcome of a run. Dotted names of leaves are those of links and flags. */
export const RunConfig = z.strictObject({
  task: Task.default('facts').meta(field('Task', '', 'What the model is asked.')),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(0)
    .meta(field('Seed', '', 'Of every random stream of the run.')),
  reference: Reference.prefault({}),
  model: Model.prefault({}),
  rollout: Rollout.prefault({}),
  drift: Drift.prefault({}),
  method: Method.prefault({}),
  optimizer: Optimizer.prefault({}),
  eval: Evaluation.prefault({}),
});
export type RunConfig = z.infer<typeof RunConfig>;

export const DEFAULT_RUN: RunConfig = RunConfig.parse({});
