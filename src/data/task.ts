import type { TaskName } from '../config/runConfig';
import type { Rng } from '../shared/rng';

/** 'train' prompts are rolled out, 'tune' picks settings, 'test' is reported. Disjoint by a hash of the prompt text. */
export type Split = 'train' | 'tune' | 'test';

/** One problem. Trajectories with the same `id` form a group. */
export interface Prompt {
  /** Unique, printable; includes the hidden part where the text alone does not determine the answer. */
  readonly id: string;
  readonly tokens: readonly number[]; // [promptTokens]
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

/** A scripted dialogue of the pretraining corpus: packed tokens and which of them are trained. */
export interface Dialogue {
  readonly tokens: readonly number[];
  readonly trained: readonly boolean[]; // same length: true on answer tokens
}

/**
 * A verifiable multi-turn task: prompt, then up to `maxTurns` answers of `answerTokens` tokens, each
 * wrong one followed by the feedback tokens. Pure: no clocks, no randomness but what is handed in.
 */
export interface Task {
  readonly name: TaskName;
  readonly title: string;
  /** Text of each token id, in order. */
  readonly vocabulary: readonly string[];
  readonly pad: number; // token id, never sampled into a trained position
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly feedback: readonly number[]; // token ids appended after a wrong answer
  readonly maxTurns: number;
  /** The first `count` prompts of a split in the order that `seed` gives; fewer when the split is smaller. */
  prompts(split: Split, count: number, seed: number): Prompt[];
  /** Judges the `answerTokens` tokens of one answer. */
  judge(prompt: Prompt, answer: ArrayLike<number>): Verdict;
  /** A fresh dialogue of the pretraining corpus. */
  dialogue(random: Rng): Dialogue;
}

/** Longest episode in tokens: prompt, all answers, feedback between them. */
export const contextTokens = (task: Task, turns: number = task.maxTurns): number =>
  task.promptTokens + turns * task.answerTokens + (turns - 1) * task.feedback.length;
