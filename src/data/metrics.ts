import type { Trajectories } from './trajectories';

/** Success over turns and variety of answers; what `EvalScores` of the worker contract holds. */
export interface SuccessScores {
  readonly success: readonly number[]; //        [turns] share solved by turn 1 … T (cumulative)
  readonly correctionRate: readonly number[]; // [turns] solved at turn t / attempted at t; NaN if none
  readonly uniqueAnswerRatio: number; //         distinct answers / answers, over rows of ≥ 2 turns; 1 if none
  /** First correct turn of each prompt, 0 = none; some recordings lack it. [prompts] */
  readonly solvedAt?: readonly number[];
}

/** Scores of finished trajectories of at most `maxTurns` turns; unreadable answers count as one text. */
export function scoreSuccess(
  t: Pick<Trajectories, 'turns' | 'solvedAt' | 'answers'>,
  maxTurns: number,
): SuccessScores & { readonly solvedAt: readonly number[] } {
  const solved = Array<number>(maxTurns).fill(0); //    at exactly this turn
  const attempted = Array<number>(maxTurns).fill(0);
  let answers = 0;
  let distinct = 0;
  t.answers.forEach((given, row) => {
    for (let turn = 0; turn < t.turns[row]!; turn++) attempted[turn]! += 1;
    if (t.solvedAt[row]! > 0) solved[t.solvedAt[row]! - 1]! += 1;
    if (given.length < 2) return;
    answers += given.length;
    distinct += new Set(given).size;
  });
  let solvedSoFar = 0;
  return {
    success: solved.map((count) => (solvedSoFar += count) / t.answers.length),
    correctionRate: solved.map((count, turn) => count / attempted[turn]!),
    uniqueAnswerRatio: answers === 0 ? 1 : distinct / answers,
    solvedAt: Array.from(t.solvedAt),
  };
}
