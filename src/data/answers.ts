import { answerLength, type Prompt, type Task } from './task';
import { packEpisodes, type Episode, type Trajectories } from './trajectories';

/** What a policy said in complete groups of tries, and nothing that follows from it; row by row. */
export interface Answers {
  readonly tokens: readonly (readonly number[])[]; // [B][] token ids, turn after turn
  readonly logp: readonly (readonly number[])[]; //   [B][] nats
}

/** The answers of trajectories. */
export function answersOf({ offsets, tokens, turnOf, logp }: Trajectories): Answers {
  const rows = Array.from({ length: offsets.length - 1 }, (_, row) => {
    const positions: number[] = [];
    for (let n = offsets[row]!; n < offsets[row + 1]!; n++) if (turnOf[n]! > 0) positions.push(n);
    return positions;
  });
  return {
    tokens: rows.map((positions) => positions.map((n) => tokens[n]!)),
    logp: rows.map((positions) => positions.map((n) => logp[n]!)),
  };
}

/** Who was asked and how often. */
export interface Asked {
  readonly task: Task;
  readonly prompts: readonly Prompt[];
  readonly tries: number; // K, rows of each prompt
  readonly turns: number; // at most, per row
}

/**
 * The trajectories of these answers: prompts and feedback put back, every answer judged again.
 *
 * @param refuse makes the error for answers that such a game cannot have given
 */
export function trajectoriesOf(
  { task, prompts, tries, turns }: Asked,
  { tokens, logp }: Answers,
  refuse: (what: string) => Error,
): Trajectories {
  if (tokens.length !== prompts.length * tries || logp.length !== tokens.length) {
    throw refuse(`has ${tokens.length} rows, expected ${prompts.length} × ${tries}`);
  }
  const episodes = tokens.map((row, at): Episode => {
    const promptIndex = Math.floor(at / tries);
    const ends = endsOf(task, row);
    const given = ends.length;
    if (given < 1 || given > turns || row.length !== logp[at]!.length) {
      throw refuse(`row ${at} is not 1 to ${turns} answers of this task with their log-probs`);
    }
    const unknown = row.find((token) => task.vocabulary[token] === undefined);
    if (unknown !== undefined) throw refuse(`row ${at}: ${unknown} is not a token of this task`);
    const parted = <T>(all: readonly T[]): T[][] =>
      ends.map((end, t) => all.slice(ends[t - 1] ?? 0, end));
    const answers = parted(row);
    const verdicts = answers.map((answer) => task.judge(prompts[promptIndex]!, answer));
    const solvedAt = verdicts.findIndex((v) => v.correct) + 1;
    if ((solvedAt || turns) !== given) {
      throw refuse(`row ${at} does not end with its first correct answer or turn ${turns}`);
    }
    const sampleIndex = at % tries;
    return { promptIndex, sampleIndex, answers, logp: parted(logp[at]!), verdicts };
  });
  return packEpisodes(task, prompts, episodes);
}

/** Where each of the answers of a row ends; none where the last of them does not. */
function endsOf(task: Task, row: readonly number[]): number[] {
  const ends: number[] = [];
  for (let at = 0; at < row.length; at = ends.at(-1)!) {
    const length = answerLength(task, row, at);
    if (length === undefined) return [];
    ends.push(at + length);
  }
  return ends;
}
