/** What a page needs to draw prompts and answers: one kind for each way of drawing. */

export type CellMark = 'empty' | 'grey' | 'gold';

/** `text` says the prompt in words; what the model cannot see is marked as hidden. */
export type PromptView =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'board';
      readonly text: string;
      readonly cells: readonly CellMark[]; // [9] row by row
      readonly treasure: number; //           hidden: cell, 0 … 8
    }
  | {
      readonly kind: 'paper';
      readonly text: string;
      readonly glyphs: string; //         what is written, one character a place: "a1 a0 + b1 b0"
      readonly isColumn: boolean; //      one number below the other, and room for the sum
      readonly stain?: Stain;
    }
  | {
      readonly kind: 'line';
      readonly text: string;
      readonly ends: readonly [number, number]; // of the whole line
      readonly low: number; //                     the target lies here …
      readonly high: number; //                    … to here
      readonly target: number; //                  hidden
    }
  | {
      readonly kind: 'maze';
      readonly text: string;
      readonly places: number; //                      of each wall, from top to bottom
      readonly walls: readonly (readonly number[])[]; // places of the doors of each wall
      readonly open: readonly number[]; //             hidden: the open door of each wall
    };

export interface Stain {
  readonly place: number; // of the glyph that it covers
  readonly under: string; // hidden: the character under it
  readonly range: string; // what can still be made out of it, e.g. "0–4"
}

export interface AnswerView {
  /** The answer, or its tokens as they are when it is unreadable. */
  readonly text: string;
  readonly isReadable: boolean;
  /** What was worked out before it; undefined when answered straight. */
  readonly working?: string;
  /** Where it lies in the prompt's picture: a cell, a number, a door of each wall. */
  readonly marks?: readonly number[];
}
