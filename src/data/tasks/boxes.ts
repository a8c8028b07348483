/**
 * boxes: a treasure lies in one of five marked boxes of a 3×3 board.
 *
 * Prompt: the nine cells in order, then `?`. Two cells are GOLD (the treasure lies there with
 * probability .29 each), three are GREY (.14 each). An answer is one cell. 1,260 boards × 5 places of
 * the treasure: 1,300 prompts are tested, 1,375 are for tuning and 3,625 for training. The treasure is
 * hidden, so the best first answer is right with .29; five different boxes are always enough.
 */
import type { Rng } from '../../shared/rng';
import type { Prompt, Task, Verdict } from '../task';
import { PromptPool, type Candidate } from './promptPool';
import { writeDialogue } from './script';

const CELLS = 9;
const EMPTY = 9;
const GREY = 10;
const GOLD = 11;
const NO = 12;
const ASK = 13;
const PAD = 14;
const MAX_TURNS = 5;

const GOLD_CELLS = 2;
const GREY_CELLS = 3;
const P_GOLD = 0.58; //     that the treasure lies in one of the GOLD cells

const P_STUBBORN = 0.6; //  players that repeat after NO …
const P_REPEATS = 0.95; //  … with this probability
const P_RANDOM = 0.05; //   picks that ignore the marks

const CELL_TEXT = new Map([
  [EMPTY, '.'],
  [GREY, 'g'],
  [GOLD, 'G'],
]);

/** Every way to lay the remaining marks on the remaining cells. */
function* boards(
  laid: readonly number[],
  gold: number,
  grey: number,
): Generator<readonly number[]> {
  const left = CELLS - laid.length;
  if (left === 0) yield laid;
  if (left > gold + grey) yield* boards([...laid, EMPTY], gold, grey);
  if (gold > 0) yield* boards([...laid, GOLD], gold - 1, grey);
  if (grey > 0) yield* boards([...laid, GREY], gold, grey - 1);
}

function* candidates(): Generator<Candidate> {
  for (const board of boards([], GOLD_CELLS, GREY_CELLS)) {
    const text = `${board.map((cell) => CELL_TEXT.get(cell)).join('')}?`;
    const tokens = [...board, ASK];
    for (const treasure of marked(board)) {
      const prompt = { id: `${text}${treasure}`, tokens, gold: String(treasure) };
      yield { prompt, text, isFavored: board[treasure] === GOLD };
    }
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const marked = (board: readonly number[]): number[] =>
  range(CELLS).filter((cell) => board[cell] !== EMPTY);

const POOL = new PromptPool(candidates, P_GOLD);

export type CellMark = 'empty' | 'grey' | 'gold';

/** Marks of the nine cells, row by row. */
export const cellMarks = ({ tokens }: Prompt): CellMark[] =>
  tokens
    .slice(0, CELLS)
    .map((token) => (token === GOLD ? 'gold' : token === GREY ? 'grey' : 'empty'));

/** The cell that an answer names, 0 … 8, or undefined. */
export function chosenCell(answer: ArrayLike<number>): number | undefined {
  const token = answer[0] ?? PAD;
  return token < CELLS ? token : undefined;
}

function judge(prompt: Prompt, answer: ArrayLike<number>): Verdict {
  const text = String(chosenCell(answer) ?? '');
  return { correct: text === prompt.gold, valid: text !== '', answer: text };
}

/** A cell that is not in `tried`: a marked one, or now and then any. */
function pick(board: readonly number[], tried: readonly number[], random: Rng): number {
  const cells = random.uniform() < P_RANDOM ? range(CELLS) : marked(board);
  return random.pick(cells.filter((cell) => !tried.includes(cell)));
}

export const BOXES: Task = {
  name: 'boxes',
  title: 'Boxes: try another one',
  vocabulary: [...'012345678', 'EMPTY', 'GREY', 'GOLD', 'NO', '?', 'PAD'],
  pad: PAD,
  promptTokens: CELLS + 1,
  answerTokens: 1,
  feedback: [NO],
  maxTurns: MAX_TURNS,
  prompts: (split, count, seed) => POOL.take(split, count, seed),
  judge,
  dialogue(random) {
    const prompt = POOL.draw(random);
    const isStubborn = random.uniform() < P_STUBBORN;
    let cell = pick(prompt.tokens, [], random);
    const tried = [cell];
    while (tried.length < MAX_TURNS && !judge(prompt, [cell]).correct) {
      if (!isStubborn) cell = pick(prompt.tokens, tried, random);
      else if (random.uniform() >= P_REPEATS) cell = pick(prompt.tokens, [], random);
      tried.push(cell);
    }
    return writeDialogue(
      prompt,
      tried.map((c) => [c]),
      [NO],
    );
  },
};
