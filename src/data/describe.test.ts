import { describe, expect, it } from 'vitest';
import { describeAnswer, describePrompt } from './describe';
import { BOXES } from './tasks/boxes';
import { FACTS, rememberedSum } from './tasks/facts';

const facts = (text: string): number[] => text.split(' ').map((t) => FACTS.vocabulary.indexOf(t));

describe('describePrompt', () => {
  it('reads a sum and what most remember it to be', () => {
    for (const prompt of FACTS.prompts('train', 50, 0)) {
      const view = describePrompt('facts', prompt);
      if (view.kind !== 'facts') throw new Error(view.kind);
      expect(view.text).toBe(`${view.a} + ${view.b}`);
      expect(view.a + view.b).toBe(Number(prompt.gold));
      const memory = rememberedSum(view.a, view.b);
      const isWrong = memory !== view.a + view.b;
      expect(view.misremembered).toBe(isWrong ? String(memory).padStart(2, '0') : undefined);
    }
  });

  it('reads a board and where the treasure lies', () => {
    const [gold, grey, empty, ask] = ['GOLD', 'GREY', 'EMPTY', '?'].map((t) =>
      BOXES.vocabulary.indexOf(t),
    ) as [number, number, number, number];
    const tokens = [gold, grey, empty, empty, grey, gold, empty, empty, grey, ask];
    expect(describePrompt('boxes', { id: '', tokens, gold: '4' })).toEqual({
      kind: 'boxes',
      text: 'gold boxes 0, 5; grey boxes 1, 4, 8',
      cells: ['gold', 'grey', 'empty', 'empty', 'grey', 'gold', 'empty', 'empty', 'grey'],
      treasure: 4,
    });
  });
});

describe('describeAnswer', () => {
  it.each([
    ['T 0 7 5 7', '07, so 57', '07', '57'],
    ['S . . 5 6', '56', undefined, '56'],
    ['T . 7 5 7', '57', undefined, '57'],
    ['T 0 7 5 NO', 'T 0 7 5 NO', '07', undefined],
  ])('facts %s', (tokens, text, working, answer) => {
    expect(describeAnswer('facts', facts(tokens))).toEqual({
      kind: 'facts',
      text,
      working,
      answer,
    });
  });

  it('boxes', () => {
    expect(describeAnswer('boxes', [4])).toEqual({ kind: 'boxes', text: 'box 4', cell: 4 });
    expect(describeAnswer('boxes', [12])).toEqual({ kind: 'boxes', text: 'NO', cell: undefined });
  });
});
