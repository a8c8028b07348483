/** What the tasks share: prompts from a pool, an answer that is right as a text, scripted players. */
import type { Rng } from '../../shared/rng';
import type { AnswerView, PromptView } from '../picture';
import type { Dialogue, Feedback, Prompt, Task } from '../task';
import { PromptPool, type Candidate } from './promptPool';

export type Answer = readonly number[]; // [≤ answerTokens] token ids

/** Where a player of the corpus stands when it answers. */
export interface Situation {
  readonly prompt: Prompt;
  readonly earlier: readonly Answer[]; // all wrong; none at the first turn
  /** A stubborn player does not mind what it has tried. */
  readonly isStubborn: boolean;
}

/** Of the players; the others are careful. Such a corpus knows how to try something else, and rarely does. */
const P_STUBBORN = 0.6;

/** What makes one task; everything else follows. */
export interface Script {
  readonly name: string;
  readonly title: string; // as it is offered
  readonly vocabulary: readonly string[]; // ends with PAD
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly endToken?: number | undefined;
  readonly maxTurns: number;
  /** Every prompt; called once, when prompts are first asked for. */
  candidates(): Iterable<Candidate>;
  readonly favoredShare: number; // of favored candidates among all that are asked
  /** A prompt of the corpus; a training prompt by default. */
  readonly draw?: (random: Rng) => Prompt;
  /** Normalized text of an answer, '' when it cannot be read. */
  read(answer: ArrayLike<number>): string;
  /** Whether a text answers a prompt; when it is its gold, by default. */
  readonly accepts?: (prompt: Prompt, text: string) => boolean;
  /** What a wrong answer is told, always as many tokens; “no, try again”, the token NO, by default. */
  readonly feedback?: (prompt: Prompt, answer: ArrayLike<number>) => Feedback;
  /** The next answer of a player of the corpus that does not just repeat its last one. */
  play(situation: Situation, random: Rng): Answer;
  readonly repeats?: number; // probability that a stubborn player repeats a wrong answer; .95 by default
  /** How a prompt is drawn; as `id` spells it by default. */
  readonly viewPrompt?: (prompt: Prompt) => PromptView;
  /** What is drawn of an answer besides its text. */
  readonly viewAnswer?: (answer: ArrayLike<number>) => Partial<AnswerView>;
}

/** The task of a script. */
export function scriptedTask(script: Script): Task {
  const { vocabulary, promptTokens, answerTokens, maxTurns, read, repeats = 0.95 } = script;
  const { endToken } = script;
  const pool = new PromptPool(() => script.candidates(), script.favoredShare);
  const no: Feedback = { tokens: [vocabulary.indexOf('NO')], text: 'no, try again' };
  const feedback = script.feedback ?? (() => no);
  const accepts = script.accepts ?? (({ gold }: Prompt, text: string) => text === gold);

  const spell = (tokens: ArrayLike<number>): string =>
    Array.from(tokens, (token) => vocabulary[token] ?? '').join(' ');

  return {
    name: script.name,
    title: script.title,
    vocabulary,
    pad: vocabulary.length - 1,
    promptTokens,
    answerTokens,
    ...(endToken === undefined ? {} : { endToken }),
    feedbackTokens: 1,
    maxTurns,
    prompts: (split, count, seed) => pool.take(split, count, seed),
    judge(prompt, answer) {
      const text = read(answer);
      return { correct: accepts(prompt, text), valid: text !== '', answer: text };
    },
    feedback,
    dialogue(random) {
      const prompt = script.draw?.(random) ?? pool.draw(random);
      const isStubborn = random.uniform() < P_STUBBORN;
      let answer = script.play({ prompt, earlier: [], isStubborn }, random);
      const answers = [answer];
      while (answers.length < maxTurns && !accepts(prompt, read(answer))) {
        const isRepeat = isStubborn && random.uniform() < repeats;
        if (!isRepeat) answer = script.play({ prompt, earlier: answers, isStubborn }, random);
        answers.push(answer);
      }
      return writeDialogue(prompt, answers, (wrong) => feedback(prompt, wrong).tokens);
    },
    viewPrompt: script.viewPrompt ?? (({ id: text }) => ({ kind: 'text', text })),
    viewAnswer(answer) {
      const text = read(answer);
      const isReadable = text !== '';
      return {
        text: isReadable ? text : spell(answer),
        isReadable,
        ...script.viewAnswer?.(answer),
      };
    },
  };
}

/** The dialogue of a prompt and its answers, all but the last of them wrong; answers are trained. */
export function writeDialogue(
  prompt: Prompt,
  answers: readonly Answer[],
  feedbackOn: (answer: Answer) => readonly number[],
): Dialogue {
  const tokens: number[] = [];
  const trained: boolean[] = [];
  const append = (ids: readonly number[], isTrained: boolean): void => {
    for (const id of ids) {
      tokens.push(id);
      trained.push(isTrained);
    }
  };
  append(prompt.tokens, false);
  answers.forEach((answer, t) => {
    if (t > 0) append(feedbackOn(answers[t - 1]!), false);
    append(answer, true);
  });
  return { tokens, trained };
}
