import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import type { Prompt, Split } from '../task';
import { FACTS, operands, readAnswer, rememberedSum } from './facts';
import { encode, expectShare } from './testing/corpus';

const THINK = FACTS.vocabulary.indexOf('T');
const NO = FACTS.vocabulary.indexOf('NO');
const isHard = ({ a, b }: { a: number; b: number }): boolean => rememberedSum(a, b) !== a + b;

describe('the verifier', () => {
  const prompt: Prompt = { id: '14+43=', tokens: encode(FACTS, '1 4 + 4 3 ='), gold: '57' };

  it.each([
    ['T 0 7 5 7', true, true, '57'],
    ['S . . 5 7', true, true, '57'],
    ['9 9 9 5 7', true, true, '57'], // it reads the last two only
    ['S . . 5 6', false, true, '56'],
    ['T 0 7 5 .', false, false, ''],
    ['S . . NO 7', false, false, ''],
    ['S . . 5', false, false, ''],
  ])('%s: correct %s, valid %s', (text, correct, valid, answer) => {
    expect(FACTS.judge(prompt, encode(FACTS, text))).toEqual({ correct, valid, answer });
  });
});

describe('misremembered sums', () => {
  const pairs = Array.from({ length: 100 }, (_, i) => ({ a: Math.floor(i / 10), b: i % 10 }));

  it('are 60 of 100, off by one or two', () => {
    const offsets = pairs.map(({ a, b }) => rememberedSum(a, b) - a - b).filter((d) => d !== 0);
    expect(offsets).toHaveLength(60);
    expect(new Set(offsets)).toEqual(new Set([-2, -1, 1, 2]));
  });

  it('depend on the ones alone and stay numbers of two digits', () => {
    for (const { a, b } of pairs) {
      const offset = rememberedSum(a, b) - a - b;
      expect(rememberedSum(50 + a, 30 + b) - (80 + a + b)).toBe(offset);
      expect(a + b + offset).toBeGreaterThanOrEqual(0);
      expect(80 + a + b + offset).toBeLessThanOrEqual(99);
    }
  });
});

describe('prompts', () => {
  it('are the 4,500 sums whose tens add up to 8 at most', () => {
    const sizes = (['test', 'tune', 'train'] as Split[]).map(
      (s) => FACTS.prompts(s, 1e6, 0).length,
    );
    expect(sizes).toEqual([883, 926, 2691]);
  });

  it.each<[Split, number]>([
    ['train', 1024],
    ['test', 512],
    ['tune', 512],
  ])('65 %% of %s prompts are hard', (split, count) => {
    expectShare(
      FACTS.prompts(split, count, 6).map((p) => isHard(operands(p))),
      0.65,
    );
  });

  it('carry the right sum', () => {
    for (const prompt of FACTS.prompts('train', 200, 6)) {
      const { a, b } = operands(prompt);
      expect(Number(prompt.gold)).toBe(a + b);
      expect(prompt.id).toBe(prompt.tokens.map((t) => FACTS.vocabulary[t]).join(''));
    }
  });
});

interface Parsed {
  readonly a: number;
  readonly b: number;
  readonly answers: readonly number[][];
  readonly sums: readonly number[];
}

function parse(tokens: readonly number[]): Parsed {
  const { a, b } = operands({ id: '', gold: '', tokens });
  const answers: number[][] = [];
  for (let at = FACTS.promptTokens; at < tokens.length; at += FACTS.answerTokens + 1) {
    answers.push(tokens.slice(at, at + FACTS.answerTokens));
  }
  return { a, b, answers, sums: answers.map((x) => Number(readAnswer(x).sum)) };
}

describe('the corpus, 20,000 dialogues (seed 9)', () => {
  const random = rng(9);
  const dialogues = Array.from({ length: 20_000 }, () => parse(FACTS.dialogue(random).tokens));
  const thinks = (d: Parsed, t = 0): boolean => d.answers[t]![0] === THINK;
  const isRight = (d: Parsed, t = 0): boolean => d.sums[t] === d.a + d.b;
  const thinkers = dialogues.filter((d) => thinks(d));
  const guessers = dialogues.filter((d) => !thinks(d));

  it('asks hard sums in 65 %', () => expectShare(dialogues.map(isHard), 0.65));
  it('thinks first in 22 %', () =>
    expectShare(
      dialogues.map((d) => thinks(d)),
      0.22,
    ));
  it('thinkers slip in 10 %', () =>
    expectShare(
      thinkers.map((d) => !isRight(d)),
      0.1,
    ));

  it('every working is right', () => {
    const workings = dialogues.flatMap((d) =>
      d.answers
        .flatMap((x) => readAnswer(x).working ?? [])
        .map((w) => Number(w) - (d.a % 10) - (d.b % 10)),
    );
    expect(new Set(workings)).toEqual(new Set([0]));
  });

  it('guessers slip in 10 % of easy sums', () => {
    const easy = guessers.filter((d) => !isHard(d));
    expectShare(
      easy.map((d) => !isRight(d)),
      0.1,
    );
  });

  it('guessers say the misremembered value in 95 % of hard sums, slips aside', () => {
    const hard = guessers.filter(isHard);
    // Without a slip .95 × .9; a slip from the right sum may also land on it, at .05 × .1 × ¼.
    expectShare(
      hard.map((d) => d.sums[0] === rememberedSum(d.a, d.b)),
      0.95 * 0.9 + 0.05 * 0.1 * 0.25,
    );
  });

  it('stops at the first right answer, or after five', () => {
    for (const d of dialogues) {
      const right = d.sums.indexOf(d.a + d.b);
      expect(d.answers).toHaveLength(right >= 0 ? right + 1 : 5);
    }
  });

  it('repeats a wrong straight answer in 57 % (stubborn .6 × .95)', () => {
    const again = guessers.filter((d) => d.answers.length > 1);
    expectShare(
      again.map((d) => d.sums[1] === d.sums[0] && !thinks(d, 1)),
      0.57,
    );
  });

  it('switches to thinking in 3 % of the rest, and never back', () => {
    const moved = guessers.filter(
      (d) => d.answers.length > 1 && (thinks(d, 1) || d.sums[1] !== d.sums[0]),
    );
    expectShare(
      moved.map((d) => thinks(d, 1)),
      0.03,
    );
    for (const d of dialogues) {
      const kinds = d.answers.map((x) => x[0] === THINK);
      expect(kinds).toEqual([...kinds].sort((x, y) => Number(x) - Number(y)));
    }
  });

  it('otherwise guesses one or two away from the last guess', () => {
    const steps = guessers.flatMap((d) =>
      d.sums.flatMap((sum, t) =>
        t > 0 && !thinks(d, t) && sum !== d.sums[t - 1] ? [Math.abs(sum - d.sums[t - 1]!)] : [],
      ),
    );
    expect(new Set(steps)).toEqual(new Set([1, 2]));
  });

  it('writes NO only as feedback', () => {
    expect(dialogues.every((d) => d.answers.every((x) => !x.includes(NO)))).toBe(true);
  });
});

it.each([
  ['T 0 7 5 7', { text: '57', isReadable: true, working: '07' }],
  ['S . . 5 6', { text: '56', isReadable: true }],
  ['T . 7 5 7', { text: '57', isReadable: true }],
  ['T 0 7 5 NO', { text: 'T 0 7 5 NO', isReadable: false }],
])('%s is drawn as a thought where it is one', (text, view) => {
  expect(FACTS.viewAnswer(encode(FACTS, text))).toEqual(view);
});
