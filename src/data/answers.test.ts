import { expect, it } from 'vitest';
import { answersOf, trajectoriesOf, type Answers } from './answers';
import { BOXES } from './tasks/boxes';
import { FACTS } from './tasks/facts';
import { encode } from './tasks/testing/corpus';
import { RIVERS } from './tasks/testing/rivers';

const PROMPTS = FACTS.prompts('train', 2, 0);
const ASKED = { task: FACTS, prompts: PROMPTS, tries: 2, turns: 3 };

const says = (sum: string): number[] => [13, 14, 14, Number(sum[0]), Number(sum[1])]; // "S . . x y"
const RIGHT = PROMPTS.map(({ gold }) => says(gold));
const WRONG = says('99');
const MUTE = [13, 14, 14, 14, 14]; // no sum to be read

/** Two tries of two prompts: at once, never, at turn three, at turn two. */
const TOKENS = [
  RIGHT[0]!,
  [...WRONG, ...MUTE, ...WRONG],
  [...WRONG, ...WRONG, ...RIGHT[1]!],
  [...WRONG, ...RIGHT[1]!],
];
const ANSWERS: Answers = {
  tokens: TOKENS,
  logp: TOKENS.map((row) => row.map((_, i) => -(i % 4) / 8)),
};
const refuse = (what: string): Error => new Error(what);

it('puts prompts and feedback back and judges again', () => {
  const t = trajectoriesOf(ASKED, ANSWERS, refuse);
  expect(Array.from(t.solvedAt)).toEqual([1, 0, 3, 2]);
  expect(Array.from(t.turns)).toEqual([1, 3, 3, 2]);
  expect(Array.from(t.promptOf)).toEqual([0, 0, 1, 1]);
  expect(Array.from(t.sampleOf)).toEqual([0, 1, 0, 1]);
  expect(t.answers[1]).toEqual(['99', '', '99']);
  const [from, to] = t.offsets.slice(3);
  expect(Array.from(t.tokens.slice(from, to))).toEqual([
    ...PROMPTS[1]!.tokens,
    ...WRONG,
    FACTS.vocabulary.indexOf('NO'),
    ...RIGHT[1]!,
  ]);
});

it('gives the same answers back', () => {
  expect(answersOf(trajectoriesOf(ASKED, ANSWERS, refuse))).toEqual(ANSWERS);
});

it('knows answers of one token', () => {
  const prompts = BOXES.prompts('train', 1, 0);
  const gold = Number(prompts[0]!.gold);
  const other = (gold + 1) % 9;
  const answers = { tokens: [[other, other, gold]], logp: [[-1, -1, -2]] };
  const t = trajectoriesOf({ task: BOXES, prompts, tries: 1, turns: 5 }, answers, refuse);
  expect(Array.from(t.solvedAt)).toEqual([3]);
  expect(answersOf(t)).toEqual(answers);
});

it('parts answers that differ in length', () => {
  const prompts = [...RIVERS.prompts('train', 9, 0), ...RIVERS.prompts('test', 9, 0)].filter(
    ({ gold }) => gold === 'swan',
  );
  const asked = { task: RIVERS, prompts, tries: 1, turns: 4 };
  const given = 'o d e r ∎ r h i n e ∎ s w a n ∎';
  const played = (text: string): Answers => {
    const tokens = encode(RIVERS, text);
    return { tokens: [tokens], logp: [tokens.map((_, i) => -i)] };
  };
  const t = trajectoriesOf(asked, played(given), refuse);
  expect(t.answers).toEqual([['oder', 'rhine', '', 'swan']]);
  expect(answersOf(t)).toEqual(played(given));
  for (const cut of [given.slice(0, -2), given.slice(0, -4), 'o d e r']) {
    expect(() => trajectoriesOf(asked, played(cut), refuse)).toThrow(/row 0 is not 1 to 4 answers/);
  }
});

const withRow = (row: number[], logp = row.map(() => -1)): Answers => ({
  tokens: [row, ...ANSWERS.tokens.slice(1)],
  logp: [logp, ...ANSWERS.logp.slice(1)],
});

it.each<[string, Answers, RegExp]>([
  ['a row too few', { ...ANSWERS, tokens: TOKENS.slice(1) }, /has 3 rows, expected 2 × 2/],
  ['a row of log-probs too few', { ...ANSWERS, logp: [] }, /has 4 rows/],
  ['half an answer', withRow([13, 14]), /row 0 is not 1 to 3 answers of this task/],
  ['no answer', withRow([]), /row 0 is not/],
  ['a turn too many', withRow([...WRONG, ...WRONG, ...WRONG, ...WRONG]), /row 0 is not/],
  ['a log-prob too few', withRow(RIGHT[0]!, [-1]), /row 0 is not/],
  ['a token of another task', withRow([13, 14, 14, 9, 17]), /17 is not a token/],
  ['more after the right answer', withRow([...RIGHT[0]!, ...WRONG]), /does not end with its first/],
  ['an early end', withRow([...WRONG, ...WRONG]), /does not end with its first/],
])('refuses %s', (_, answers, message) => {
  expect(() => trajectoriesOf(ASKED, answers, refuse)).toThrow(message);
});
