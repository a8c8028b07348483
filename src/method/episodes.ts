/**
 * Scores of our own trajectories: the same numbers as `weighRows`, fast enough for a slider.
 *
 * An unreadable answer costs the format penalty and, as in the published protocol, is no entry of
 * `answer_norms`: it neither repeats nor is repeated.
 */
import type { DriftConfig } from '../config/runConfig';
import { repeatPenalty } from './returns';
import { effectiveSampleSize, groupsOf, weightsWithin } from './weights';

/** What scoring needs to know of B finished trajectories. */
export interface Episodes {
  readonly promptOf: ArrayLike<number>; // [B] same number, same group
  readonly turns: ArrayLike<number>; //    [B] answers given
  readonly solvedAt: ArrayLike<number>; // [B] first correct turn, 0 = none
  readonly answers: readonly (readonly string[])[]; // [B][turns] normalized answers, '' = unreadable
}

/** Columns of B rows; returns = discounted + formatPenalty − repeatPenalty. */
export interface Scores {
  readonly discounted: Float64Array; //    [B] γ^(t−1) when solved at turn t, else 0
  readonly formatPenalty: Float64Array; // [B] ≤ 0
  readonly repeatPenalty: Float64Array; // [B] ≥ 0
  readonly returns: Float64Array; //       [B]
  readonly weights: Float64Array; //       [B] mean one in each group
}

/** Row indices of each prompt group, in order of first appearance. */
export const groupRows = (e: Pick<Episodes, 'promptOf'>): number[][] => groupsOf(e.promptOf);

/** Returns and weights of every trajectory. */
export function scoreEpisodes(e: Episodes, drift: DriftConfig): Scores {
  const B = e.promptOf.length;
  const scores = {
    discounted: new Float64Array(B),
    formatPenalty: new Float64Array(B),
    repeatPenalty: new Float64Array(B),
    returns: new Float64Array(B),
  };
  for (let i = 0; i < B; i++) {
    const answers = e.answers[i]!;
    const readable = answers.filter((answer) => answer !== '');
    const solvedAt = e.solvedAt[i]!;
    let format = 0; // added up turn by turn, as the published protocol does
    for (let n = readable.length; n < answers.length; n++) format += drift.formatPenalty;
    scores.discounted[i] = solvedAt > 0 ? drift.gamma ** (solvedAt - 1) : 0;
    scores.formatPenalty[i] = format;
    scores.repeatPenalty[i] = repeatPenalty(readable, drift.lambda);
    scores.returns[i] = scores.discounted[i]! + format - scores.repeatPenalty[i]!;
  }
  return { ...scores, weights: weightsWithin(groupRows(e), scores.returns, drift.beta) };
}

/** Pooled read-outs of one set of weights; all NaN where there are no rows. */
export interface ScoreSummary {
  /** Mean over groups of ESS_g/|g|: the share of a group's samples that the weights really use. */
  readonly essFraction: number;
  /** (Σw)²/Σw²/B over all rows at once; never above 1. */
  readonly essFractionPooled: number;
  readonly weightMax: number;
  /** Share of all weight that sits on trajectories nobody solved. */
  readonly weightOnWrong: number;
  /** Share of groups without any success. */
  readonly failedGroups: number;
  /** Share of groups without any failure. */
  readonly solvedGroups: number;
}

/** Sums up what the weights do. */
export function summarizeScores(e: Episodes, { weights }: Pick<Scores, 'weights'>): ScoreSummary {
  const groups = groupRows(e);
  const isSolved = (i: number): boolean => e.solvedAt[i]! > 0;
  const meanOverGroups = (f: (rows: readonly number[]) => number): number =>
    groups.reduce((sum, rows) => sum + f(rows), 0) / groups.length;
  const sum = weights.reduce((a, w) => a + w, 0);
  const wrong = weights.reduce((a, w, i) => (isSolved(i) ? a : a + w), 0);
  return {
    essFraction: meanOverGroups(
      (rows) => effectiveSampleSize(rows.map((i) => weights[i]!)) / rows.length,
    ),
    essFractionPooled: effectiveSampleSize(weights) / weights.length,
    weightMax: weights.length === 0 ? NaN : weights.reduce((a, w) => Math.max(a, w), 0),
    weightOnWrong: wrong / sum,
    failedGroups: meanOverGroups((rows) => Number(!rows.some(isSolved))),
    solvedGroups: meanOverGroups((rows) => Number(rows.every(isSolved))),
  };
}
