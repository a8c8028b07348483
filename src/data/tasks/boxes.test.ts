import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import type { Prompt, Split } from '../task';
import { BOXES, cellMarks } from './boxes';
import { encode, expectShare } from './testing/corpus';

const markOfTreasure = (p: Prompt): string => cellMarks(p)[Number(p.gold)]!;

describe('prompts', () => {
  it('are 1,260 boards with five places for the treasure', () => {
    const sizes = (['test', 'tune', 'train'] as Split[]).map(
      (s) => BOXES.prompts(s, 1e6, 0).length,
    );
    expect(sizes).toEqual([1300, 1375, 3625]);
    expect(sizes.reduce((a, b) => a + b)).toBe(1260 * 5);
  });

  it('have two gold and three grey cells, and the treasure in one of them', () => {
    for (const prompt of BOXES.prompts('train', 1e6, 0)) {
      const marks = cellMarks(prompt);
      expect(marks.filter((m) => m === 'gold')).toHaveLength(2);
      expect(marks.filter((m) => m === 'grey')).toHaveLength(3);
      expect(markOfTreasure(prompt)).not.toBe('empty');
    }
  });

  it.each<[Split, number]>([
    ['train', 1024],
    ['test', 512],
  ])('hide the treasure under gold in 58 %% of %s', (split, count) => {
    expectShare(
      BOXES.prompts(split, count, 2).map((p) => markOfTreasure(p) === 'gold'),
      0.58,
    );
  });
});

describe('the verifier', () => {
  const [prompt] = BOXES.prompts('train', 1, 0);
  const gold = Number(prompt!.gold);

  it('accepts the treasure, refuses other cells, and cannot read other tokens', () => {
    const other = (gold + 1) % 9;
    expect(BOXES.judge(prompt!, [gold])).toEqual({ correct: true, valid: true, answer: `${gold}` });
    expect(BOXES.judge(prompt!, [other])).toEqual({
      correct: false,
      valid: true,
      answer: `${other}`,
    });
    for (const token of [9, 12, 13, 14]) {
      expect(BOXES.judge(prompt!, [token])).toEqual({ correct: false, valid: false, answer: '' });
    }
    expect(BOXES.judge(prompt!, []).valid).toBe(false);
  });
});

describe('the corpus, 20,000 dialogues (seed 9)', () => {
  const random = rng(9);
  const dialogues = Array.from({ length: 20_000 }, () => {
    const { tokens } = BOXES.dialogue(random);
    const picks = tokens.slice(BOXES.promptTokens).filter((_, i) => i % 2 === 0);
    return { board: tokens.slice(0, 9), picks };
  });
  const EMPTY = BOXES.vocabulary.indexOf('EMPTY');

  it('picks an unmarked cell first in 5 % × 4/9', () => {
    expectShare(
      dialogues.map((d) => d.board[d.picks[0]!] === EMPTY),
      (0.05 * 4) / 9,
    );
  });

  it('finds the treasure at once in .95/5 + .05/9, whatever its color', () => {
    expectShare(
      dialogues.map((d) => d.picks.length === 1),
      0.95 / 5 + 0.05 / 9,
    );
  });

  it('repeats in .6 × (.95 + .05 × a chance hit)', () => {
    const again = dialogues.filter((d) => d.picks.length > 1);
    const sameByChance = 0.95 / 5 + 0.05 / 9; // of a marked last pick, which nearly all are
    const repeats = again.map((d) => d.picks[1] === d.picks[0]);
    expectShare(repeats, 0.6 * (0.95 + 0.05 * sameByChance));
  });

  it('careful players never try a cell twice', () => {
    // Who moves on twice is careful, but for a stubborn .6 × .05 × .05 against .4.
    const moved = dialogues.filter(
      ({ picks }) => picks.length > 2 && picks[1] !== picks[0] && picks[2] !== picks[1],
    );
    const returns = moved.filter(({ picks }) => picks[2] === picks[0]);
    expect(moved.length).toBeGreaterThan(4000);
    expect(returns.length / moved.length).toBeLessThan(0.005);
  });
});

it('is drawn as a board with the treasure hidden in it', () => {
  const tokens = encode(BOXES, 'GOLD GREY EMPTY EMPTY GREY GOLD EMPTY EMPTY GREY ?');
  expect(BOXES.viewPrompt({ id: '', tokens, gold: '4' })).toEqual({
    kind: 'board',
    text: 'gold boxes 0, 5; grey boxes 1, 4, 8',
    cells: ['gold', 'grey', 'empty', 'empty', 'grey', 'gold', 'empty', 'empty', 'grey'],
    treasure: 4,
  });
  expect(BOXES.viewAnswer([4])).toEqual({ text: 'box 4', isReadable: true, marks: [4] });
  expect(BOXES.viewAnswer([12])).toEqual({ text: 'NO', isReadable: false });
});
