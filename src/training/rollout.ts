import type { Prompt, Task, Verdict } from '../data/task';
import { packEpisodes, type Episode, type Trajectories } from '../data/trajectories';
import type { Decoder, Feed, Sampling } from '../model/generate';

export interface PlaySettings {
  readonly trajectories: number; // K per prompt
  readonly turns: number; // answers allowed
  readonly sampling: Sampling;
  /** Index of the first prompt in its split: names its rows to the random generator. */
  readonly firstPrompt: number;
}

export interface Played {
  readonly trajectories: Trajectories;
  readonly sampledTokens: number;
  readonly passes: number; // sequential decode passes
}

const MOST_TRAJECTORIES = 64; // the schema's limit; keeps row keys unique

interface Live extends Episode {
  readonly answers: number[][];
  readonly logp: number[][];
  readonly verdicts: Verdict[];
  readonly cacheRow: number;
  readonly key: number;
}

/**
 * Plays one chunk of prompts, K episodes each, until all are solved or out of turns. Solved episodes
 * leave the batch. A row's draws depend on its own key and history only, never on the chunk.
 *
 * @param betweenTurns awaited before every turn; throws to abandon the chunk
 */
export async function play(
  decoder: Decoder,
  task: Task,
  prompts: readonly Prompt[],
  settings: PlaySettings,
  betweenTurns: () => Promise<void>,
): Promise<Played> {
  const { trajectories: K, turns, sampling, firstPrompt } = settings;
  const rows: Live[] = prompts.flatMap((_, promptIndex) =>
    Array.from({ length: K }, (_, sampleIndex) => ({
      promptIndex,
      sampleIndex,
      answers: [],
      logp: [],
      verdicts: [],
      cacheRow: promptIndex * K + sampleIndex,
      key: (firstPrompt + promptIndex) * MOST_TRAJECTORIES + sampleIndex,
    })),
  );
  decoder.setSampling(sampling);
  const passesBefore = decoder.passes;
  let active = rows;
  let sampledTokens = 0;
  for (let turn = 1; turn <= turns && active.length > 0; turn++) {
    await betweenTurns();
    const feeds =
      turn === 1
        ? firstFeeds(prompts, rows, K)
        : active.map((r) => laterFeed(task, prompts[r.promptIndex]!, r));
    const sampled = await decoder.turn(feeds);
    active.forEach((row, i) => {
      const { tokens, logp } = sampled[i]!;
      row.answers.push(tokens);
      row.logp.push(logp);
      row.verdicts.push(task.judge(prompts[row.promptIndex]!, tokens));
      sampledTokens += tokens.length;
    });
    active = active.filter((row) => !row.verdicts.at(-1)!.correct);
  }
  return {
    trajectories: packEpisodes(task, prompts, rows),
    sampledTokens,
    passes: decoder.passes - passesBefore,
  };
}

/** The prompt's tokens, once for all rows of its group. */
function firstFeeds(prompts: readonly Prompt[], rows: readonly Live[], K: number): Feed[] {
  return prompts.map((prompt, p) => ({
    tokens: prompt.tokens,
    position: 0,
    row: p * K,
    keys: rows.slice(p * K, (p + 1) * K).map((r) => r.key),
  }));
}

/** The last token of the answer before, which was sampled but never fed, and the feedback on it. */
function laterFeed(task: Task, prompt: Prompt, row: Live): Feed {
  const { answers } = row;
  const last = answers.at(-1)!;
  const told = (answers.length - 1) * task.feedbackTokens;
  return {
    tokens: [last.at(-1)!, ...task.feedback(prompt, last).tokens],
    position: prompt.tokens.length + answers.flat().length + told - 1,
    row: row.cacheRow,
    keys: [row.key],
  };
}
