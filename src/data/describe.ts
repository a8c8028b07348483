/** What a page needs to draw prompts and answers; closed unions by task. */
import type { TaskName } from '../config/runConfig';
import type { Prompt } from './task';
import { cellMarks, chosenCell, type CellMark } from './tasks/boxes';
import { operands, readAnswer, rememberedSum } from './tasks/facts';
import { TASKS } from './tasks/registry';

export type PromptView =
  | {
      readonly kind: 'facts';
      readonly text: string; // e.g. "14 + 43"
      readonly a: number;
      readonly b: number;
      /** The wrong sum that most of the corpus remembers; undefined where memory is right. */
      readonly misremembered: string | undefined;
    }
  | {
      readonly kind: 'boxes';
      readonly text: string; // the board in words
      readonly cells: readonly CellMark[]; // [9] row by row
      readonly treasure: number; // cell, 0 … 8; hidden from the model
    };

export type AnswerView =
  | {
      readonly kind: 'facts';
      readonly text: string; // e.g. "07, so 57" or "56"
      readonly working: string | undefined; // two digits; undefined when answered straight
      readonly answer: string | undefined; //  two digits; undefined when unreadable
    }
  | {
      readonly kind: 'boxes';
      readonly text: string; // e.g. "box 4"
      readonly cell: number | undefined; // 0 … 8; undefined when unreadable
    };

/** A prompt in the terms of its task. */
export function describePrompt(task: TaskName, prompt: Prompt): PromptView {
  switch (task) {
    case 'facts': {
      const { a, b } = operands(prompt);
      const memory = rememberedSum(a, b);
      const misremembered = memory === a + b ? undefined : String(memory).padStart(2, '0');
      return { kind: 'facts', text: `${a} + ${b}`, a, b, misremembered };
    }
    case 'boxes': {
      const cells = cellMarks(prompt);
      const named = (mark: CellMark): string =>
        cells.flatMap((cell, i) => (cell === mark ? [i] : [])).join(', ');
      const text = `gold boxes ${named('gold')}; grey boxes ${named('grey')}`;
      return { kind: 'boxes', text, cells, treasure: Number(prompt.gold) };
    }
    default:
      return task satisfies never;
  }
}

/** The tokens of one answer in the terms of its task; unreadable ones as they are. */
export function describeAnswer(task: TaskName, tokens: ArrayLike<number>): AnswerView {
  switch (task) {
    case 'facts': {
      const { working, sum } = readAnswer(tokens);
      const readable = working === undefined ? sum : `${working}, so ${sum}`;
      const text = sum === undefined || readable === undefined ? spell(task, tokens) : readable;
      return { kind: 'facts', text, working, answer: sum };
    }
    case 'boxes': {
      const cell = chosenCell(tokens);
      const text = cell === undefined ? spell(task, tokens) : `box ${cell}`;
      return { kind: 'boxes', text, cell };
    }
    default:
      return task satisfies never;
  }
}

/** Token texts, separated by spaces. */
function spell(task: TaskName, tokens: ArrayLike<number>): string {
  const { vocabulary } = TASKS.get(task)!;
  return Array.from(tokens, (token) => vocabulary[token] ?? '').join(' ');
}
