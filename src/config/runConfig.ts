import { z } from 'zod';
import { TASK_NAMES, TASKS } from '../data/tasks/registry';
import { field } from './field';
import { Method, Online, Preference } from './methodConfig';
import { FILE_TASK } from './taskSpec';
import { Engine, Evaluation, MOST_TURNS, Optimizer } from './trainingConfig';

/** The title of a task, its name where it is in a file that is not open. */
export const taskTitle = (name: string): string => TASKS.get(name)?.title ?? name;

/** A task that comes with the program, or one of a file, named by its hash. */
export const Task = z.union([z.enum(TASK_NAMES), z.string().regex(FILE_TASK)]);

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
      field('Tries K', 'trajectories', 'Independent trajectories per prompt: one group.', {
        step: 1,
      }),
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
  online: Online.prefault({}),
  preference: Preference.prefault({}),
  optimizer: Optimizer.prefault({}),
  eval: Evaluation.prefault({}),
  engine: Engine.prefault({}),
});
export type RunConfig = z.infer<typeof RunConfig>;

/** Most answers that rollouts or evaluation allow. */
export const longestTurns = (config: RunConfig): number =>
  Math.max(config.rollout.turns, evaluationTurns(config));

/** Answers allowed on held-out prompts. */
export const evaluationTurns = ({ rollout, eval: { turns } }: RunConfig): number =>
  turns || rollout.turns;

export const DEFAULT_RUN: RunConfig = RunConfig.parse({});
