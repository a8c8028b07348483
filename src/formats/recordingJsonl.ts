/**
 * A run as JSON lines: what it was, everything that the page shows of it in the order and at the time
 * at which it came, and how it ended. The page plays it back.
 */
import { z } from 'zod';
import { capsOf } from '../config/caps';
import { evaluationTurns, RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import { REDUCE_VARIANTS, STORE_VARIANTS, TILE_VARIANTS } from '../shared/kernelForms';
import { firstIssue } from './firstIssue';
import { lineError, parseJsonLines } from './jsonLines';
import { Costs } from './trainerState';

const VERSION = 1;
const MOST_CHARACTERS = 4 * 2 ** 20;
const DIGITS = 7; //        as many as a float32 has
const LOGP_DECIMALS = 3; // finer than the page shows

const Count = z.int().min(0);
const Seconds = z
  .number()
  .min(0)
  .max(7 * 86_400);
const Text = z.string().max(200);
const Hash = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in hexadecimal' });

const FormOrigin = z.enum(['set', 'measured', 'usual']);
const KernelForms = z.strictObject({
  tile: z.enum(TILE_VARIANTS),
  tileFrom: FormOrigin,
  reduce: z.enum(REDUCE_VARIANTS),
  reduceFrom: FormOrigin,
  store: z.enum(STORE_VARIANTS),
  storeFrom: FormOrigin,
});

const Header = z.strictObject({
  version: z.literal(VERSION),
  preset: z.string().regex(/^[a-z0-9-]{1,60}$/),
  config: RunConfig,
  referenceHash: Hash, // of the reference's parameters
  adapter: z.strictObject({
    name: Text.min(1),
    isSoftware: z.boolean(),
    features: z.array(Text).max(50),
    kernels: KernelForms.exactOptional(),
  }),
  memory: z.strictObject({
    parts: z.array(z.strictObject({ label: Text, bytes: Count })).max(100),
    totalBytes: Count,
    largestBufferBytes: Count,
    parameters: Count,
  }),
  totalSteps: z.int().min(1),
});

const Share = z.number().min(0).max(1);
const Scores = z.strictObject({
  success: z.array(Share),
  correctionRate: z.array(Share.nullable().transform((rate) => rate ?? NaN)), // null: none attempted
  uniqueAnswerRatio: Share,
  solvedAt: z.array(Count).exactOptional(),
});
const Evaluation = z.strictObject({
  who: z.enum(['reference', 'policy']),
  step: Count,
  prompts: z.int().min(1),
  greedy: Scores,
  sampled: Scores,
  entropy: z.number().min(0), // nats per answer token
  kl: z.number().exactOptional(),
});

const Row = <T extends z.ZodType>(value: T) => z.array(z.array(value).max(4096)).max(65_536);
const at = Seconds; // since the first event

const Event = z.discriminatedUnion('kind', [
  z.strictObject({
    at,
    kind: z.literal('progress'),
    stage: z.enum(['pretrain', 'rollout', 'train', 'evaluate']),
    done: Count,
    total: Count,
    secondsLeft: Seconds.exactOptional(), // absent until it can be told
  }),
  z.strictObject({
    at,
    kind: z.literal('trajectories'),
    costs: Costs,
    tokens: Row(z.int().min(0).max(0xffff)), // [B][] turn after turn
    logp: Row(z.number().max(0)), //            [B][] nats
  }),
  z.strictObject({
    at,
    kind: z.literal('step'),
    costs: Costs,
    stage: z.enum(['pretrain', 'train']),
    report: z.strictObject({
      step: z.int().min(1),
      loss: z.number(),
      nll: z.number(),
      gradNorm: z.number().min(0),
      learningRate: z.number().min(0),
      tokens: Count,
      flops: Count.default(0), // unknown in older recordings
      seconds: z.number().positive(),
    }),
  }),
  z.strictObject({ at, kind: z.literal('evaluation'), evaluation: Evaluation }),
]);

const End = z.strictObject({
  at,
  kind: z.literal('end'),
  step: z.int().min(1),
  totalSteps: z.int().min(1),
  costs: Costs,
  weightsHash: Hash,
});

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type RecordingHeader = Frozen<Omit<z.infer<typeof Header>, 'version'>>;
/** One thing that happened, and when. */
export type RecordedEvent = Frozen<z.infer<typeof Event>>;
export type RecordedEnd = Frozen<Omit<z.infer<typeof End>, 'kind'>>;

export interface Recording {
  readonly header: RecordingHeader;
  readonly events: readonly (RecordedEvent & { readonly line: number })[];
  readonly end: RecordedEnd;
}

/** Text of a recording; log-probs to a thousandth, all that was measured to seven digits. */
export function encodeRecording(
  header: RecordingHeader,
  events: readonly RecordedEvent[],
  end: RecordedEnd,
): string {
  const measured = [...events, { ...end, kind: 'end' }].map((line) =>
    JSON.stringify(line, shorten),
  );
  return [JSON.stringify({ version: VERSION, ...header }), ...measured, ''].join('\n');
}

/** What JSON.stringify writes for a value; NaN becomes null. */
function shorten(key: string, value: unknown): unknown {
  if (key === 'logp') {
    return (value as number[][]).map((row) => row.map((x) => Number(x.toFixed(LOGP_DECIMALS))));
  }
  return typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;
}

/**
 * Reads a recording. What needs the task to be judged, its tokens, is left to the caller.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export function parseRecording(text: string, file: string): Recording {
  if (text.length > MOST_CHARACTERS) {
    throw new PlaygroundError(
      'file-invalid',
      `${file} has ${text.length} characters; a recording has at most ${MOST_CHARACTERS}.`,
      { file },
    );
  }
  const lines = parseJsonLines(text, file);
  const read = <T>(schema: z.ZodType<T>, index: number): T & { line: number } => {
    const { line, value } = lines[index]!;
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ...parsed.data, line };
    const { where, what } = firstIssue(parsed.error);
    throw lineError(file, line, where, what);
  };
  const { version: _, line, ...header } = read(Header, 0);
  const [problem] = capsOf(header.config);
  if (problem) throw lineError(file, line, 'config', problem.message);
  if (lines.length < 3) throw lineError(file, line, undefined, 'no event and end follow');
  const events = lines.slice(1, -1).map((_, i) => read(Event, i + 1));
  const { kind: _end, line: lastLine, ...end } = read(End, lines.length - 1);
  expectStory({ header, events, end }, (where, field, what) => {
    throw lineError(file, where ?? lastLine, field, what);
  });
  return { header, events, end };
}

type Refuse = (line: number | undefined, field: string, what: string) => never;

/** Time never goes back, steps are counted one by one to the end, groups do not exceed the prompts. */
function expectStory({ header, events, end }: Recording, refuse: Refuse): void {
  const { prompts, trajectories } = header.config.rollout;
  const turns = evaluationTurns(header.config);
  const steps = { pretrain: 0, train: 0 };
  let clock = 0;
  let rows = 0;
  for (const event of events) {
    if (event.at < clock) refuse(event.line, 'at', 'goes back in time');
    clock = event.at;
    if (event.kind === 'step' && event.report.step !== ++steps[event.stage]) {
      refuse(event.line, 'report.step', `is not ${steps[event.stage]}, the next`);
    }
    if (event.kind === 'trajectories') rows += event.tokens.length;
    if (rows > prompts * trajectories)
      refuse(event.line, 'tokens', 'more tries than were asked for');
    if (event.kind === 'evaluation') {
      const { greedy, sampled } = event.evaluation;
      const lists = [greedy, sampled].flatMap((s) => [s.success, s.correctionRate]);
      if (lists.some((list) => list.length !== turns)) {
        refuse(event.line, 'evaluation', `needs one number for each of ${turns} turns`);
      }
    }
  }
  if (end.at < clock) refuse(undefined, 'at', 'goes back in time');
  if (steps.train !== end.step) refuse(undefined, 'step', `is not ${steps.train}, the last step`);
  if (end.totalSteps !== end.step) refuse(undefined, 'totalSteps', 'the run did not go to its end');
  if (rows === 0) refuse(undefined, 'kind', 'the run has no trajectories');
}
