import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SessionEvent } from '../data/results';
import { openLab, runOn, runOnce, trained, type Lab } from './testing/lab';
import { TINY } from './testing/tiny';

/** One session for many runs: its kernels are compiled once. */
let shared: Lab;
beforeAll(async () => {
  shared = await openLab();
});
afterAll(() => shared.close());

const kinds = (lab: Lab, kind: SessionEvent['kind']): SessionEvent[] =>
  lab.events.filter((e) => e.kind === kind);

describe('session', () => {
  it('goes through every stage and ends with all evaluations', async () => {
    const { end, lab } = await runOn(shared, TINY);
    expect(end).toMatchObject({ reason: 'finished', step: 3, totalSteps: 3 });
    expect(end.weightsHash).toMatch(/^[0-9a-f]{64}$/);
    expect(kinds(lab, 'trajectories')).toHaveLength(1);
    expect(trained(lab)).toHaveLength(3);
    const evaluations = kinds(lab, 'evaluation').map(
      (e) => e.kind === 'evaluation' && e.evaluation,
    );
    expect(evaluations).toMatchObject([
      { who: 'reference', step: 0, prompts: 12 },
      { who: 'policy', step: 1 },
      { who: 'policy', step: 2 },
      { who: 'policy', step: 3, kl: expect.any(Number) as number },
    ]);
    expect(end.costs.sampledTokens).toBeGreaterThan(0);
    expect(end.costs.sequentialPasses).toBe(5);
  });

  it('tells in every run how the reference does, and asks it once', async () => {
    const evaluate = vi.spyOn(shared.rollouts, 'evaluate');
    await runOn(shared, TINY);
    await shared.session.preview({ ...TINY, seed: 8 }, 1); // whoever listens forgets the scores
    await shared.session.run(TINY);
    const told = kinds(shared, 'evaluation').filter(
      (e) => e.kind === 'evaluation' && e.evaluation.who === 'reference',
    );
    const asked = evaluate.mock.calls.filter(([{ policy }]) => !policy).length;
    evaluate.mockRestore();
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
    expect(asked).toBe(1);
  });

  it('ends two runs of the same configuration in the same weights, another seed in others', async () => {
    const { end: first } = await runOnce(TINY);
    const { end: second } = await runOnce(TINY);
    const { end: other } = await runOn(shared, { ...TINY, seed: 8 });
    expect(second.weightsHash).toBe(first.weightsHash);
    expect(other.weightsHash).not.toBe(first.weightsHash);
  });

  it.each([true, false])('paused and resumed equals uninterrupted, overlap %s', async (overlap) => {
    const { end: whole } = await runOn(shared, TINY);
    const config = { ...TINY, engine: { ...TINY.engine, overlap } };
    let pauses = 0;
    const lab = await openLab((event) => {
      const isStep = event.kind === 'step' && (event.report.step === 3 || event.report.step === 1);
      if (isStep || event.kind === 'trajectories') {
        pauses++;
        void lab.session.pause();
      }
    });
    let end = await lab.session.run(config);
    let runs = 1;
    while (end.reason === 'paused' && runs++ < 20) end = await lab.session.run(config);
    await lab.close();
    expect(pauses).toBeGreaterThan(3);
    expect(runs).toBeGreaterThan(3);
    expect(end.weightsHash).toBe(whole.weightsHash);
  });

  it('plays, trains and evaluates one after the other when told, to the same weights', async () => {
    const more = {
      ...TINY,
      rollout: { ...TINY.rollout, prompts: 128 }, // two chunks
      optimizer: { ...TINY.optimizer, batch: 32 },
      eval: { ...TINY.eval, every: 4 },
    };
    const stagesOf = ({ events }: Lab): string =>
      events
        .flatMap((e) =>
          e.kind === 'trajectories' || e.kind === 'evaluation'
            ? [e.kind[0]]
            : e.kind === 'step' && e.stage === 'train'
              ? ['s']
              : [],
        )
        .join('');
    const { end: beside } = await runOn(shared, more);
    const overlapping = stagesOf(shared);
    const alone = { ...more, engine: { ...more.engine, overlap: false } };
    const { end: after } = await runOn(shared, alone);
    expect(overlapping).toMatch(/^t+s/); // the reference is not waited for
    expect(stagesOf(shared)).toBe('tte' + 'sssse'.repeat(4));
    expect(after.weightsHash).toBe(beside.weightsHash);
    expect(beside.costs.overlapSeconds).toBeGreaterThan(0);
    expect(beside.costs.evaluationOverlapSeconds).toBeGreaterThan(0);
    expect(after.costs).toMatchObject({ overlapSeconds: 0, evaluationOverlapSeconds: 0 });
    expect(after.costs.sampledTokens).toBe(beside.costs.sampledTokens);
  });

  it('takes single steps', async () => {
    const { end: first, lab } = await runOn(shared, TINY, 1);
    expect(first).toMatchObject({ reason: 'paused', step: 1, totalSteps: 3 });
    const rest = await lab.session.run(TINY);
    expect(rest).toMatchObject({ reason: 'finished', step: 3 });
  });

  it('keeps the rollouts when only weights change, and trains anew', async () => {
    const { end: first, lab } = await runOn(shared, TINY);
    const other = { ...TINY, drift: { ...TINY.drift, beta: 1 } };
    const second = await lab.session.run(other);
    expect(kinds(lab, 'trajectories')).toHaveLength(1);
    expect(trained(lab)).toHaveLength(6);
    expect(second.costs.sampledTokens).toBe(first.costs.sampledTokens);
    expect(second.weightsHash).not.toBe(first.weightsHash);
  });

  it.each([
    ['drift', 0], // the reference's tries stay
    ['grpo', 1],
  ] as const)('trains %s anew when told, from where it began', async (name, played) => {
    const config = { ...TINY, method: { ...TINY.method, name } };
    const { end: first, lab } = await runOn(shared, config);
    const [steps, tries] = [trained(lab).length, kinds(lab, 'trajectories').length];
    await lab.session.run(config);
    expect(trained(lab)).toHaveLength(steps); // it was at its end
    lab.session.forgetTraining();
    const second = await lab.session.run(config);
    expect(trained(lab)).toHaveLength(2 * steps);
    expect(kinds(lab, 'trajectories')).toHaveLength(tries * (1 + played));
    expect(second.weightsHash).toBe(first.weightsHash);
    expect(second.costs.sampledTokens).toBe(first.costs.sampledTokens);
    expect(second.costs.trainedTokens).toBe(first.costs.trainedTokens);
  });

  it('previews groups that the run keeps', async () => {
    const lab = await openLab();
    await lab.session.preview(TINY, 2);
    await lab.session.run(TINY);
    const groups = kinds(lab, 'trajectories').map(
      (e) => e.kind === 'trajectories' && e.batch.prompts.length,
    );
    expect(groups).toEqual([2, 4]);
    const { end: direct } = await runOn(shared, TINY);
    const { sequentialPasses } = lab.session.costs;
    expect(sequentialPasses).toBe(direct.costs.sequentialPasses); // those of the preview are not added
    expect((await lab.session.run(TINY)).weightsHash).toBe(direct.weightsHash);
    await lab.close();
  });

  it('times the kernels of both devices, and disturbs no later run', async () => {
    const { end } = await runOn(shared, TINY);
    const { kernels, decoding } = await shared.session.profile();
    expect(kernels.map(({ label }) => label)).toContain('adamw_step');
    expect(decoding.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['attention_cached', 'matmul_forward', 'sample_step']),
    );
    expect((await runOn(shared, TINY)).end.weightsHash).toBe(end.weightsHash);
  });

  it.each([
    ['after the last step that was asked for', 1],
    ['at the end', Infinity],
  ])('ends with the failure of an evaluation %s', async (_, most) => {
    shared.session.reset();
    const failure = new Error('The other device is gone.');
    const evaluate = vi.spyOn(shared.rollouts, 'evaluate').mockRejectedValue(failure);
    await expect(shared.session.run(TINY, most)).rejects.toBe(failure);
    evaluate.mockRestore();
    expect((await runOn(shared, TINY)).end.reason).toBe('finished');
  });

  it('refuses, before any allocation, a configuration that no adapter could hold', async () => {
    shared.session.reset();
    const { session } = shared;
    const model = { ...TINY.model, layers: 24, channels: 1024, heads: 16, kvHeads: 16, mlp: 4096 };
    await expect(session.run({ ...TINY, model })).rejects.toMatchObject({
      code: 'over-limit',
      facts: { setting: expect.stringContaining('model.') as string },
    });
    expect(await session.run(TINY)).toMatchObject({ reason: 'finished' });
  });

  it('says when a method leaves nothing to train', async () => {
    const pruned = { ...TINY, method: { ...TINY.method, name: 'rft' as const } };
    const onePrompt = {
      ...pruned,
      rollout: { ...TINY.rollout, prompts: 1, trajectories: 1, turns: 1 },
    };
    await expect(runOn(shared, { ...onePrompt, seed: 1 })).rejects.toMatchObject({
      code: 'config-invalid',
    });
  });
});
