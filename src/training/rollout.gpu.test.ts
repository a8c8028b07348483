import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { episodeTokens, type Task } from '../data/task';
import { TASKS } from '../data/tasks/registry';
import { RIVERS } from '../data/tasks/testing/rivers';
import type { Trajectories } from '../data/trajectories';
import type { Gpu } from '../gpu/gpu';
import { Readback } from '../gpu/readback';
import { worstMismatch } from '../kernels/testing/close';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Decoder, type Sampling } from '../model/generate';
import { initialParams, paramLayout } from '../model/params';
import { Transformer } from '../model/transformer';
import { answerRows } from './evaluate';
import { capacitiesOf } from './memory';
import { play } from './rollout';
import { scoreRows } from './score';
import { TINY, TINY_TASK } from './testing/tiny';

const PROMPTS = TINY_TASK.prompts('train', 6, 1);
const PLAIN: Sampling = { temperature: 1, topK: 0, topP: 1, seed: 11, stream: 4 };
const LOGP = { rtol: 0, atol: 1e-4 }; // the promise: nats per token, decoding against training forward

/** What plays a task, and the training pass that scores what was played. */
interface Table {
  readonly decoder: Decoder;
  score(t: Trajectories): Promise<Float32Array>;
}

async function tableFor(gpu: Gpu, task: Task): Promise<Table> {
  const { shape, train, decode } = capacitiesOf(TINY, task, true);
  const layout = paramLayout(shape);
  // Larger than a fresh model's, so that the distributions are far from uniform.
  const values = initialParams(layout, 5).map((x) => (x === 1 ? 1 : 8 * x));
  const params = gpu.upload('params', [layout.total], values);
  const transformer = await Transformer.create(gpu, shape, layout, params, train);
  const nll = new Readback(gpu, [transformer.tensors.scored.nll], 1);
  return {
    decoder: await Decoder.create(gpu, shape, layout, params, decode),
    score: (t) =>
      scoreRows(
        transformer,
        nll,
        answerRows(t),
        Array.from(t.turns, (_, r) => r),
      ),
  };
}

/** Two prompts, four tries each: where a recorded log-prob is not what the training pass computes. */
async function mismatchOf(
  { decoder, score }: Table,
  task: Task,
  sampling: Sampling,
): Promise<string | undefined> {
  const prompts = task.prompts('train', 2, 1);
  const settings = { trajectories: 4, turns: 5, sampling, firstPrompt: 0 };
  const { trajectories } = await play(decoder, task, prompts, settings, async () => {});
  const recorded = trajectories.logp.filter((_, n) => trajectories.turnOf[n]! > 0);
  return worstMismatch(recorded, await score(trajectories), LOGP);
}

const ALL_TASKS: readonly Task[] = [...TASKS.values(), RIVERS];

describe('rollout', () => {
  let gpu: Gpu;
  let table: Table;
  beforeAll(async () => {
    gpu = await openTestGpu();
    table = await tableFor(gpu, TINY_TASK);
  });
  afterAll(() => gpu.destroy());

  const playAll = async (sampling: Sampling, first = 0, count = 6): Promise<Trajectories> => {
    const settings = { trajectories: 4, turns: 5, sampling, firstPrompt: first };
    const prompts = PROMPTS.slice(first, first + count);
    return (await play(table.decoder, TINY_TASK, prompts, settings, async () => {})).trajectories;
  };

  // The ends of what the settings offer, and what lies between.
  const TEMPERATURES = [0, 0.05, 0.5, 1, 2, 5];
  const TOP_K = [0, 1, 2, 5, 4096];
  const TOP_P = [0.01, 0.7, 0.95, 1];
  it.each(TEMPERATURES)(
    'records the log-probs that the training pass computes: temperature %d, every truncation',
    async (temperature) => {
      for (const topK of TOP_K) {
        for (const topP of TOP_P) {
          const mismatch = await mismatchOf(table, TINY_TASK, {
            ...PLAIN,
            temperature,
            topK,
            topP,
          });
          expect(mismatch, `top-k ${topK}, top-p ${topP}`).toBeUndefined();
        }
      }
    },
  );

  it.each(ALL_TASKS)(
    'does so in the task $title, answers of $answerTokens tokens, at every temperature',
    async (task) => {
      const own = await tableFor(gpu, task);
      for (const temperature of TEMPERATURES) {
        for (const truncation of [{}, { topK: 2 }, { topP: 0.7 }, { topK: 5, topP: 0.95 }]) {
          const sampling = { ...PLAIN, temperature, ...truncation };
          const mismatch = await mismatchOf(own, task, sampling);
          expect(mismatch, JSON.stringify({ temperature, ...truncation })).toBeUndefined();
        }
      }
    },
  );

  it('draws the same tokens whatever the size of the chunk', async () => {
    const together = await playAll(PLAIN);
    const apart = [await playAll(PLAIN, 0, 1), await playAll(PLAIN, 1, 5)];
    expect([...apart[0]!.tokens, ...apart[1]!.tokens]).toEqual([...together.tokens]);
    expect([...apart[0]!.logp, ...apart[1]!.logp]).toEqual([...together.logp]);
  });

  it('draws differently for another seed, and for each trajectory of a group', async () => {
    const played = await playAll(PLAIN);
    expect((await playAll({ ...PLAIN, seed: 12 })).tokens).not.toEqual(played.tokens);
    const group = played.answers.slice(0, 4).map((answers) => answers.join());
    expect(new Set(group).size).toBeGreaterThan(1);
  });

  it('keeps the protocol: stops at the first correct answer, feedback after every other', async () => {
    const played = await playAll(PLAIN);
    const { promptTokens } = TINY_TASK;
    played.turns.forEach((turns, r) => {
      const solvedAt = played.solvedAt[r]!;
      expect(solvedAt === 0 ? turns : solvedAt).toBe(solvedAt === 0 ? 5 : turns);
      const tokens = played.tokens.subarray(played.offsets[r]!, played.offsets[r + 1]!);
      expect(tokens.length).toBe(episodeTokens(TINY_TASK, turns));
      expect(Array.from(tokens.subarray(0, promptTokens))).toEqual(
        PROMPTS[played.promptOf[r]!]!.tokens,
      );
      for (let t = 1; t < turns; t++) {
        expect(tokens[promptTokens + t * 2 - 1]).toBe(TINY_TASK.vocabulary.indexOf('NO'));
      }
    });
  });

  it('computes nothing of answers that have ended, nor of prompts that are short', async () => {
    const { decoder } = await tableFor(gpu, RIVERS);
    const prompts = RIVERS.prompts('train', 4, 1);
    const settings = { trajectories: 8, turns: 5, sampling: PLAIN, firstPrompt: 0 };
    const tokensOf: { fed: number; sampled: number[] }[] = []; // by turn
    const spied = Object.create(decoder) as Decoder;
    spied.turn = async (feeds) => {
      const fed = feeds.reduce((n, f) => n + f.tokens.length, 0);
      const answers = await decoder.turn(feeds);
      tokensOf.push({ fed, sampled: answers.map((a) => a.tokens.length) });
      return answers;
    };
    const before = decoder.passes;
    const played = await play(spied, RIVERS, prompts, settings, async () => {});

    const lengths = tokensOf.flatMap(({ sampled }) => sampled);
    expect(Math.min(...lengths)).toBeLessThan(RIVERS.answerTokens);
    expect(Math.max(...lengths)).toBe(RIVERS.answerTokens);
    expect(played.sampledTokens).toBe(lengths.reduce((a, b) => a + b));
    expect(played.trajectories.turnOf.filter((t) => t > 0)).toHaveLength(played.sampledTokens);
    expect(tokensOf[0]!.fed).toBe(prompts.reduce((n, p) => n + p.tokens.length, 0));
    const passes = tokensOf.map(({ sampled }) => Math.max(...sampled));
    expect(decoder.passes - before).toBe(passes.reduce((a, b) => a + b));
  });

  it('draws the same answers of any length whatever the size of the chunk', async () => {
    const { decoder } = await tableFor(gpu, RIVERS);
    const prompts = RIVERS.prompts('train', 4, 1);
    const playSome = async (first: number, end: number): Promise<Trajectories> => {
      const settings = { trajectories: 8, turns: 5, sampling: PLAIN, firstPrompt: first };
      const some = prompts.slice(first, end);
      return (await play(decoder, RIVERS, some, settings, async () => {})).trajectories;
    };
    const together = await playSome(0, 4);
    const apart = [await playSome(0, 1), await playSome(1, 4)];
    expect(apart.flatMap((t) => [...t.tokens])).toEqual([...together.tokens]);
    expect(apart.flatMap((t) => [...t.logp])).toEqual([...together.logp]);
  });

  it('abandons a chunk when told to between turns', async () => {
    let turns = 0;
    const settings = { trajectories: 4, turns: 5, sampling: PLAIN, firstPrompt: 0 };
    const work = play(table.decoder, TINY_TASK, PROMPTS, settings, async () => {
      if (++turns === 3) throw new Error('enough');
    });
    await expect(work).rejects.toThrow('enough');
    expect(turns).toBe(3);
  });
});
