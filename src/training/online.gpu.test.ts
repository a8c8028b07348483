/** Methods whose policy plays while it learns, and those that ask it before every step. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunConfig } from '../config/runConfig';
import type { SessionEvent } from '../data/results';
import type { Trajectories } from '../data/trajectories';
import { GradientPass } from '../model/backward';
import type { SessionEnd } from './session';
import { openLab, runOn, runOnce, trained, type Lab } from './testing/lab';
import { TINY } from './testing/tiny';

type Parts = { readonly [Section in 'method' | 'online' | 'optimizer' | 'rollout']?: object };

const changed = ({ method, online, optimizer, rollout }: Parts): RunConfig => ({
  ...TINY,
  method: { ...TINY.method, ...method },
  online: { ...TINY.online, prompts: 2, ...online },
  optimizer: { ...TINY.optimizer, ...optimizer },
  rollout: { ...TINY.rollout, ...rollout },
});

/** 3 rounds of 2 prompts × 4 tries, one step of 8 each. */
const GRPO = changed({ method: { name: 'grpo' } });
/** The same rounds in two steps of 4 rows, twice over: the policy moves on within a round. */
const CLIPPED = changed({
  method: { name: 'grpo' },
  online: { kl: 0.1, clipLow: 0.001, clipHigh: 0.001 },
  optimizer: { batch: 4, epochs: 2, learningRate: 0.01 },
});

/** One session for many runs: its kernels are compiled once. */
let shared: Lab;
beforeAll(async () => {
  shared = await openLab();
});
afterAll(() => shared.close());

/** Of the answers' tokens, nats, under the policy that sampled them. */
const meanNll = ({ turnOf, logp }: Trajectories): number => {
  const chosen = Array.from(logp).filter((_, n) => turnOf[n]! > 0);
  return -chosen.reduce((sum, nats) => sum + nats, 0) / chosen.length;
};

const playedAt = (lab: Lab): unknown[] =>
  lab.events.flatMap((e) => (e.kind === 'trajectories' ? [e.step] : []));

describe('a policy that plays while it learns', () => {
  it('plays each round after the steps before it, and pays for every look at the policy', async () => {
    const { end, lab } = await runOn(shared, GRPO);
    expect(end).toMatchObject({ reason: 'finished', step: 3, totalSteps: 3 });
    expect(playedAt(lab)).toEqual([0, 1, 2]);
    expect(end.costs.roundTrips).toBe(2);
    expect(end.costs.sequentialPasses).toBe(15); // 3 rounds of 5 turns, an answer is one token
    const order = lab.events.flatMap((e) =>
      e.kind === 'trajectories'
        ? ['play']
        : e.kind === 'step' && e.stage === 'train'
          ? ['step']
          : [],
    );
    expect(order).toEqual(['play', 'step', 'play', 'step', 'play', 'step']);
  });

  it('samples every round from the policy as it is, though a step takes long to submit', async () => {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const own = GradientPass.prototype.accumulate;
    const accumulate = vi.spyOn(GradientPass.prototype, 'accumulate');
    accumulate.mockImplementation(async function (this: GradientPass, ...args) {
      await wait(50);
      return own.apply(this, args);
    });
    const { lab } = await runOnce(
      changed({
        method: { name: 'iterated-drift', turns: 'all' },
        online: { refreshEvery: 1 },
        optimizer: { learningRate: 0.05 },
      }),
      (event) => (event.kind === 'trajectories' ? wait(20) : undefined), // training begins first
    );
    accumulate.mockRestore();
    const sampled = lab.events.flatMap((e) =>
      e.kind === 'trajectories' ? [meanNll(e.batch)] : [],
    );
    const trainedOn = lab.events.flatMap((e) =>
      e.kind === 'step' && e.stage === 'train' ? [e.report.nll] : [],
    );
    expect(sampled).toHaveLength(3);
    trainedOn.forEach((nll, round) => expect(nll).toBeCloseTo(sampled[round]!, 4));
  });

  it('comes back to the same prompts with fresh tries, as often as asked', async () => {
    const { end, lab } = await runOnce(
      changed({ method: { name: 'grpo' }, online: { passes: 2 } }),
    );
    expect(end).toMatchObject({ reason: 'finished', step: 6, totalSteps: 6 });
    expect(playedAt(lab)).toEqual([0, 1, 2, 3, 4, 5]);
    const rounds = lab.events.flatMap((e) => (e.kind === 'trajectories' ? [e.batch] : []));
    const asked = rounds.map(({ prompts }) => prompts.map((p) => p.id).join());
    expect(new Set(asked.slice(0, 3)).size).toBe(3);
    expect(asked.slice(3)).toEqual(asked.slice(0, 3));
    const answers = rounds.map((round) => round.answers.join());
    expect(new Set(answers).size).toBe(6);
  });

  it('costs DRIFT no look at the policy', async () => {
    const { end, lab } = await runOn(shared, TINY);
    expect(end.costs.roundTrips).toBe(0);
    expect(playedAt(lab)).toEqual([undefined]);
  });

  it('waits for rollouts, where DRIFT trains meanwhile', async () => {
    const more = {
      rollout: { prompts: 128 }, // two chunks
      optimizer: { batch: 32 },
    };
    const { end: drift } = await runOn(shared, changed(more));
    const online = { method: { name: 'grpo' }, online: { prompts: 64 } };
    const { end: grpo } = await runOn(shared, changed({ ...more, ...online }));
    expect(drift.costs.overlapSeconds).toBeGreaterThan(0);
    expect(drift.costs.overlapSeconds).toBeLessThanOrEqual(drift.costs.seconds.rollout);
    const share = ({ costs }: SessionEnd): number => costs.overlapSeconds / costs.seconds.rollout;
    expect(share(grpo)).toBeLessThan(share(drift) / 2); // the end of a step's readback
  });

  it.each(['iterated-drift', 'reinforce', 'rloo', 'reinforce++', 'grpo'] as const)(
    '%s goes to its end, in the same weights when it is run twice',
    async (name) => {
      const config = changed({ method: { name }, online: { refreshEvery: 1, kl: 0.05 } });
      const { end, lab } = await runOn(shared, config);
      expect(end).toMatchObject({ reason: 'finished', step: 3 });
      expect(playedAt(lab)).toEqual([0, 1, 2]);
      expect((await runOn(shared, config)).end.weightsHash).toBe(end.weightsHash);
    },
  );

  it('paused and resumed at every step equals uninterrupted', async () => {
    const { end: whole } = await runOn(shared, CLIPPED);
    expect(whole).toMatchObject({ reason: 'finished', step: 12, totalSteps: 12 });
    const lab = await openLab((event: SessionEvent) => {
      const isStep = event.kind === 'step' && event.report.step % 2 === 1;
      if (isStep || event.kind === 'trajectories') void lab.session.pause();
    });
    let end = await lab.session.run(CLIPPED);
    let runs = 1;
    while (end.reason === 'paused' && runs++ < 40) end = await lab.session.run(CLIPPED);
    await lab.close();
    expect(runs).toBeGreaterThan(5);
    expect(end.weightsHash).toBe(whole.weightsHash);
    expect(end.costs.roundTrips).toBe(2);
  });

  it('takes single steps, and plays no further than they need', async () => {
    const { end, lab } = await runOn(shared, GRPO, 1);
    expect(end).toMatchObject({ reason: 'paused', step: 1 });
    expect(playedAt(lab).length).toBeLessThanOrEqual(2);
    expect(await lab.session.run(GRPO)).toMatchObject({ reason: 'finished', step: 3 });
  });

  it('starts anew from the reference when a setting changes', async () => {
    const { lab } = await runOn(shared, GRPO);
    const other = { ...GRPO, drift: { ...GRPO.drift, gamma: 0.5 } };
    const end = await lab.session.run(other);
    expect(end.weightsHash).toBe((await runOnce(other)).end.weightsHash);
    expect(playedAt(lab)).toEqual([0, 1, 2, 0, 1, 2]);
  });
});

describe('a method that asks the policy before every step', () => {
  it.each(['dft', 'iw-sft', 'dpo', 'kto'] as const)(
    '%s goes to its end on frozen rollouts',
    async (name) => {
      const { end, lab } = await runOn(
        shared,
        changed({ method: { name }, rollout: { trajectories: 16 } }),
      );
      expect(end.reason).toBe('finished');
      expect(end.step).toBe(trained(lab).length);
      expect(playedAt(lab)).toEqual([undefined]);
    },
  );
});
