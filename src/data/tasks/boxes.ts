/**
 * boxes: a treasure lies in one of five marked boxes of a 3×3 board.
 *
 * Prompt: the nine cells in order, then `?`. Two cells are GOLD (the treasure lies there with
 * probability .29 each), three are GREY (.14 each). An answer is one cell. 1,260 boards × 5 places of
 * the treasure: 1,300 prompts are tested, 1,375 are for tuning and 3,625 for training. The treasure is
 * hidden, so the best first answer is right with .29; five different boxes are always enough.
 */
import type { Rng } from '../../shared/rng';
import type { CellMark } from '../picture';
import type { Prompt, Task } from '../task';
import type { Candidate } from './promptPool';
import { scriptedTask } from './scripted';

const CELLS = 9;
const EMPTY = 9;
const GREY = 10;
const GOLD = 11;
const ASK = 13;

const GOLD_CELLS = 2;
const GREY_CELLS = 3;
const P_GOLD = 0.58; //     that the treasure lies in one of the GOLD cells

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

/** Marks of the nine cells, row by row. */
export const cellMarks = ({ tokens }: Prompt): CellMark[] =>
  tokens
    .slice(0, CELLS)
    .map((token) => (token === GOLD ? 'gold' : token === GREY ? 'grey' : 'empty'));

/** The cell that an answer names, 0 … 8, or undefined. */
function chosenCell({ 0: token = -1 }: ArrayLike<number>): number | undefined {
  return token >= 0 && token < CELLS ? token : undefined;
}

/** A cell that is not in `tried`: a marked one, or now and then any. */
function pick(board: readonly number[], tried: readonly number[], random: Rng): number {
  const cells = random.uniform() < P_RANDOM ? range(CELLS) : marked(board);
  return random.pick(cells.filter((cell) => !tried.includes(cell)));
}

function boardInWords(cells: readonly CellMark[]): string {
  const named = (mark: CellMark): string =>
    cells.flatMap((cell, i) => (cell === mark ? [i] : [])).join(', ');
  return `gold boxes ${named('gold')}; grey boxes ${named('grey')}`;
}

export const BOXES: Task = scriptedTask({
  name: 'boxes',
  title: 'Treasure boxes',
  vocabulary: [...'012345678', 'EMPTY', 'GREY', 'GOLD', 'NO', '?', 'PAD'],
  promptTokens: CELLS + 1,
  answerTokens: 1,
  maxTurns: 5,
  candidates,
  favoredShare: P_GOLD,
  read: (answer) => String(chosenCell(answer) ?? ''),
  play: ({ prompt, earlier, isStubborn }, random) => [
    pick(prompt.tokens, isStubborn ? [] : earlier.flat(), random),
  ],
  viewPrompt(prompt) {
    const cells = cellMarks(prompt);
    return { kind: 'board', text: boardInWords(cells), cells, treasure: Number(prompt.gold) };
  },
  viewAnswer(answer) {
    const cell = chosenCell(answer);
    return cell === undefined ? {} : { text: `box ${cell}`, marks: [cell] };
  },
});
