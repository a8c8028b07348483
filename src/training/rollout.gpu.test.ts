import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { episodeTokens } from '../data/task';
import type { Trajectories } from '../data/trajectories';
import type { Gpu } from '../gpu/gpu';
import { Readback } from '../gpu/readback';
import { worstMismatch } from '../kernels/testing/close';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Decoder, type Sampling } from '../model/generate';
import { initialParams, paramLayout } from '../model/params';
import { Transformer } from '../model/transformer';
import { answerRows } from './evaluate';
import { play } from './rollout';
import { scoreRows } from './score';
import { TINY_CAPACITIES, TINY_TASK } from './testing/tiny';

const PROMPTS = TINY_TASK.prompts('train', 6, 1);
const { shape, train, decode } = TINY_CAPACITIES;
const LAYOUT = paramLayout(shape);
// Larger than a fresh model's, so that the distributions are far from uniform.
const PARAMS = initialParams(LAYOUT, 5).map((x) => (x === 1 ? 1 : 8 * x));
const PLAIN: Sampling = { temperature: 1, topK: 0, topP: 1, seed: 11, stream: 4 };
const LOGP = { rtol: 0, atol: 1e-4 }; // the promise: nats per token, decoding against training forward

describe('rollout', () => {
  let gpu: Gpu;
  let decoder: Decoder;
  let score: (t: Trajectories) => Promise<Float32Array>;
  beforeAll(async () => {
    gpu = await openTestGpu();
    const params = gpu.upload('params', [LAYOUT.total], PARAMS);
    decoder = await Decoder.create(gpu, shape, LAYOUT, params, decode);
    const transformer = await Transformer.create(gpu, shape, LAYOUT, params, train);
    const nll = new Readback(gpu, [transformer.tensors.scored.nll], 1);
    score = (t) =>
      scoreRows(
        transformer,
        nll,
        answerRows(t),
        Array.from(t.turns, (_, r) => r),
      );
  });
  afterAll(() => gpu.destroy());

  const playAll = async (sampling: Sampling, first = 0, count = 6): Promise<Trajectories> => {
    const settings = { trajectories: 4, turns: 5, sampling, firstPrompt: first };
    const prompts = PROMPTS.slice(first, first + count);
    return (await play(decoder, TINY_TASK, prompts, settings, async () => {})).trajectories;
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
          const played = await playAll({ ...PLAIN, temperature, topK, topP }, 0, 2);
          const recorded = played.logp.filter((_, n) => played.turnOf[n]! > 0);
          const mismatch = worstMismatch(recorded, await score(played), LOGP);
          expect(mismatch, `top-k ${topK}, top-p ${topP}`).toBeUndefined();
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

  it('abandons a chunk when told to between turns', async () => {
    let turns = 0;
    const settings = { trajectories: 4, turns: 5, sampling: PLAIN, firstPrompt: 0 };
    const work = play(decoder, TINY_TASK, PROMPTS, settings, async () => {
      if (++turns === 3) throw new Error('enough');
    });
    await expect(work).rejects.toThrow('enough');
    expect(turns).toBe(3);
  });
});
