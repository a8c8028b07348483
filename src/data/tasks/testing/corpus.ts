import { expect } from 'vitest';
import { rng } from '../../../shared/rng';
import type { Prompt, Task } from '../../task';

/** Four standard deviations of a share estimated from n draws: a fair sampler stays within. */
export function expectShare(hits: readonly boolean[], p: number): void {
  const share = hits.filter(Boolean).length / hits.length;
  const bound = 4 * Math.sqrt((p * (1 - p)) / hits.length);
  expect(Math.abs(share - p), `${share} of ${hits.length}, expected ${p}`).toBeLessThan(bound);
}

/** A dialogue of the corpus in parts. */
export interface Told {
  readonly tokens: readonly number[]; // of the prompt
  readonly answers: readonly (readonly number[])[];
  readonly texts: readonly string[]; // of the answers, as the verifier reads them
}

/** Dialogues of a task's corpus. */
export function corpusOf(task: Task, count: number, seed: number): Told[] {
  const random = rng(seed);
  const nobody: Prompt = { id: '', tokens: [], gold: '' }; // a text depends on no prompt
  return Array.from({ length: count }, () => {
    const { tokens, trained } = task.dialogue(random);
    const answers: number[][] = [];
    tokens.forEach((token, n) => {
      if (!trained[n]) return;
      if (trained[n - 1]) answers.at(-1)!.push(token);
      else answers.push([token]);
    });
    const texts = answers.map((answer) => task.judge(nobody, answer).answer);
    return { tokens: tokens.slice(0, trained.indexOf(true)), answers, texts };
  });
}

/** Tokens of a text whose words are the task's. */
export const encode = ({ vocabulary }: Task, text: string): number[] =>
  text.split(' ').map((word) => {
    const token = vocabulary.indexOf(word);
    if (token < 0) throw new Error(`${word} is no token.`);
    return token;
  });
