import { PlaygroundError } from '../shared/errors';
import type { Prompt, Task, Verdict } from './task';

/**
 * Finished episodes in packed typed arrays, so that they cross threads by transfer.
 *
 * Row r owns tokens offsets[r] … offsets[r+1]−1. `turnOf` says what a token is: 0 is context (prompt or
 * feedback), t ≥ 1 is a token of the t-th answer.
 */
export interface Trajectories {
  readonly prompts: readonly Prompt[]; // the prompts that `promptOf` points into
  readonly promptOf: Int32Array<ArrayBuffer>; //  [B] index into prompts
  readonly sampleOf: Int32Array<ArrayBuffer>; //  [B] 0 … K−1 within its group
  readonly offsets: Int32Array<ArrayBuffer>; //   [B+1]
  readonly tokens: Int32Array<ArrayBuffer>; //    [N] packed token ids
  readonly turnOf: Uint8Array<ArrayBuffer>; //    [N] 0 = context, t = token of answer t
  readonly logp: Float32Array<ArrayBuffer>; //    [N] nats, under the sampling policy at temperature 1; 0 on context
  /** [N] nats under the reference; absent where that sampled, and `logp` says it. */
  readonly reference?: Float32Array<ArrayBuffer>;
  readonly turns: Int32Array<ArrayBuffer>; //     [B] answers given
  readonly solvedAt: Int32Array<ArrayBuffer>; //  [B] first correct turn, 0 = none
  readonly answers: readonly (readonly string[])[]; // [B][turns] normalized answers, '' = unreadable
}

/** One finished episode before packing; the lists are per turn. */
export interface Episode {
  readonly promptIndex: number;
  readonly sampleIndex: number; // 0 … K−1 within its group
  readonly answers: readonly (readonly number[])[]; // [turns][] token ids
  readonly logp: readonly (readonly number[])[]; //    [turns][] nats
  readonly verdicts: readonly Verdict[]; //            [turns] all but the last are wrong
}

/** Episodes end to end: prompt, answers, feedback between them and none after the last. */
export function packEpisodes(
  task: Pick<Task, 'feedback'>,
  prompts: readonly Prompt[],
  episodes: readonly Episode[],
): Trajectories {
  const offsets = new Int32Array(episodes.length + 1);
  const tokens: number[] = [];
  const turnOf: number[] = [];
  const logp: number[] = [];
  const append = (ids: readonly number[], turn: number, logps?: readonly number[]): void => {
    ids.forEach((id, i) => {
      tokens.push(id);
      turnOf.push(turn);
      logp.push(logps?.[i] ?? 0);
    });
  };
  episodes.forEach((episode, row) => {
    expectFinished(episode);
    const prompt = prompts[episode.promptIndex]!;
    append(prompt.tokens, 0);
    episode.answers.forEach((answer, t) => {
      if (t > 0) append(task.feedback(prompt, episode.answers[t - 1]!).tokens, 0);
      append(answer, t + 1, episode.logp[t]);
    });
    offsets[row + 1] = tokens.length;
  });
  return {
    prompts,
    promptOf: Int32Array.from(episodes, (e) => e.promptIndex),
    sampleOf: Int32Array.from(episodes, (e) => e.sampleIndex),
    offsets,
    tokens: Int32Array.from(tokens),
    turnOf: Uint8Array.from(turnOf),
    logp: Float32Array.from(logp),
    turns: Int32Array.from(episodes, (e) => e.answers.length),
    solvedAt: Int32Array.from(episodes, (e) => e.verdicts.findIndex((v) => v.correct) + 1),
    answers: episodes.map((e) => e.verdicts.map((v) => v.answer)),
  };
}

function expectFinished({ promptIndex, sampleIndex, answers, verdicts }: Episode): void {
  const solvedAt = verdicts.findIndex((v) => v.correct) + 1;
  if (verdicts.length === answers.length && (solvedAt === 0 || solvedAt === answers.length)) return;
  throw new PlaygroundError(
    'bug',
    'An episode does not stop at its first correct answer, or lacks a verdict.',
    { promptIndex, sampleIndex, answers: answers.length, verdicts: verdicts.length, solvedAt },
  );
}

/** Rows with the given indices, in that order, repacked. */
export function selectTrajectories(all: Trajectories, rows: ArrayLike<number>): Trajectories {
  const B = rows.length;
  const offsets = new Int32Array(B + 1);
  for (let i = 0; i < B; i++) {
    offsets[i + 1] = offsets[i]! + all.offsets[rows[i]! + 1]! - all.offsets[rows[i]!]!;
  }
  const N = offsets[B]!;
  const out = {
    prompts: all.prompts,
    promptOf: new Int32Array(B),
    sampleOf: new Int32Array(B),
    offsets,
    tokens: new Int32Array(N),
    turnOf: new Uint8Array(N),
    logp: new Float32Array(N),
    ...(all.reference && { reference: new Float32Array(N) }),
    turns: new Int32Array(B),
    solvedAt: new Int32Array(B),
    answers: Array.from(rows, (r) => all.answers[r]!),
  };
  for (let i = 0; i < B; i++) {
    const r = rows[i]!;
    const from = all.offsets[r]!;
    const to = all.offsets[r + 1]!;
    out.tokens.set(all.tokens.subarray(from, to), offsets[i]!);
    out.turnOf.set(all.turnOf.subarray(from, to), offsets[i]!);
    out.logp.set(all.logp.subarray(from, to), offsets[i]!);
    out.reference?.set(all.reference!.subarray(from, to), offsets[i]!);
    out.promptOf[i] = all.promptOf[r]!;
    out.sampleOf[i] = all.sampleOf[r]!;
    out.turns[i] = all.turns[r]!;
    out.solvedAt[i] = all.solvedAt[r]!;
  }
  return out;
}

/** The rows of all parts, end to end. The parts may have different prompts. */
export function concatTrajectories(parts: readonly Trajectories[]): Trajectories {
  const prompts = parts.flatMap((p) => p.prompts);
  const join = <A extends Int32Array | Uint8Array | Float32Array>(
    make: (n: number) => A,
    get: (p: Trajectories) => A,
  ): A => {
    const out = make(parts.reduce((n, p) => n + get(p).length, 0));
    let at = 0;
    for (const p of parts) {
      out.set(get(p), at);
      at += get(p).length;
    }
    return out;
  };
  const i32 = (n: number): Int32Array<ArrayBuffer> => new Int32Array(n);
  const f32 = (n: number): Float32Array<ArrayBuffer> => new Float32Array(n);
  const promptOf = join(i32, (p) => p.promptOf);
  const offsets = new Int32Array(promptOf.length + 1);
  let row = 0;
  let prompt = 0;
  for (const p of parts) {
    for (let r = 0; r < p.promptOf.length; r++, row++) {
      promptOf[row]! += prompt;
      offsets[row + 1] = offsets[row]! + p.offsets[r + 1]! - p.offsets[r]!;
    }
    prompt += p.prompts.length;
  }
  return {
    prompts,
    promptOf,
    offsets,
    sampleOf: join(i32, (p) => p.sampleOf),
    tokens: join(i32, (p) => p.tokens),
    turnOf: join(
      (n) => new Uint8Array(n),
      (p) => p.turnOf,
    ),
    logp: join(f32, (p) => p.logp),
    ...(parts.some((p) => p.reference) && { reference: join(f32, (p) => p.reference ?? p.logp) }),
    turns: join(i32, (p) => p.turns),
    solvedAt: join(i32, (p) => p.solvedAt),
    answers: parts.flatMap((p) => p.answers),
  };
}

/** What must be listed as transferables when trajectories are posted. */
export const trajectoryBuffers = (t: Trajectories): ArrayBuffer[] => [
  t.promptOf.buffer,
  t.sampleOf.buffer,
  t.offsets.buffer,
  t.tokens.buffer,
  t.turnOf.buffer,
  t.logp.buffer,
  ...(t.reference ? [t.reference.buffer] : []),
  t.turns.buffer,
  t.solvedAt.buffer,
];
