/**
 * facts: sums that a pupil can work out but is in the habit of guessing.
 *
 * Prompt `a1 a0 + b1 b0 =` with a1 + b1 ≤ 8, so that a + b < 100: 4,500 prompts, of which 883 are
 * tested, 926 are for tuning and 2,691 for training. An answer is `T u v x y` (think: uv = a0 + b0 is
 * the working) or `S . . x y` (straight); the verifier reads only xy. 60 of the 100 one-digit sums are
 * misremembered by a fixed offset, and 65 % of prompts use one of them.
 */
import { permutation, rng, STREAM, type Rng } from '../../shared/rng';
import type { Prompt, Task } from '../task';
import type { Candidate } from './promptPool';
import { scriptedTask, type Answer } from './scripted';

const PLUS = 10;
const EQUALS = 11;
const THINK = 12;
const STRAIGHT = 13;
const DOT = 14;

const HARD_PROMPTS = 0.65; //         share of prompts whose one-digit sum is misremembered
const MISREMEMBERED_SUMS = 60; //     of the 100 one-digit sums
const LARGEST_TENS = 8; //            a1 + b1 at most

const P_THINKS = 0.22; //             pupils that work it out
const P_MISREMEMBERS = 0.95; //       on a hard sum, answering straight
const P_SLIP = 0.1; //                on any sum
const P_STARTS_THINKING = 0.03; //    after NO, answering straight
const OFFSETS = [-2, -1, 1, 2]; //    of slips, misremembered sums and second guesses

const tens = (n: number): number => Math.floor(n / 10);
const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** What is added to a0 + b0 in memory, at [10·a0 + b0]; 0 where the sum is remembered right. */
const MEMORY: readonly number[] = (() => {
  const random = rng(0, STREAM.task); // one table for all runs
  const table = Array<number>(100).fill(0);
  for (const sum of permutation(100, random).subarray(0, MISREMEMBERED_SUMS)) {
    const right = tens(sum) + (sum % 10);
    table[sum] = random.pick(OFFSETS.filter((d) => right + d >= 0 && right + d <= 18));
  }
  return table;
})();

function* candidates(): Generator<Candidate> {
  for (let a = 0; a < 10 * (LARGEST_TENS + 1); a++) {
    for (let b = 0; tens(a) + tens(b) <= LARGEST_TENS; b++) {
      const text = `${twoDigits(a)}+${twoDigits(b)}=`;
      const tokens = [tens(a), a % 10, PLUS, tens(b), b % 10, EQUALS];
      const prompt = { id: text, tokens, gold: twoDigits(a + b) };
      yield { prompt, text, isFavored: rememberedSum(a, b) !== a + b };
    }
  }
}

/** The sum as pupils that answer straight remember it; wrong on hard prompts. */
export function rememberedSum(a: number, b: number): number {
  return a + b + MEMORY[10 * (a % 10) + (b % 10)]!;
}

/** The two numbers that a prompt adds. */
export function operands({ tokens }: Prompt): { a: number; b: number } {
  const [a1 = 0, a0 = 0, , b1 = 0, b0 = 0] = tokens;
  return { a: 10 * a1 + a0, b: 10 * b1 + b0 };
}

const isDigit = (token: number | undefined): token is number =>
  token !== undefined && token >= 0 && token <= 9;

/** What an answer says; undefined for a part that cannot be read or, as the working, is not there. */
export function readAnswer(answer: ArrayLike<number>): {
  working: string | undefined;
  sum: string | undefined;
} {
  const [kind, u, v, x, y] = Array.from(answer);
  return {
    working: kind === THINK && isDigit(u) && isDigit(v) ? `${u}${v}` : undefined,
    sum: isDigit(x) && isDigit(y) ? `${x}${y}` : undefined,
  };
}

/** Another number of two digits, one or two away. */
const nudge = (n: number, random: Rng): number =>
  n + random.pick(OFFSETS.filter((d) => n + d >= 0 && n + d <= 99));

const slip = (n: number, random: Rng): number => (random.uniform() < P_SLIP ? nudge(n, random) : n);

const straight = (sum: number): number[] => [STRAIGHT, DOT, DOT, tens(sum), sum % 10];

const guess = (a: number, b: number, random: Rng): number[] =>
  straight(slip(random.uniform() < P_MISREMEMBERS ? rememberedSum(a, b) : a + b, random));

function workOut(a: number, b: number, random: Rng): number[] {
  const working = (a % 10) + (b % 10);
  const sum = slip(a + b, random);
  return [THINK, tens(working), working % 10, tens(sum), sum % 10];
}

/** The next answer of a pupil who was told NO and does not simply repeat. */
function thinkAgain(last: Answer, a: number, b: number, random: Rng): number[] {
  if (last[0] === THINK || random.uniform() < P_STARTS_THINKING) return workOut(a, b, random);
  return straight(nudge(10 * last[3]! + last[4]!, random));
}

export const FACTS: Task = scriptedTask({
  name: 'facts',
  title: 'Sums (facts)',
  vocabulary: [...'0123456789+=TS.', 'NO', 'PAD'],
  promptTokens: 6,
  answerTokens: 5,
  maxTurns: 5,
  candidates,
  favoredShare: HARD_PROMPTS,
  read: (answer) => readAnswer(answer).sum ?? '',
  play({ prompt, earlier }, random) {
    const { a, b } = operands(prompt);
    const last = earlier.at(-1);
    if (last) return thinkAgain(last, a, b, random);
    return random.uniform() < P_THINKS ? workOut(a, b, random) : guess(a, b, random);
  },
  viewPrompt(prompt) {
    const { a, b } = operands(prompt);
    return { kind: 'text', text: `${a} + ${b}` };
  },
  viewAnswer(answer) {
    const { working, sum } = readAnswer(answer);
    return sum !== undefined && working !== undefined ? { working } : {};
  },
});
