/**
 * Rollouts as JSON lines, one trajectory each, with the fields of the paper's published code and our
 * additions under the key `drift`.
 */
import { z } from 'zod';
import { firstIssue } from './firstIssue';
import { lineError, parseJsonLines } from './jsonLines';

const ROLES = ['system', 'user', 'assistant'] as const;
const F32_DIGITS = 9; // give every float32 back exactly

export interface Message {
  readonly role: (typeof ROLES)[number];
  readonly content: string;
}

/** What the verifier said of one turn, in the shape of the published code. */
export interface TurnDetails {
  readonly env_reward: number;
  readonly format_penalty: number; //           ≤ 0
  readonly actions: readonly string[]; //        answers that were judged; none when unreadable
  readonly parsed_actions: readonly string[];
  readonly info: { readonly success: boolean };
}

/** Our additions: the packed tokens of one trajectory, columns of equal length. */
export interface TokenColumns {
  readonly tokens: readonly number[];
  readonly turn_of: readonly number[]; // 0 = context, t = token of answer t
  readonly logp: readonly number[]; //    nats, under the sampling policy at temperature 1; 0 on context
}

/** One line of rollouts.jsonl. Turn keys are t1, t2, … */
export interface RolloutLine {
  readonly prompt_id: string;
  readonly gold: string;
  readonly messages: readonly Message[];
  readonly verifier: Readonly<Record<string, 0 | 1>>; //      every turn up to the limit
  readonly turn_rewards: Readonly<Record<string, number>>; // every turn up to the limit
  readonly reward_details: Readonly<Record<string, TurnDetails>>; // turns that were played
  readonly t_star: number | null; //             first correct turn
  readonly traj_idx: number; //                  0 … K−1 within its group
  readonly answer_norms: readonly string[]; //   readable answers, in order
  readonly format_penalty: number; //            sum over turns, ≤ 0
  readonly drift: TokenColumns;
}

/** Finished trajectories in packed typed arrays; `Trajectories` of `data` are of this shape. */
export interface PackedRollouts {
  readonly prompts: readonly { readonly id: string; readonly gold: string }[];
  readonly promptOf: ArrayLike<number>; // [B] index into prompts
  readonly sampleOf: ArrayLike<number>; // [B] 0 … K−1 within its group
  readonly offsets: ArrayLike<number>; //  [B+1]
  readonly tokens: Int32Array; //          [N]
  readonly turnOf: Uint8Array; //          [N] 0 = context, t = token of answer t
  readonly logp: Float32Array; //          [N] nats
  readonly solvedAt: ArrayLike<number>; // [B] first correct turn, 0 = none
  readonly answers: readonly (readonly string[])[]; // [B][turns] normalized, '' = unreadable
}

export interface RolloutRules {
  readonly vocabulary: readonly string[]; // text of each token id
  readonly maxTurns: number;
  readonly formatPenalty: number; // for each unreadable answer, ≤ 0
}

/** The lines of a rollout file; a message is its tokens' words, parted by blanks. */
export function rolloutLines(all: PackedRollouts, rules: RolloutRules): RolloutLine[] {
  return Array.from(all.answers, (answers, row) => {
    const prompt = all.prompts[all.promptOf[row]!]!;
    const from = all.offsets[row]!;
    const to = all.offsets[row + 1]!;
    const columns = {
      tokens: Array.from(all.tokens.subarray(from, to)),
      turn_of: Array.from(all.turnOf.subarray(from, to)),
      logp: Array.from(all.logp.subarray(from, to), (x) => Number(x.toPrecision(F32_DIGITS))),
    };
    const solvedAt = all.solvedAt[row]!;
    const perTurn = Array.from(
      { length: rules.maxTurns },
      (_, i) => [`t${i + 1}`, i + 1 === solvedAt ? 1 : 0] as const,
    );
    const details = answers.map((a, i) => turnDetails(a, i + 1 === solvedAt, rules.formatPenalty));
    return {
      prompt_id: prompt.id,
      gold: prompt.gold,
      messages: messagesOf(columns, rules.vocabulary),
      verifier: Object.fromEntries(perTurn),
      turn_rewards: Object.fromEntries(perTurn),
      reward_details: Object.fromEntries(details.map((d, i) => [`t${i + 1}`, d])),
      t_star: solvedAt || null,
      traj_idx: all.sampleOf[row]!,
      answer_norms: details.flatMap((d) => d.actions),
      format_penalty: details.reduce((sum, d) => sum + d.format_penalty, 0),
      drift: columns,
    };
  });
}

function turnDetails(answer: string, correct: boolean, formatPenalty: number): TurnDetails {
  const actions = answer === '' ? [] : [answer];
  return {
    env_reward: correct ? 1 : 0,
    format_penalty: answer === '' ? formatPenalty : 0,
    actions,
    parsed_actions: actions,
    info: { success: correct },
  };
}

/** Runs of tokens of one turn: context is what the user says, an answer what the assistant says. */
function messagesOf({ tokens, turn_of }: TokenColumns, vocabulary: readonly string[]): Message[] {
  const messages: { role: Message['role']; content: string }[] = [];
  tokens.forEach((token, i) => {
    const word = vocabulary[token]!;
    if (i > 0 && turn_of[i] === turn_of[i - 1]) messages.at(-1)!.content += ` ${word}`;
    else messages.push({ role: turn_of[i] === 0 ? 'user' : 'assistant', content: word });
  });
  return messages;
}

/** Text of a rollout file. */
export const encodeRollouts = (lines: Iterable<RolloutLine>): string =>
  Array.from(lines, (line) => `${JSON.stringify(line)}\n`).join('');

const Role = z
  .string()
  .transform((role) => role.toLowerCase())
  .transform((role) => ROLES.find((known) => known === role) ?? 'user'); // as the published loader

const Columns = z
  .object({
    tokens: z.array(z.int().min(0).max(0xffff)),
    turn_of: z.array(z.int().min(0).max(255)),
    logp: z.array(z.number().max(0)),
  })
  .refine((c) => c.turn_of.length === c.tokens.length && c.logp.length === c.tokens.length, {
    error: 'tokens, turn_of and logp differ in length',
  });

const Turns = z.record(z.string(), z.unknown());

/** What an import relies on; other keys of a line are ignored. */
const ImportedLine = z.object({
  prompt_id: z
    .union([z.string().min(1, { error: 'must not be empty' }), z.int()], {
      error: 'must be text or a whole number',
    })
    .transform(String),
  gold: z
    .union([z.string(), z.number()], { error: 'must be text or a number' })
    .transform(String)
    .optional(),
  messages: z
    .array(
      z.object({
        role: Role,
        content: z
          .string()
          .nullable()
          .transform((content) => content ?? ''),
      }),
    )
    .min(1, { error: 'must hold the prompt and an answer' }),
  turn_rewards: Turns,
  t_star: z.int().min(1).nullish(),
  traj_idx: z.int().min(0).optional(),
  answer_norms: z.array(z.string().nullable()).optional(),
  format_penalty: z.number().max(0).nullish(),
  drift: Columns.optional(),
});

/** A trajectory of a file made here or elsewhere; without `drift` its tokens are those of its messages. */
export type ImportedRollout = z.infer<typeof ImportedLine> & { readonly line: number };

/**
 * Reads a rollout file.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export const parseRollouts = (text: string, file: string): ImportedRollout[] =>
  parseJsonLines(text, file).map(({ line, value }) => {
    const parsed = ImportedLine.safeParse(value);
    if (parsed.success) return { ...parsed.data, line };
    const { where, what } = firstIssue(parsed.error);
    throw lineError(file, line, where, what);
  });

/**
 * The tokens of an imported trajectory: its own, or its messages' words looked up in the vocabulary.
 * The latter have no log-probs.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export function importedTokens(
  row: ImportedRollout,
  vocabulary: readonly string[],
  file: string,
): Pick<TokenColumns, 'tokens' | 'turn_of'> & Partial<TokenColumns> {
  if (row.drift) {
    const unknown = row.drift.tokens.find((t) => t >= vocabulary.length);
    if (unknown === undefined) return row.drift;
    throw lineError(file, row.line, 'drift.tokens', `${unknown} is not a token of this task`);
  }
  const ids = new Map(vocabulary.map((text, id) => [text, id]));
  const tokens: number[] = [];
  const turn_of: number[] = [];
  let turn = 0;
  row.messages.forEach(({ role, content }, i) => {
    if (role === 'assistant') turn++;
    for (const word of content.split(/\s+/).filter(Boolean)) {
      const id = ids.get(word);
      if (id === undefined) {
        const what = `“${word.slice(0, 20)}” is not a word of this task`;
        throw lineError(file, row.line, `messages.${i}.content`, what);
      }
      tokens.push(id);
      turn_of.push(role === 'assistant' ? turn : 0);
    }
  });
  return { tokens, turn_of };
}
