import { describe, expect, it } from 'vitest';
import { STAIN } from './stain';
import { SUMS } from './sums';
import { corpusOf, encode, expectShare } from './testing/corpus';

const isStained = ({ tokens }: { tokens: readonly number[] }): boolean =>
  tokens.some((token) => token === 12 || token === 13);

describe('stain', () => {
  it('hides a ones digit behind its half in 60 % of prompts', () => {
    const prompts = STAIN.prompts('train', 2000, 0);
    expectShare(prompts.map(isStained), 0.6);
    for (const { id, tokens, gold } of prompts) {
      const under = id[6]; // "2L+35=3"
      const spelled = tokens.map((token) => STAIN.vocabulary[token]).join('');
      const [a, b] = spelled.replace(/[LH]/, under ?? '').split(/[+=]/);
      expect(Number(a) + Number(b)).toBe(Number(gold));
      if (under !== undefined) expect(/L/.test(spelled)).toBe(Number(under) < 5);
    }
  });

  it.each([
    ['7 5 0', true, '57'],
    ['3 3 1', false, '133'],
    ['0 0 0', false, '0'],
    ['7 5 NO', false, ''],
    ['7 5', false, ''],
  ])('reads %s, ones first', (text, correct, answer) => {
    const prompt = { id: '14+43=', tokens: encode(STAIN, '1 4 + 4 3 ='), gold: '57' };
    const verdict = STAIN.judge(prompt, encode(STAIN, text));
    expect(verdict).toEqual({ correct, valid: answer !== '', answer });
  });

  it('draws the paper with what the stain hides', () => {
    const tokens = encode(STAIN, '2 L + 3 5 =');
    expect(STAIN.viewPrompt({ id: '2L+35=3', tokens, gold: '58' })).toEqual({
      kind: 'paper',
      text: '2(stain, 0–4) + 35',
      glyphs: '2L+35',
      isColumn: false,
      stain: { place: 1, under: '3', range: '0–4' },
    });
    const plain = { id: '24+35=', tokens: encode(STAIN, '2 4 + 3 5 ='), gold: '59' };
    expect(STAIN.viewPrompt(plain)).toEqual({
      kind: 'paper',
      text: '24 + 35',
      glyphs: '24+35',
      isColumn: false,
    });
    expect(SUMS.viewPrompt(plain)).toMatchObject({ kind: 'paper', isColumn: true });
  });
});

describe('its corpus, 10,000 dialogues (seed 9)', () => {
  const dialogues = corpusOf(STAIN, 10_000, 9);

  it('slips at first in 20 % of unstained sums', () => {
    const plain = dialogues.filter((d) => !isStained(d));
    expectShare(
      plain.map((d) => d.texts.length > 1),
      0.2,
    );
  });

  it('says another number after NO in the careful 40 %, and seldom in the rest', () => {
    const again = dialogues.filter((d) => d.texts.length > 1);
    const moved = again.map((d) => d.texts[1] !== d.texts[0]);
    const share = moved.filter(Boolean).length / moved.length;
    expect(share).toBeGreaterThan(0.4 - 0.03);
    expect(share).toBeLessThan(0.4 + 0.6 * 0.05 + 0.03);
  });

  it('guesses all five digits under a stain alike', () => {
    const stained = dialogues.filter((d) => d.tokens[1] === 12);
    const ones = stained.map((d) => Number(d.texts[0]) - 10 * d.tokens[0]! - 10 * d.tokens[3]!);
    // Without a slip .8 / 5 each; a slip of 1 leads from a neighbor, at .2 / 4 / 5.
    expectShare(
      stained.map((d, i) => ones[i] === d.tokens[4]! + 2),
      0.8 / 5 + (2 * 0.2) / 4 / 5,
    );
  });
});

it('sums are the same without stains, in a vocabulary of their own', () => {
  expect(SUMS.vocabulary).toEqual([...'0123456789+=', 'NO', 'PAD']);
  expect(SUMS.prompts('train', 500, 0).some(isStained)).toBe(false);
  const solved = corpusOf(SUMS, 4000, 2).map((d) => d.texts.length === 1);
  expectShare(solved, 0.8);
});
