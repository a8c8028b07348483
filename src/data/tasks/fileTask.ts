/** A task that somebody brings: prompts, accepted answers, feedback and demonstrations from a file. */
import {
  BLANK,
  END,
  feedbackToken,
  tokensOf,
  type PromptSpec,
  type TaskSpec,
} from '../../config/taskSpec';
import { PlaygroundError } from '../../shared/errors';
import type { Feedback, Prompt, Task } from '../task';
import { scriptedTask, writeDialogue, type Answer } from './scripted';

const longest = (texts: readonly (readonly number[])[]): number =>
  texts.reduce((most, { length }) => Math.max(most, length), 1);

/** Every text that an answer of the corpus can be. */
function answersOf({ prompts, demonstrations }: TaskSpec): string[] {
  const shown =
    'dialogues' in demonstrations ? demonstrations.dialogues.flatMap((d) => d.answers) : [];
  return [...prompts.flatMap(({ accept, wrong }) => [...accept, ...wrong]), ...shown];
}

/** Texts as tokens, and back. */
interface Codec {
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly endToken: number | undefined; // only where answers differ in length
  prompt(text: string): Answer;
  answer(text: string): Answer;
  /** The text of an answer; '' when it cannot be read. */
  read(answer: ArrayLike<number>): string;
  /** A text as `read` gives it back. */
  normal(text: string): string;
}

function codecOf(spec: TaskSpec): Codec {
  const { alphabet, isSpelled, prompts } = spec;
  const encode = (text: string): number[] => tokensOf(spec, text).tokens;
  const promptTokens = longest(prompts.map(({ ask }) => encode(ask)));
  const answers = answersOf(spec).map(encode);
  const answerTokens = longest(answers);
  const isOneLength = answers.every(({ length }) => length === answerTokens);
  const endToken = isOneLength ? undefined : alphabet.length;
  const isEnded = (tokens: readonly number[]): boolean => tokens.length === answerTokens;
  const read = (answer: ArrayLike<number>): string => {
    const tokens = Array.from(answer);
    if (tokens.at(-1) === endToken) tokens.pop();
    else if (!isEnded(tokens)) return '';
    const words = tokens.map((token) => alphabet[token]);
    if (words.includes(undefined)) return '';
    return isSpelled ? words.join('').replaceAll(BLANK, ' ') : words.join(' ');
  };
  const answer = (text: string): Answer => {
    const tokens = encode(text);
    return isEnded(tokens) ? tokens : [...tokens, endToken!];
  };
  return {
    promptTokens,
    answerTokens,
    endToken,
    prompt: encode,
    answer,
    read,
    normal: (text) => read(answer(text)),
  };
}

/**
 * The task of a file. Held-out prompts are never rolled out, but the corpus asks them too: what is
 * asked has to be known from somewhere.
 *
 * @throws PlaygroundError 'file-invalid' where no prompt is held out, or none is left to be played.
 */
export function fileTask(spec: TaskSpec): Task {
  const { alphabet, demonstrations } = spec;
  const codec = codecOf(spec);
  const { read, normal } = codec;
  const rules = new Map(spec.prompts.map((p) => [p.ask, rulesOf(p, normal)]));
  const said = [
    ...new Set([spec.feedback, ...spec.prompts.flatMap((p) => Object.values(p.feedback))]),
  ];
  const vocabulary = [
    ...alphabet,
    ...(codec.endToken === undefined ? [] : [END]),
    ...said.map(feedbackToken),
    'PAD',
  ];
  const feedbacks = new Map(
    said.map((text): [string, Feedback] => {
      return [text, { tokens: [vocabulary.indexOf(feedbackToken(text))], text }];
    }),
  );
  const prompts = spec.prompts.map(({ ask, accept }): Prompt => {
    return { id: ask, tokens: codec.prompt(ask), gold: normal(accept[0]!) };
  });
  const recipe = 'recipe' in demonstrations ? demonstrations.recipe : { knows: 1, repeats: 1 };
  const task = scriptedTask({
    name: spec.name,
    title: spec.title,
    vocabulary,
    promptTokens: codec.promptTokens,
    answerTokens: codec.answerTokens,
    endToken: codec.endToken,
    maxTurns: spec.turns,
    candidates: () => prompts.map((prompt) => ({ prompt, text: prompt.id, isFavored: false })),
    favoredShare: 0,
    draw: (random) => random.pick(prompts),
    read,
    accepts: ({ id }, text) => rules.get(id)?.accepted.has(text) ?? false,
    feedback: ({ id }, answer) =>
      feedbacks.get(rules.get(id)?.told.get(read(answer)) ?? spec.feedback)!,
    repeats: recipe.repeats,
    play({ prompt, earlier, isStubborn }, random) {
      const { accept, wrong } = rules.get(prompt.id)!;
      const tried = isStubborn ? [] : earlier.map(read);
      const fresh = wrong.filter((text) => !tried.includes(normal(text)));
      const isRight = random.uniform() < recipe.knows || fresh.length === 0;
      return codec.answer(random.pick(isRight ? accept : fresh));
    },
  });
  expectSplits(task);
  if (!('dialogues' in demonstrations)) return task;
  const byAsk = new Map(prompts.map((prompt) => [prompt.id, prompt]));
  return {
    ...task,
    dialogue(random) {
      const { ask, answers } = random.pick(demonstrations.dialogues);
      const prompt = byAsk.get(ask)!;
      return writeDialogue(
        prompt,
        answers.map(codec.answer),
        (a) => task.feedback(prompt, a).tokens,
      );
    },
  };
}

/** A prompt's answers as they are read. */
const rulesOf = ({ accept, wrong, feedback }: PromptSpec, normal: (text: string) => string) => ({
  accept,
  wrong,
  accepted: new Set(accept.map(normal)),
  told: new Map(Object.entries(feedback).map(([answer, says]) => [normal(answer), says])),
});

function expectSplits(task: Task): void {
  for (const [split, what] of [
    ['train', 'left to be played'],
    ['test', 'held out'],
  ] as const) {
    if (task.prompts(split, 1, 0).length > 0) continue;
    throw new PlaygroundError(
      'file-invalid',
      `None of the prompts of ${task.title} is ${what}, which their text decides; add more prompts.`,
    );
  }
}
