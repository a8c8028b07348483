import { describe, expect, it } from 'vitest';
import { HILO } from './hilo';
import { corpusOf, encode, expectShare } from './testing/corpus';

const prompt = { id: '4-20?9', tokens: encode(HILO, '4 20 ?'), gold: '9' };

it('asks for numbers in intervals of 12 to 31', () => {
  const all = (['train', 'tune', 'test'] as const).flatMap((s) => HILO.prompts(s, 1e6, 0));
  expect(all).toHaveLength(3850);
  for (const { tokens, gold } of all) {
    const [low, high] = tokens as [number, number];
    expect(high - low + 1).toBeGreaterThanOrEqual(12);
    expect(Number(gold) >= low && Number(gold) <= high).toBe(true);
  }
});

it.each([
  ['8', 'UP', 'higher'],
  ['10', 'DOWN', 'lower'],
  ['30', 'DOWN', 'lower'],
  ['UP', '?', 'that is no number'],
])('to %s it says %s', (answer, token, text) => {
  expect(HILO.feedback(prompt, encode(HILO, answer))).toEqual({
    tokens: encode(HILO, token),
    text,
  });
  expect(HILO.judge(prompt, encode(HILO, answer)).correct).toBe(false);
});

it('halving the interval finds every target within five turns', () => {
  for (const p of HILO.prompts('test', 1e6, 0)) {
    let [low, high] = p.tokens as [number, number];
    let turns = 1;
    for (; turns <= 5; turns++) {
      const guess = Math.floor((low + high) / 2);
      if (HILO.judge(p, [guess]).correct) break;
      if (HILO.feedback(p, [guess]).text === 'higher') low = guess + 1;
      else high = guess - 1;
    }
    expect(turns).toBeLessThanOrEqual(5);
  }
});

describe('its corpus, 10,000 dialogues (seed 9)', () => {
  const dialogues = corpusOf(HILO, 10_000, 9).map(({ tokens, answers }) => {
    const [low, high] = tokens as [number, number];
    return { low, high, picks: answers.flat() };
  });
  const again = dialogues.filter((d) => d.picks.length > 1);

  it('guesses within the interval', () => {
    expect(dialogues.every((d) => d.picks.every((n) => n >= d.low && n <= d.high))).toBe(true);
  });

  it('repeats in .6 × .7, and by chance in the rest of the stubborn', () => {
    const chance = again.reduce((sum, d) => sum + 1 / (d.high - d.low + 1), 0) / again.length;
    expectShare(
      again.map((d) => d.picks[1] === d.picks[0]),
      0.6 * (0.7 + 0.3 * chance),
    );
  });

  it('draws a line with the target hidden on it', () => {
    expect(HILO.viewPrompt(prompt)).toEqual({
      kind: 'line',
      text: 'a number from 4 to 20',
      ends: [0, 30],
      low: 4,
      high: 20,
      target: 9,
    });
    expect(HILO.viewAnswer([12])).toEqual({ text: '12', isReadable: true, marks: [12] });
    expect(HILO.viewAnswer([32])).toEqual({ text: 'DOWN', isReadable: false });
  });
});
