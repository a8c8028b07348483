/**
 * hilo: guess a number, told higher or lower.
 *
 * Prompt `lo hi ?`, 12 to 31 numbers wide; the target is one of them, hidden. An answer is one number;
 * feedback says UP or DOWN, or ? to what is no number. 210 intervals with 3,850 targets. Halving the
 * interval finds every target within five turns; players of the corpus guess anywhere, and most forget
 * what they were told, so the useful behavior is off the reference's path.
 */
import type { Rng } from '../../shared/rng';
import type { Feedback, Prompt, Task } from '../task';
import type { Candidate } from './promptPool';
import { scriptedTask, type Answer } from './scripted';

const LARGEST = 30;
const NARROWEST = 12; // numbers in an interval
const UP = 31;
const DOWN = 32;
const ASK = 33;

const P_REPEATS = 0.7; // of a stubborn player

const HIGHER: Feedback = { tokens: [UP], text: 'higher' };
const LOWER: Feedback = { tokens: [DOWN], text: 'lower' };
const WHAT: Feedback = { tokens: [ASK], text: 'that is no number' };

function* candidates(): Generator<Candidate> {
  for (let low = 0; low <= LARGEST; low++) {
    for (let high = low + NARROWEST - 1; high <= LARGEST; high++) {
      const text = `${low}-${high}?`;
      const tokens = [low, high, ASK];
      for (let target = low; target <= high; target++) {
        const gold = String(target);
        yield { prompt: { id: text + gold, tokens, gold }, text, isFavored: false };
      }
    }
  }
}

const isNumber = (token: number | undefined): token is number =>
  token !== undefined && token >= 0 && token <= LARGEST;

function feedback({ gold }: Prompt, { 0: number }: ArrayLike<number>): Feedback {
  if (!isNumber(number)) return WHAT;
  return number < Number(gold) ? HIGHER : LOWER;
}

/** A number in the interval that all feedback on `heeded` leaves. */
function guess(prompt: Prompt, heeded: readonly Answer[], random: Rng): Answer {
  let [low = 0, high = LARGEST] = prompt.tokens;
  for (const answer of heeded) {
    if (feedback(prompt, answer) === HIGHER) low = Math.max(low, answer[0]! + 1);
    else high = Math.min(high, answer[0]! - 1);
  }
  return [low + random.int(high - low + 1)];
}

export const HILO: Task = scriptedTask({
  name: 'hilo',
  title: 'Higher or lower',
  vocabulary: [
    ...Array.from({ length: LARGEST + 1 }, (_, n) => String(n)),
    'UP',
    'DOWN',
    '?',
    'PAD',
  ],
  promptTokens: 3,
  answerTokens: 1,
  maxTurns: 5,
  candidates,
  favoredShare: 0,
  read: ({ 0: token }) => (isNumber(token) ? String(token) : ''),
  feedback,
  repeats: P_REPEATS,
  play: ({ prompt, earlier, isStubborn }, random) =>
    guess(prompt, isStubborn ? [] : earlier, random),
  viewPrompt({ tokens: [low = 0, high = LARGEST], gold }) {
    const text = `a number from ${low} to ${high}`;
    return { kind: 'line', text, ends: [0, LARGEST], low, high, target: Number(gold) };
  },
  viewAnswer: ({ 0: token }) => (isNumber(token) ? { marks: [token] } : {}),
});
