import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { contextTokens, type Split } from '../task';
import { TASKS } from './registry';

const SPLITS: readonly Split[] = ['train', 'tune', 'test'];
const ALL = 1e6; // more prompts than any split has

describe.each([...TASKS])('%s', (name, task) => {
  it('stands under its own name, and pad is its last token', () => {
    expect(task.name).toBe(name);
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
    const total = train! + tune! + test!;
    expect(test! / total).toBeGreaterThan(0.18);
    expect(test! / total).toBeLessThan(0.22);
    expect(tune! / total).toBeGreaterThan(0.18);
    expect(tune! / total).toBeLessThan(0.22);
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

  it('writes the same dialogue from the same draws', () => {
    expect(task.dialogue(rng(5, 2, 7))).toEqual(task.dialogue(rng(5, 2, 7)));
  });

  it('writes dialogues that the verifier agrees with, on training prompts only (seed 4)', () => {
    const train = new Map(task.prompts('train', ALL, 0).map((p) => [p.tokens.join(), p]));
    const random = rng(4);
    for (let i = 0; i < 500; i++) {
      const { tokens, trained } = task.dialogue(random);
      const prompt = train.get(tokens.slice(0, task.promptTokens).join());
      expect(prompt).toBeDefined();
      const stride = task.answerTokens + task.feedback.length;
      const turns = (tokens.length - task.promptTokens + task.feedback.length) / stride;
      expect(Number.isInteger(turns) && turns >= 1 && turns <= task.maxTurns).toBe(true);
      expect(tokens.length).toBeLessThanOrEqual(contextTokens(task));
      const expected = Array<boolean>(task.promptTokens).fill(false);
      for (let t = 0; t < turns; t++) {
        const at = task.promptTokens + t * stride;
        if (t > 0) {
          expect(tokens.slice(at - task.feedback.length, at)).toEqual(task.feedback);
          expected.push(...task.feedback.map(() => false));
        }
        expected.push(...Array<boolean>(task.answerTokens).fill(true));
      }
      expect(trained).toEqual(expected);
    }
  });

  it('never asks the same with the same hidden part twice', () => {
    const prompts = task.prompts('test', ALL, 0);
    const byTextAndGold = new Set(prompts.map((p) => `${p.tokens.join()}|${p.gold}`));
    expect(byTextAndGold.size).toBe(prompts.length);
  });
});
