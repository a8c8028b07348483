/** Sums of two numbers of two digits, some with an ink stain on a digit: stain and sums are made of it. */
import type { Rng } from '../../shared/rng';
import type { PromptView } from '../picture';
import type { Prompt, Task } from '../task';
import type { Candidate } from './promptPool';
import { scriptedTask, type Answer } from './scripted';

const GLYPHS = [...'0123456789+=LH'];
const PLUS = 10;
const EQUALS = 11;
const LOW = 12; //  a stained digit, 0 … 4
const HIGH = 13; // a stained digit, 5 … 9

const P_SLIP = 0.2; //           that a player's answer is off …
const SLIPS = [-10, -1, 1, 10]; // … by one of these
const LARGEST = 198;

interface Addition {
  readonly name: string;
  readonly title: string;
  /** Share of prompts with a stained ones digit. */
  readonly stained: number;
}

const digitsOf = (n: number): number[] => [Math.floor(n / 10), n % 10];

/** Three digits, ones first, as a carry runs. */
const answerOf = (sum: number): Answer => [
  sum % 10,
  Math.floor(sum / 10) % 10,
  Math.floor(sum / 100),
];

/** The number that an answer names, '' when it cannot be read. */
function read(answer: ArrayLike<number>): string {
  const digits = [answer[2], answer[1], answer[0]];
  return digits.every((d) => d !== undefined && d >= 0 && d <= 9)
    ? String(Number(digits.join('')))
    : '';
}

/** Every a + b; where stains are wanted, also with the ones digit at a token stained. */
function* candidates(hasStains: boolean): Generator<Candidate> {
  const places = hasStains ? [undefined, 1, 4] : [undefined];
  for (let a = 0; a < 100; a++) {
    for (let b = 0; b < 100; b++) {
      for (const stained of places) {
        const tokens = [...digitsOf(a), PLUS, ...digitsOf(b), EQUALS];
        const under = stained === undefined ? undefined : tokens[stained]!;
        if (under !== undefined) tokens[stained!] = under < 5 ? LOW : HIGH;
        const text = tokens.map((token) => GLYPHS[token]).join('');
        const id = under === undefined ? text : `${text}${under}`;
        const isFavored = under !== undefined;
        yield { prompt: { id, tokens, gold: String(a + b) }, text, isFavored };
      }
    }
  }
}

/** Every sum that a prompt can be read as. */
function readings({ tokens }: Prompt): number[] {
  const digits = tokens.map((token) =>
    token === LOW ? [0, 1, 2, 3, 4] : token === HIGH ? [5, 6, 7, 8, 9] : [token],
  );
  const [a1, a0, , b1, b0] = digits as [number[], number[], number[], number[], number[]];
  return a0.flatMap((a) => b0.map((b) => 10 * (a1[0]! + b1[0]!) + a + b));
}

/** A sum that is not in `tried`: of a guess at the stained digit, with a slip now and then. */
function work(prompt: Prompt, tried: readonly string[], random: Rng): Answer {
  const fresh = (sums: readonly number[]): number[] =>
    sums.filter((sum) => sum >= 0 && sum <= LARGEST && !tried.includes(String(sum)));
  const sums = readings(prompt);
  const sum = random.pick(fresh(sums).length > 0 ? fresh(sums) : sums);
  const slips = fresh(SLIPS.map((slip) => sum + slip));
  return answerOf(random.uniform() < P_SLIP && slips.length > 0 ? random.pick(slips) : sum);
}

/** The sum on paper: in a line where some are stained, else one number below the other. */
function viewPrompt({ id, tokens }: Prompt, isColumn: boolean): PromptView {
  const glyphs = id.slice(0, 5);
  const [a = '', b = ''] = glyphs.split('+');
  const place = tokens.findIndex((token) => token === LOW || token === HIGH);
  if (place < 0) return { kind: 'paper', text: `${Number(a)} + ${Number(b)}`, glyphs, isColumn };
  const range = tokens[place] === LOW ? '0–4' : '5–9';
  const text = `${a} + ${b}`.replace(/[LH]/, `(stain, ${range})`);
  return { kind: 'paper', text, glyphs, isColumn, stain: { place, under: id.at(-1)!, range } };
}

/** Sums of two digits each, answered ones first; a share of them is stained. */
export function additionTask({ name, title, stained }: Addition): Task {
  return scriptedTask({
    name,
    title,
    vocabulary: [...GLYPHS.slice(0, stained > 0 ? GLYPHS.length : LOW), 'NO', 'PAD'],
    promptTokens: 6,
    answerTokens: 3,
    maxTurns: 5,
    candidates: () => candidates(stained > 0),
    favoredShare: stained,
    read,
    play: ({ prompt, earlier, isStubborn }, random) =>
      work(prompt, isStubborn ? [] : earlier.map(read), random),
    viewPrompt: (prompt) => viewPrompt(prompt, stained === 0),
  });
}
