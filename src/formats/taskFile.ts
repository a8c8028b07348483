/** Task files: a task that somebody brings, as JSON. docs/formats.md describes every field. */
import { z } from 'zod';
import { BLANK, END, feedbackToken, SAID, tokensOf, type TaskSpec } from '../config/taskSpec';
import { MOST_TURNS } from '../config/trainingConfig';
import { PlaygroundError } from '../shared/errors';
import { sha256 } from '../shared/sha256';
import { parseJsonFile, readAs } from './jsonFile';

export const MAX_TASK_BYTES = 2 ** 20;

const MOST_PROMPT_TOKENS = 64;
const MOST_ANSWER_TOKENS = 24;
const MOST_FEEDBACKS = 40; // different ones: each is a token
const TEMPTING = 3; //       answers of other prompts, where a prompt names no wrong ones

/** Text as it is shown: on one line, without characters that reorder or hide text. */
const text = (most: number): z.ZodString =>
  z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(most, { error: `must have at most ${most} characters` })
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, { error: 'must be plain text on one line' });

const Words = z.array(text(40)).min(1, { error: 'must name at least one' }).max(20);

const FilePrompt = z.strictObject({
  ask: text(200),
  accept: Words,
  wrong: Words.optional(),
  feedback: z.record(text(200), text(80)).default({}),
});

const Demonstrations = z.union(
  [
    z.strictObject({
      recipe: z.strictObject({
        knows: z.number().min(0).max(1).default(0.4),
        repeats: z.number().min(0).max(1).default(0.95),
      }),
    }),
    z.strictObject({
      dialogues: z
        .array(
          z.strictObject({ ask: text(200), answers: z.array(text(200)).min(1).max(MOST_TURNS) }),
        )
        .min(1)
        .max(20_000),
    }),
  ],
  { error: 'must be {"recipe": {…}} or {"dialogues": […]}' },
);

const File = z.strictObject({
  drift_task: z.literal(1, { error: 'must be 1, the version of the format' }),
  title: text(60),
  alphabet: z.union([text(200), z.array(text(40)).min(2).max(200)], {
    error: 'must be a text of characters or a list of 2 to 200 words',
  }),
  turns: z.int().min(1).max(MOST_TURNS).default(5),
  feedback: text(80).default('no, try again'),
  prompts: z.array(FilePrompt).min(20, { error: 'must hold at least 20 prompts' }).max(4000),
  demonstrations: Demonstrations.default({ recipe: { knows: 0.4, repeats: 0.95 } }),
});
type File = z.infer<typeof File>;

type Fault = (path: readonly (string | number)[], what: string) => PlaygroundError;

/**
 * Reads a task file of at most 1 MiB.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export async function parseTaskFile(content: string, file: string): Promise<TaskSpec> {
  const bytes = new TextEncoder().encode(content);
  if (bytes.length > MAX_TASK_BYTES) throw tooLong(file, bytes.length);
  const json = parseJsonFile(content, file);
  const read = readAs(File, json);
  const { title, turns, feedback, demonstrations } = read;
  const isSpelled = typeof read.alphabet === 'string';
  const alphabet = Array.from(read.alphabet, (word) => (word === ' ' ? BLANK : word));
  expectAlphabet(alphabet, json.fault);
  const name = `file-${(await sha256(bytes)).slice(0, 16)}`;
  const prompts = withTempting(read.prompts, { alphabet, isSpelled });
  const spec: TaskSpec = {
    name,
    title,
    alphabet,
    isSpelled,
    turns,
    feedback,
    prompts,
    demonstrations,
  };
  expectTexts(spec, json.fault);
  expectDialogues(spec, json.fault);
  return spec;
}

/** A task file that is too long to be read at all. */
export const tooLong = (file: string, bytes: number): PlaygroundError =>
  new PlaygroundError(
    'file-invalid',
    `${file} has ${bytes.toLocaleString('en-US')} bytes; a task file has at most ${(2 ** 20).toLocaleString('en-US')} (1 MiB).`,
    { file, bytes },
  );

function expectAlphabet(alphabet: readonly string[], fault: Fault): void {
  const twice = alphabet.find((word, i) => alphabet.indexOf(word) < i);
  if (twice !== undefined) throw fault(['alphabet'], `has “${twice}” twice`);
  const odd = alphabet.find(
    (word) => word === END || word === 'PAD' || word.startsWith(SAID) || /\s/.test(word),
  );
  if (odd !== undefined) throw fault(['alphabet'], `cannot have “${odd}”, which is not free`);
}

type Language = Pick<TaskSpec, 'alphabet' | 'isSpelled'>;

/** The same for texts of the same tokens, however many blanks part their words. */
const keyOf = (language: Language, words: string): string =>
  tokensOf(language, words).tokens.join();

/** Prompts without wrong answers are tempted by the right ones of the prompts that follow. */
const withTempting = (prompts: File['prompts'], language: Language): TaskSpec['prompts'] =>
  prompts.map((prompt, i) => {
    const accepted = new Set(prompt.accept.map((a) => keyOf(language, a)));
    const others = Array.from(
      { length: TEMPTING },
      (_, k) => prompts[(i + k + 1) % prompts.length]!.accept[0]!,
    ).filter((answer) => !accepted.has(keyOf(language, answer)));
    return { ...prompt, wrong: prompt.wrong ?? others };
  });

/** Every text is made of the alphabet, short enough, and said once. */
function expectTexts(spec: TaskSpec, fault: Fault): void {
  const expectWords = (path: (string | number)[], words: string, most: number): void => {
    const { tokens, unknown } = tokensOf(spec, words);
    if (unknown !== undefined) throw fault(path, `has “${unknown}”, which is not in the alphabet`);
    if (tokens.length === 0) throw fault(path, 'must not be blank');
    if (tokens.length > most) throw fault(path, `has ${tokens.length} tokens, at most ${most}`);
  };
  const asked = new Set<string>();
  const said = new Set([spec.feedback]);
  spec.prompts.forEach(({ ask, accept, wrong, feedback }, i) => {
    expectWords(['prompts', i, 'ask'], ask, MOST_PROMPT_TOKENS);
    const key = keyOf(spec, ask);
    if (asked.has(key)) throw fault(['prompts', i, 'ask'], `“${ask}” is asked twice`);
    asked.add(key);
    const accepted = new Set<string>();
    accept.forEach((a, k) => {
      expectWords(['prompts', i, 'accept', k], a, MOST_ANSWER_TOKENS);
      if (accepted.has(keyOf(spec, a))) {
        throw fault(['prompts', i, 'accept', k], `“${a}” is accepted twice`);
      }
      accepted.add(keyOf(spec, a));
    });
    wrong.forEach((a, k) => {
      expectWords(['prompts', i, 'wrong', k], a, MOST_ANSWER_TOKENS);
      if (accepted.has(keyOf(spec, a)))
        throw fault(['prompts', i, 'wrong', k], `“${a}” is accepted`);
    });
    for (const [answer, says] of Object.entries(feedback)) {
      expectWords(['prompts', i, 'feedback', answer], answer, MOST_ANSWER_TOKENS);
      said.add(says);
    }
  });
  if (new Set(Array.from(said, feedbackToken)).size < said.size) {
    throw fault(['prompts'], 'have two feedbacks that differ in their blanks only');
  }
  if (said.size > MOST_FEEDBACKS) {
    throw fault(['prompts'], `have ${said.size} different feedbacks, at most ${MOST_FEEDBACKS}`);
  }
}

/** Demonstrations ask what is a prompt, and go no further than their first right answer. */
function expectDialogues(
  { demonstrations, prompts, turns, ...spec }: TaskSpec,
  fault: Fault,
): void {
  if (!('dialogues' in demonstrations)) return;
  const accepted = new Map(
    prompts.map(({ ask, accept }) => [ask, new Set(accept.map((a) => keyOf(spec, a)))]),
  );
  demonstrations.dialogues.forEach(({ ask, answers }, i) => {
    const at = ['demonstrations', 'dialogues', i] as const;
    const right = accepted.get(ask);
    if (!right) throw fault([...at, 'ask'], `“${ask}” is not one of the prompts`);
    if (answers.length > turns) throw fault([...at, 'answers'], `are more than ${turns} turns`);
    answers.forEach((answer, t) => {
      const { tokens, unknown } = tokensOf(spec, answer);
      const path = [...at, 'answers', t];
      if (unknown !== undefined)
        throw fault(path, `has “${unknown}”, which is not in the alphabet`);
      if (tokens.length === 0) throw fault(path, 'must not be blank');
      if (tokens.length > MOST_ANSWER_TOKENS) throw fault(path, `has ${tokens.length} tokens`);
      const isLast = t === answers.length - 1;
      if (!isLast && right.has(tokens.join()))
        throw fault(path, 'is right, but the dialogue goes on');
    });
  });
}
