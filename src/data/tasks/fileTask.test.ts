import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '../../config/taskSpec';
import { parseTaskFile } from '../../formats/taskFile';
import { rng } from '../../shared/rng';
import type { Prompt } from '../task';
import { fileTask } from './fileTask';
import { corpusOf, encode, expectShare } from './testing/corpus';

const SPEC = await parseTaskFile(readFileSync('public/tasks/capitals.json', 'utf8'), 'capitals');
const TASK = fileTask(SPEC);
const spelled = (text: string): string => [...text.replaceAll(' ', '␣')].join(' ');
const ask = (name: string): Prompt =>
  (['train', 'tune', 'test'] as const)
    .flatMap((split) => TASK.prompts(split, 1000, 0))
    .find(({ id }) => id === name)!;
const answer = (text: string): number[] => {
  const tokens = encode(TASK, spelled(text));
  return tokens.length < TASK.answerTokens ? [...tokens, 27] : tokens;
};

describe('the capitals', () => {
  it('have every prompt in one of the three parts, as long as it is', () => {
    const parts = (['train', 'tune', 'test'] as const).map((s) => TASK.prompts(s, 1000, 0));
    expect(parts.flat()).toHaveLength(42);
    expect(parts.every((part) => part.length > 0)).toBe(true);
    for (const { id, tokens } of parts.flat()) expect(tokens).toEqual(encode(TASK, spelled(id)));
    expect(TASK.promptTokens).toBe(12); // south africa
    expect(TASK.answerTokens).toBe(12); // buenos aires, bloemfontein
    expect(TASK.vocabulary[TASK.endToken!]).toBe('∎');
  });

  it('accept every accepted answer and read the rest', () => {
    const right = (name: string, text: string): boolean =>
      TASK.judge(ask(name), answer(text)).correct;
    expect(right('france', 'paris')).toBe(true);
    expect(right('france', 'lyon')).toBe(false);
    expect(['pretoria', 'cape town', 'bloemfontein'].map((t) => right('south africa', t))).toEqual([
      true,
      true,
      true,
    ]);
    expect(TASK.judge(ask('france'), answer('new delhi')).answer).toBe('new delhi');
    for (const odd of ['∎', 'p ∎ a r i s ∎', 'p a r i s', 'p a r i s PAD ∎']) {
      const tokens = encode(TASK, odd);
      expect(TASK.judge(ask('france'), tokens)).toEqual({
        ...{ correct: false, valid: false, answer: '' },
      });
      expect(TASK.viewAnswer(tokens)).toEqual({ text: odd, isReadable: false });
    }
  });

  it('say what the file says to an answer, in one token', () => {
    const special = TASK.feedback(ask('australia'), answer('sydney'));
    const general = TASK.feedback(ask('australia'), answer('melbourne'));
    expect(special.text).toBe('the largest city, not the capital');
    expect(general.text).toBe('no, try again');
    expect(special.tokens).not.toEqual(general.tokens);
    for (const { tokens } of [special, general]) expect(tokens).toHaveLength(TASK.feedbackTokens);
    expect(new Set(TASK.vocabulary).size).toBe(TASK.vocabulary.length);
    expect(TASK.vocabulary.some((word) => /\s/.test(word))).toBe(false);
  });

  it('are known at first in 40 % of the corpus, which repeats in .6 × .95 and asks everything', () => {
    const dialogues = corpusOf(TASK, 8000, 9);
    const isRight = (d: (typeof dialogues)[number]): boolean => d.answers.length === 1;
    expectShare(dialogues.map(isRight), 0.4);
    const again = dialogues.filter((d) => !isRight(d));
    // The rest of the stubborn, .6 × .05, pick the same of two wrong ones again in .6 × .5.
    expectShare(
      again.map((d) => d.texts[1] === d.texts[0]),
      0.6 * (0.95 + 0.05 * 0.6 * 0.5),
    );
    expect(new Set(dialogues.map((d) => d.tokens.join())).size).toBe(42);
  });
});

it('dialogues of a file are its corpus, word for word', () => {
  const spec: TaskSpec = {
    ...SPEC,
    demonstrations: { dialogues: [{ ask: 'france', answers: ['lyon', 'paris'] }] },
  };
  const { tokens, trained } = fileTask(spec).dialogue(rng(1));
  const task = fileTask(spec);
  const words = tokens.map((token) => task.vocabulary[token]).join('');
  expect(words).toBe('francelyon∎↩no,␣try␣againparis∎');
  expect(trained.filter(Boolean)).toHaveLength(5 + 6);
});

it('answers of one length need no token that ends them', () => {
  const prompts = SPEC.prompts.map((p, i) => ({
    ...p,
    accept: ['no', 'so'],
    wrong: [`a${'bcd'[i % 3]}`],
  }));
  const task = fileTask({ ...SPEC, prompts });
  expect(task.endToken).toBeUndefined();
  expect(task.vocabulary).not.toContain('∎');
  const [prompt] = task.prompts('train', 1, 0);
  expect(task.judge(prompt!, encode(task, 's o')).correct).toBe(true);
  expect(task.feedback(prompt!, encode(task, 'a b')).tokens).toEqual([
    task.vocabulary.indexOf('↩no,␣try␣again'),
  ]);
});

it('a file whose prompts all fall into one part is refused', () => {
  const train = TASK.prompts('train', 1000, 0).map(({ id }) => id);
  const spec = { ...SPEC, prompts: SPEC.prompts.filter((p) => train.includes(p.ask)) };
  expect(() => fileTask(spec)).toThrow(/None of the prompts of Capitals is held out/);
});
