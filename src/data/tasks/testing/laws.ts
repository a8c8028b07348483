import { expect, it } from 'vitest';
import { rng } from '../../../shared/rng';
import { episodeTokens, type Prompt, type Split, type Task } from '../../task';

const SPLITS: readonly Split[] = ['train', 'tune', 'test'];
const ALL = 1e6; // more prompts than any split has

/** What every task must keep, as tests; called within a `describe`. */
export function testTask(task: Task): void {
  testPrompts(task);
  testDialogues(task);
  testFeedbackAndViews(task);
}

function testPrompts(task: Task): void {
  it('ends its vocabulary with PAD', () => {
    expect(task.vocabulary[task.pad]).toBe('PAD');
    expect(task.pad).toBe(task.vocabulary.length - 1);
  });

  it('has splits that share no text', () => {
    const texts = SPLITS.map((s) => new Set(task.prompts(s, ALL, 0).map((p) => p.tokens.join())));
    const distinct = new Set(texts.flatMap((set) => [...set]));
    expect(distinct.size).toBe(texts.reduce((n, set) => n + set.size, 0));
  });

  it('holds about a fifth out for the test', () => {
    const [train, tune, test] = SPLITS.map((s) => task.prompts(s, ALL, 0).length);
    const total = train! + tune! + test!; // texts are held out, of which hilo has only 210
    expect(test! / total).toBeGreaterThan(0.16);
    expect(test! / total).toBeLessThan(0.24);
    expect(tune! / total).toBeGreaterThan(0.16);
    expect(tune! / total).toBeLessThan(0.24);
  });

  it.each(SPLITS)('gives distinct %s prompts of the stated length', (split) => {
    const prompts = task.prompts(split, ALL, 3);
    expect(new Set(prompts.map((p) => p.id)).size).toBe(prompts.length);
    expect(prompts.every((p) => p.tokens.length === task.promptTokens)).toBe(true);
  });

  it('orders prompts by the seed, and a larger count only adds to them', () => {
    const ids = (count: number, seed: number): string[] =>
      task.prompts('train', count, seed).map((p) => p.id);
    expect(ids(512, 1)).toEqual(ids(512, 1));
    expect(ids(512, 1).slice(0, 64)).toEqual(ids(64, 1));
    expect(ids(64, 1)).not.toEqual(ids(64, 2));
    expect(ids(0, 1)).toEqual([]);
  });

  it('never asks the same with the same hidden part twice', () => {
    const prompts = task.prompts('test', ALL, 0);
    const byTextAndGold = new Set(prompts.map((p) => `${p.tokens.join()}|${p.gold}`));
    expect(byTextAndGold.size).toBe(prompts.length);
  });
}

function testDialogues(task: Task): void {
  it('writes the same dialogue from the same draws', () => {
    expect(task.dialogue(rng(5, 2, 7))).toEqual(task.dialogue(rng(5, 2, 7)));
  });

  it('writes dialogues that the verifier agrees with, on training prompts only (seed 4)', () => {
    const train = new Map<string, Prompt[]>();
    for (const prompt of task.prompts('train', ALL, 0)) {
      const text = prompt.tokens.join();
      train.set(text, [...(train.get(text) ?? []), prompt]);
    }
    const random = rng(4);
    const stride = task.answerTokens + task.feedbackTokens;
    for (let i = 0; i < 500; i++) {
      const { tokens, trained } = task.dialogue(random);
      const turns = (tokens.length - task.promptTokens + task.feedbackTokens) / stride;
      expect(Number.isInteger(turns) && turns >= 1 && turns <= task.maxTurns).toBe(true);
      expect(tokens.length).toBe(episodeTokens(task, turns));
      const at = (t: number): number => task.promptTokens + t * stride;
      const answers = Array.from({ length: turns }, (_, t) =>
        tokens.slice(at(t), at(t) + task.answerTokens),
      );
      // The hidden part is not written down: some prompt that reads like this fits the dialogue.
      const fitting = train.get(tokens.slice(0, task.promptTokens).join())?.filter((prompt) => {
        const solvedAt = answers.findIndex((answer) => task.judge(prompt, answer).correct) + 1;
        const told = answers.slice(0, -1).flatMap((answer, t) => {
          const { tokens: expected } = task.feedback(prompt, answer);
          return expected.map((token, k) => token === tokens[at(t) + task.answerTokens + k]);
        });
        return (solvedAt || task.maxTurns) === turns && told.every(Boolean);
      });
      expect(fitting?.length).toBeGreaterThan(0);
      const isAnswer = tokens.map(
        (_, n) => n >= task.promptTokens && (n - task.promptTokens) % stride < task.answerTokens,
      );
      expect(trained).toEqual(isAnswer);
    }
  });
}

function testFeedbackAndViews(task: Task): void {
  it('says the same number of tokens to every answer, readable or not', () => {
    const [prompt] = task.prompts('train', 1, 0);
    task.vocabulary.forEach((_, token) => {
      const answer = Array<number>(task.answerTokens).fill(token);
      const { tokens, text } = task.feedback(prompt!, answer);
      expect(tokens).toHaveLength(task.feedbackTokens);
      expect(tokens.every((t) => task.vocabulary[t] !== undefined)).toBe(true);
      expect(text).not.toBe('');
    });
  });

  it('draws every prompt and every answer with a text of its own', () => {
    for (const prompt of task.prompts('train', 20, 0))
      expect(task.viewPrompt(prompt).text).not.toBe('');
    task.vocabulary.forEach((_, token) => {
      const answer = Array<number>(task.answerTokens).fill(token);
      const { text, isReadable } = task.viewAnswer(answer);
      expect(text).not.toBe('');
      expect(isReadable).toBe(task.judge(task.prompts('train', 1, 0)[0]!, answer).valid);
    });
  });
}
