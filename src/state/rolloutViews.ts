/** What the page shows of trajectories: rows, groups, weights and the arithmetic behind them. */
import type { AnswerView, PromptView } from '../data/picture';
import { taskNamed } from '../data/tasks/registry';
import { effectiveSampleSize } from '../method/weights';
import { groupRows, summarizeScores, type ScoreSummary } from '../method/episodes';
import type { Rollouts } from './rolloutSlice';

export type PromptPicture = PromptView;
export type AnswerPicture = AnswerView;
export type WeightSummary = ScoreSummary;

/** One answer of a trajectory or a conversation, ready to be drawn. */
export interface TurnView {
  readonly answer: AnswerPicture;
  readonly isCorrect: boolean;
  readonly isRepeat: boolean; // of an earlier answer in the same trajectory
  readonly feedback: string; //  what it is told where it is wrong, in words
}

export interface TrajectoryView {
  readonly row: number;
  readonly prompt: PromptPicture;
  readonly promptIndex: number;
  readonly sample: number; // 0 … K−1 within its group
  readonly turns: readonly TurnView[];
  readonly solvedAt: number; // first correct turn, 0 = none
  readonly return: number;
  readonly weight: number;
}

export type RowOrder = 'sampled' | 'weight' | 'return' | 'solved';
export type RowFilter = 'all' | 'solved' | 'failed' | 'repeats';

/** A trajectory as a row of the list. */
export function trajectoryView(rollouts: Rollouts, row: number): TrajectoryView {
  const { trajectories: t, scores, weights } = rollouts;
  const task = taskNamed(rollouts.config.task);
  const promptIndex = t.promptOf[row]!;
  const prompt = t.prompts[promptIndex]!;
  const solvedAt = t.solvedAt[row]!;
  const texts = t.answers[row]!;
  return {
    row,
    prompt: task.viewPrompt(prompt),
    promptIndex,
    sample: t.sampleOf[row]!,
    turns: texts.map((text, i) => {
      const tokens = answerTokens(rollouts, row, i + 1);
      return {
        answer: task.viewAnswer(tokens),
        isCorrect: i + 1 === solvedAt,
        isRepeat: text !== '' && texts.indexOf(text) < i,
        feedback: task.feedback(prompt, tokens).text,
      };
    }),
    solvedAt,
    return: scores.returns[row]!,
    weight: weights[row]!,
  };
}

/** The tokens of answer t ≥ 1. */
function answerTokens({ trajectories: t }: Rollouts, row: number, turn: number): number[] {
  const tokens: number[] = [];
  for (let n = t.offsets[row]!; n < t.offsets[row + 1]!; n++) {
    if (t.turnOf[n] === turn) tokens.push(t.tokens[n]!);
  }
  return tokens;
}

/** Row indices that pass the filter, in the order asked for; ties keep the order of sampling. */
export function orderRows(rollouts: Rollouts, order: RowOrder, filter: RowFilter): number[] {
  const { trajectories: t, scores, weights } = rollouts;
  const passes: Record<RowFilter, (row: number) => boolean> = {
    all: () => true,
    solved: (row) => t.solvedAt[row]! > 0,
    failed: (row) => t.solvedAt[row] === 0,
    repeats: (row) => scores.repeatPenalty[row]! > 0 || hasRepeat(t.answers[row]!),
  };
  const keys: Record<RowOrder, (row: number) => number> = {
    sampled: (row) => row,
    weight: (row) => -weights[row]!,
    return: (row) => -scores.returns[row]!,
    solved: (row) => t.solvedAt[row]! || Infinity,
  };
  const rows = Array.from(t.turns.keys()).filter(passes[filter]);
  const key = keys[order];
  return rows.sort((a, b) => compare(key(a), key(b)) || a - b);
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const hasRepeat = (answers: readonly string[]): boolean =>
  answers.some((text, i) => text !== '' && answers.indexOf(text) < i);

/** One prompt's K trajectories. */
export interface GroupView {
  readonly index: number;
  readonly count: number; // of groups
  readonly prompt: PromptPicture;
  readonly gold: string;
  /** By weight, largest first. */
  readonly rows: readonly {
    readonly row: number;
    readonly return: number;
    readonly weight: number;
    readonly isSolved: boolean;
  }[];
  readonly effectiveSize: number; // trajectories, of rows.length
}

/** The group at an index, which wraps around. */
export function groupView(rollouts: Rollouts, at: number): GroupView {
  const { trajectories: t, scores, weights, config } = rollouts;
  const groups = groupRows(t);
  const index = ((at % groups.length) + groups.length) % groups.length;
  const rows = groups[index]!;
  const prompt = t.prompts[t.promptOf[rows[0]!]!]!;
  return {
    index,
    count: groups.length,
    prompt: taskNamed(config.task).viewPrompt(prompt),
    gold: prompt.gold,
    rows: rows
      .map((row) => ({
        row,
        return: scores.returns[row]!,
        weight: weights[row]!,
        isSolved: t.solvedAt[row]! > 0,
      }))
      .sort((a, b) => b.weight - a.weight || b.return - a.return),
    effectiveSize: effectiveSampleSize(rows.map((row) => weights[row]!)),
  };
}

/** What the weights do, over all groups. */
export const weightSummary = ({ trajectories, weights }: Rollouts): WeightSummary =>
  summarizeScores(trajectories, { weights });

export interface WeightBin {
  readonly from: number;
  readonly to: number;
  readonly solved: number; // trajectories
  readonly failed: number;
}

/** How many trajectories have which weight, from 0, or the smallest below it, to the largest. */
export function weightBins({ trajectories: t, weights }: Rollouts, bins = 20): WeightBin[] {
  const top = Math.max(
    1,
    weights.reduce((a, w) => Math.max(a, w), 0),
  );
  const bottom = weights.reduce((a, w) => Math.min(a, w), 0);
  const wide = (top - bottom) / bins;
  const solved = new Array<number>(bins).fill(0);
  const failed = new Array<number>(bins).fill(0);
  weights.forEach((w, row) => {
    const bin = Math.min(bins - 1, Math.floor((w - bottom) / wide));
    (t.solvedAt[row]! > 0 ? solved : failed)[bin]!++;
  });
  return solved.map((count, i) => ({
    from: bottom + i * wide,
    to: bottom + (i + 1) * wide,
    solved: count,
    failed: failed[i]!,
  }));
}

/** A token of a trajectory. */
export interface TokenView {
  readonly text: string;
  readonly turn: number; // 0 = prompt or feedback
  readonly logp: number; // nats, under the reference at temperature 1; 0 on context
}

/** Everything about one trajectory: tokens, and the sum that makes its return and weight. */
export interface InspectorView extends TrajectoryView {
  readonly tokens: readonly TokenView[];
  readonly gold: string;
  readonly logp: number; // nats, of all its answers
  readonly discounted: number;
  readonly formatPenalty: number; // ≤ 0
  readonly repeatPenalty: number; // ≥ 0
  readonly unreadable: number; // answers
  readonly distinct: number; // of the readable answers
  readonly readable: number;
  readonly tilt: number; // exp(R/β − max over the group)
  readonly partition: number; // mean of the tilts of the group
  readonly driftWeight: number; // tilt / partition, whatever the method makes of it
}

/** Everything about the trajectory of a row. */
export function inspectorView(rollouts: Rollouts, row: number, beta: number): InspectorView {
  const { trajectories: t, scores } = rollouts;
  const task = taskNamed(rollouts.config.task);
  const tokens: TokenView[] = [];
  for (let n = t.offsets[row]!; n < t.offsets[row + 1]!; n++) {
    tokens.push({
      text: task.vocabulary[t.tokens[n]!] ?? '?',
      turn: t.turnOf[n]!,
      logp: t.logp[n]!,
    });
  }
  const group = groupRows(t).find((rows) => rows.includes(row))!;
  const top = group.reduce((a, r) => Math.max(a, scores.returns[r]!), -Infinity);
  const tilt = (r: number): number => Math.exp((scores.returns[r]! - top) / beta);
  const texts = t.answers[row]!;
  const readable = texts.filter((text) => text !== '');
  return {
    ...trajectoryView(rollouts, row),
    tokens,
    gold: t.prompts[t.promptOf[row]!]!.gold,
    logp: tokens.reduce((sum, token) => sum + token.logp, 0),
    discounted: scores.discounted[row]!,
    formatPenalty: scores.formatPenalty[row]!,
    repeatPenalty: scores.repeatPenalty[row]!,
    unreadable: texts.length - readable.length,
    readable: readable.length,
    distinct: new Set(readable).size,
    tilt: tilt(row),
    partition: group.reduce((sum, r) => sum + tilt(r), 0) / group.length,
    driftWeight: scores.weights[row]!,
  };
}
