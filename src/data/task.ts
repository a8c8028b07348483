import type { Rng } from '../shared/rng';
import type { AnswerView, PromptView } from './picture';

/** 'train' prompts are rolled out, 'tune' picks settings, 'test' is reported. Disjoint by a hash of the prompt text. */
export type Split = 'train' | 'tune' | 'test';

/** One problem. Trajectories with the same `id` form a group. */
export interface Prompt {
  /** Unique, printable; includes the hidden part where the text alone does not determine the answer. */
  readonly id: string;
  readonly tokens: readonly number[]; // [≤ promptTokens]
  /** The accepted answer, normalized as `Verdict.answer` is. */
  readonly gold: string;
}

/** What the verifier says of one answer. */
export interface Verdict {
  readonly correct: boolean;
  /** False when the answer cannot be read; such a turn costs the format penalty. */
  readonly valid: boolean;
  /** Normalized text of the answer; '' when not valid. */
  readonly answer: string;
}

/** What the environment says to a wrong answer. */
export interface Feedback {
  readonly tokens: readonly number[]; // [feedbackTokens]
  readonly text: string; //              the same in words
}

/** A scripted dialogue of the pretraining corpus: packed tokens and which of them are trained. */
export interface Dialogue {
  readonly tokens: readonly number[];
  readonly trained: readonly boolean[]; // same length: true on answer tokens
}

/**
 * A verifiable multi-turn task: a prompt, then answers, each wrong one followed by feedback on it.
 * Pure: no clocks, no randomness but what is handed in.
 */
export interface Task {
  readonly name: string;
  readonly title: string; // as it is offered
  /** Text of each token id, in order. */
  readonly vocabulary: readonly string[];
  readonly pad: number; // token id, never sampled into a trained position
  readonly promptTokens: number; // of the longest prompt
  readonly answerTokens: number; // of the longest answer
  /** Token that ends an answer shorter than that; where there is none, all are of one length. */
  readonly endToken?: number;
  readonly feedbackTokens: number;
  /** Answers of the longest dialogue of the corpus; a run may allow fewer or more. */
  readonly maxTurns: number;
  /** The first `count` prompts of a split in the order that `seed` gives; fewer when the split is smaller. */
  prompts(split: Split, count: number, seed: number): Prompt[];
  /** Judges the tokens of one answer, with the one that ends it where it is short. */
  judge(prompt: Prompt, answer: ArrayLike<number>): Verdict;
  /** What a wrong answer is told; depends on nothing but the prompt and this answer. */
  feedback(prompt: Prompt, answer: ArrayLike<number>): Feedback;
  /** A fresh dialogue of the pretraining corpus. */
  dialogue(random: Rng): Dialogue;
  /** How a prompt is drawn. */
  viewPrompt(prompt: Prompt): PromptView;
  /** How an answer is drawn. */
  viewAnswer(answer: ArrayLike<number>): AnswerView;
}

/** Longest episode of `turns` answers in tokens: prompt, all answers, feedback between them. */
export const episodeTokens = (task: Task, turns: number): number =>
  task.promptTokens + turns * task.answerTokens + (turns - 1) * task.feedbackTokens;

/** Tokens of the answer that begins at `from`; undefined where nothing ends it. */
export function answerLength(
  { answerTokens, endToken }: Pick<Task, 'answerTokens' | 'endToken'>,
  tokens: readonly number[],
  from: number,
): number | undefined {
  const given = tokens.slice(from, from + answerTokens);
  const end = endToken === undefined ? -1 : given.indexOf(endToken);
  if (end >= 0) return end + 1;
  return given.length === answerTokens ? answerTokens : undefined;
}

/** Tokens that a model of the task must take: an episode of the corpus, or of a run that allows more turns. */
export const contextTokens = (task: Task, turns: number): number =>
  episodeTokens(task, mostTurns(task, turns));

/** Answers that an episode can have: those of the corpus, or of a run that allows `turns`. */
export const mostTurns = (task: Task, turns: number): number => Math.max(turns, task.maxTurns);
