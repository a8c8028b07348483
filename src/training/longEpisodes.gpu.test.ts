import { expect, it } from 'vitest';
import { episodeTokens } from '../data/task';
import { TASKS } from '../data/tasks/registry';
import { Readback } from '../gpu/readback';
import { worstMismatch } from '../kernels/testing/close';
import { openTestGpu } from '../kernels/testing/testGpu';
import { Decoder } from '../model/generate';
import { initialParams, paramLayout } from '../model/params';
import { Transformer } from '../model/transformer';
import { answerRows } from './evaluate';
import { capacitiesOf } from './memory';
import { play } from './rollout';
import { scoreRows } from './score';
import { TINY } from './testing/tiny';

const TURNS = 8;
const LOGP = { rtol: 0, atol: 1e-4 }; // nats per token, decoding against training forward

it.each(['hilo', 'maze'])(
  '%s: each answer gets its own feedback, over eight turns',
  async (name) => {
    const task = TASKS.get(name)!;
    const config = { ...TINY, task: name, rollout: { ...TINY.rollout, turns: TURNS } };
    const { shape, train, decode } = capacitiesOf(config, task, true);
    const layout = paramLayout(shape);
    const gpu = await openTestGpu();
    const params = gpu.upload('params', [layout.total], initialParams(layout, 5));
    const decoder = await Decoder.create(gpu, shape, layout, params, decode);
    const prompts = task.prompts('train', 6, 1);
    const sampling = { temperature: 1, topK: 0, topP: 1, seed: 11, stream: 4 };
    const settings = { trajectories: 4, turns: TURNS, sampling, firstPrompt: 0 };
    const { trajectories: t } = await play(decoder, task, prompts, settings, async () => {});
    const told = new Set<string>();
    t.turns.forEach((turns, r) => {
      const prompt = prompts[t.promptOf[r]!]!;
      const tokens = Array.from(t.tokens.subarray(t.offsets[r]!, t.offsets[r + 1]!));
      expect(tokens).toHaveLength(episodeTokens(task, turns));
      for (let turn = 1; turn < turns; turn++) {
        const end = episodeTokens(task, turn);
        const { tokens: expected } = task.feedback(
          prompt,
          tokens.slice(end - task.answerTokens, end),
        );
        expect(tokens.slice(end, end + task.feedbackTokens)).toEqual(expected);
        told.add(expected.join());
      }
    });
    expect(told.size).toBeGreaterThan(1);
    expect(Math.max(...t.turns)).toBe(TURNS);
    const scorer = await Transformer.create(gpu, shape, layout, params, train);
    const nll = new Readback(gpu, [scorer.tensors.scored.nll], 1);
    const rows = Array.from(t.turns, (_, r) => r);
    const recorded = t.logp.filter((_, n) => t.turnOf[n]! > 0);
    const scored = await scoreRows(scorer, nll, answerRows(t), rows);
    expect(worstMismatch(recorded, scored, LOGP)).toBeUndefined();
    gpu.destroy();
  },
);
