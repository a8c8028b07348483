import { describe, expect, it } from 'vitest';
import { MAZE } from './maze';
import { corpusOf, encode, expectShare } from './testing/corpus';

const prompt = {
  id: '024 123 014?2-1-4',
  tokens: encode(MAZE, '0 2 4 1 2 3 0 1 4 ?'),
  gold: '2-1-4',
};

it('has 27 ways through each of 1,000 mazes', () => {
  const all = (['train', 'tune', 'test'] as const).flatMap((s) => MAZE.prompts(s, 1e6, 0));
  expect(all).toHaveLength(27_000);
  const [first] = MAZE.prompts('test', 1, 0);
  const same = all.filter((p) => p.tokens.join() === first!.tokens.join());
  expect(new Set(same.map((p) => p.gold)).size).toBe(27);
});

it.each([
  ['0 1 4', 'BUMP1', 'bump at wall 1'],
  ['2 3 4', 'BUMP2', 'bump at wall 2'],
  ['2 1 0', 'BUMP3', 'bump at wall 3'],
  ['3 1 4', 'BUMP1', 'bump at wall 1'], // a wall is no door
  ['2 ? 4', 'BUMP2', 'bump at wall 2'],
])('%s ends with %s', (answer, token, text) => {
  expect(MAZE.feedback(prompt, encode(MAZE, answer))).toEqual({
    tokens: encode(MAZE, token),
    text,
  });
});

it('reads one place for each wall', () => {
  expect(MAZE.judge(prompt, encode(MAZE, '2 1 4')).correct).toBe(true);
  const unreadable = { correct: false, valid: false, answer: '' };
  expect(MAZE.judge(prompt, encode(MAZE, '2 1 ?'))).toEqual(unreadable);
});

it('keeping what worked finds every way within seven turns', () => {
  for (const p of MAZE.prompts('test', 300, 0)) {
    const left = [0, 1, 2].map((wall) => p.tokens.slice(3 * wall, 3 * wall + 3));
    let turns = 1;
    for (; turns <= 7; turns++) {
      const answer = left.map((doors) => doors[0]!);
      if (MAZE.judge(p, answer).correct) break;
      left[Number(MAZE.feedback(p, answer).text.at(-1)) - 1]!.shift();
    }
    expect(turns).toBeLessThanOrEqual(7);
  }
});

it('is drawn with its doors and the open ones', () => {
  expect(MAZE.viewPrompt(prompt)).toEqual({
    kind: 'maze',
    text: 'wall 1: doors 0, 2, 4; wall 2: doors 1, 2, 3; wall 3: doors 0, 1, 4',
    places: 5,
    walls: [
      [0, 2, 4],
      [1, 2, 3],
      [0, 1, 4],
    ],
    open: [2, 1, 4],
  });
});

describe('its corpus, 10,000 dialogues (seed 9)', () => {
  const dialogues = corpusOf(MAZE, 10_000, 9);

  it('walks through doors only, and finds the way at once in 1 of 27', () => {
    expectShare(
      dialogues.map((d) => d.answers.length === 1),
      1 / 27,
    );
    for (const { tokens, answers } of dialogues.slice(0, 500)) {
      for (const answer of answers) {
        answer.forEach((door, wall) => {
          expect(tokens.slice(3 * wall, 3 * wall + 3)).toContain(door);
        });
      }
    }
  });

  it('solves more by the eighth turn than by the fifth: players that heed their bumps', () => {
    const last = dialogues.filter((d) => d.answers.length === 8);
    const solvedBy = (turn: number): number =>
      dialogues.filter((d) => d.answers.length <= turn).length / dialogues.length;
    expect(solvedBy(7)).toBeGreaterThan(solvedBy(4) + 0.1);
    // Who goes on for eight turns repeats for the most part: stubborn.
    const repeats = last.filter((d) => new Set(d.texts).size < 4);
    expect(repeats.length / last.length).toBeGreaterThan(0.8);
  });
});
