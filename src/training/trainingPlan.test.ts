import { describe, expect, it } from 'vitest';
import { RunConfig } from '../config/runConfig';
import { packEpisodes, selectTrajectories, type Trajectories } from '../data/trajectories';
import { rng } from '../shared/rng';
import { allRows } from './batches';
import { TINY_TASK } from './testing/tiny';
import { plannedSteps, TrainingPlan } from './trainingPlan';

const K = 4;
const CONFIG = RunConfig.parse({
  task: 'boxes',
  rollout: { prompts: 70, trajectories: K },
  optimizer: { batch: 24, epochs: 2, warmup: 0.5, learningRate: 1e-3 },
});

/** 70 groups of 4 random games; the log-prob column names the row. */
function games(): Trajectories {
  const random = rng(5);
  const prompts = TINY_TASK.prompts('train', CONFIG.rollout.prompts, 1);
  const rows = prompts.flatMap((prompt, promptIndex) =>
    Array.from({ length: K }, (_, sampleIndex) => {
      const answers: number[][] = [];
      while (answers.length < 5) {
        answers.push([random.int(9)]);
        if (TINY_TASK.judge(prompt, answers.at(-1)!).correct) break;
      }
      return {
        promptIndex,
        sampleIndex,
        answers,
        logp: answers.map(() => [0]),
        verdicts: answers.map((answer) => TINY_TASK.judge(prompt, answer)),
      };
    }),
  );
  return packEpisodes(TINY_TASK, prompts, rows);
}

const ALL = games();

/** Groups from … to − 1. */
const groups = (from: number, to: number): Trajectories =>
  selectTrajectories(
    ALL,
    Array.from({ length: (to - from) * K }, (_, i) => from * K + i),
  );

const stepsOf = (plan: TrainingPlan): unknown[] =>
  Array.from({ length: plan.totalSteps }, (_, i) => plan.step(i + 1).work());

/** The rows of some steps as text, one each. */
const rowsOf = (plan: TrainingPlan, from: number, to: number): string[] => {
  const rows: string[] = [];
  for (let step = from; step <= to; step++) {
    const { from: packed } = plan.step(step);
    for (const r of allRows(packed)) {
      rows.push(packed.tokens.subarray(packed.offsets[r], packed.offsets[r + 1]).join());
    }
  }
  return rows.sort();
};

const EVERY_ROW = Array.from(ALL.turns, (_, r) =>
  ALL.tokens.subarray(ALL.offsets[r], ALL.offsets[r + 1]).join(),
).sort();

describe('training plan', () => {
  it('is the same however the rollouts come', () => {
    const whole = TrainingPlan.of(CONFIG, ALL);
    for (const cuts of [
      [0, 1, 5, 31, 32, 33, 64, 70],
      [0, 4, 20, 36, 52, 68, 70],
    ]) {
      const plan = new TrainingPlan(CONFIG);
      cuts.slice(1).forEach((to, i) => plan.add(groups(cuts[i]!, to)));
      plan.finish();
      expect(stepsOf(plan)).toEqual(stepsOf(whole));
    }
  });

  it('trains every row once per epoch, in another order the second time', () => {
    const plan = TrainingPlan.of(CONFIG, ALL);
    expect(plan.totalSteps).toBe(2 * Math.ceil((70 * K) / 24));
    const half = plan.totalSteps / 2;
    expect(rowsOf(plan, 1, half)).toEqual(EVERY_ROW);
    expect(rowsOf(plan, half + 1, 2 * half)).toEqual(EVERY_ROW);
    expect(plan.step(1).from).not.toEqual(plan.step(half + 1).from);
  });

  it('has its first steps when 32 groups are in, and not before', () => {
    const plan = new TrainingPlan(CONFIG);
    plan.add(groups(0, 31));
    expect(plan.has(1)).toBe(false);
    plan.add(groups(31, 33));
    expect(plan.has(5)).toBe(true); // 32 groups of 4 make 5 batches of 24 and leave 8 rows
    expect(plan.has(6)).toBe(false);
    expect(plan.step(1).work()).toEqual(TrainingPlan.of(CONFIG, ALL).step(1).work());
  });

  it('wakes who waits for more', async () => {
    const plan = new TrainingPlan(CONFIG);
    const more = plan.more();
    plan.add(groups(0, 32));
    await more;
    const again = plan.more();
    plan.interrupt();
    await again;
  });

  it('drops what the method drops, and warms up over the planned steps', () => {
    const plan = TrainingPlan.of({ ...CONFIG, method: { ...CONFIG.method, name: 'rft' } }, ALL);
    const solved = ALL.solvedAt.filter((turn) => turn > 0).length;
    expect(plan.totalSteps).toBe(2 * Math.ceil(solved / 24));
    expect(plan.rate(12)).toBeCloseTo(1e-3, 12);
    expect(plan.rate(3)).toBeCloseTo(2.5e-4, 12);
  });

  it('refuses to train on nothing', () => {
    const never = { ...CONFIG, method: { ...CONFIG.method, name: 'rft' as const } };
    const failed = selectTrajectories(
      ALL,
      Array.from(ALL.solvedAt, (turn, r) => (turn === 0 ? r : -1)).filter((r) => r >= 0),
    );
    expect(() => TrainingPlan.of(never, failed)).toThrow(/No trajectory is left/);
  });

  it('raises ReST’s threshold from epoch to epoch, and trains fewer rows each time', () => {
    const method = { ...CONFIG.method, name: 'rest' as const, threshold: 0, thresholdRise: 0.7 };
    const drift = { ...CONFIG.drift, lambda: 0 };
    const plan = TrainingPlan.of({ ...CONFIG, method, drift }, ALL);
    const solvedBy = (turn: number): number =>
      ALL.solvedAt.filter((at) => at > 0 && at <= turn).length;
    const first = Math.ceil(solvedBy(5) / 24);
    expect(plan.totalSteps).toBe(first + Math.ceil(solvedBy(4) / 24)); // 0.9³ > 0.7 > 0.9⁴
    expect(rowsOf(plan, 1, first)).toHaveLength(solvedBy(5));
    expect(rowsOf(plan, first + 1, plan.totalSteps)).toHaveLength(solvedBy(4));
  });

  it('waits for all rollouts where a weight depends on them all', () => {
    const plan = new TrainingPlan({ ...CONFIG, method: { ...CONFIG.method, name: 'rwr' } });
    plan.add(groups(0, 69));
    expect(plan.has(1)).toBe(false);
    plan.add(groups(69, 70));
    plan.finish();
    expect(plan.has(1)).toBe(true);
  });

  describe('where the policy plays', () => {
    const GRPO: RunConfig = {
      ...CONFIG,
      method: { ...CONFIG.method, name: 'grpo' },
      online: { ...CONFIG.online, prompts: 8 },
    };

    it('has the steps of a round when the round is in, and every row in each epoch', () => {
      const plan = new TrainingPlan(GRPO);
      plan.add(groups(0, 7));
      expect(plan.knownSteps).toBe(0);
      plan.add(groups(7, 16));
      expect(plan.knownSteps).toBe(8); // two rounds of 32 rows, 24 a step, twice
      const played = EVERY_ROW.length;
      plan.add(groups(16, 70));
      plan.finish();
      expect(plan.totalSteps).toBe(8 * 4 + 2); // the last round has 6 prompts
      expect(plan.totalSteps).toBe(plannedSteps(GRPO));
      expect(rowsOf(plan, 1, plan.totalSteps)).toHaveLength(2 * played);
    });

    it('asks the policy but for the first step of each round', () => {
      const plan = TrainingPlan.of(GRPO, ALL);
      const asks = Array.from({ length: 8 }, (_, i) => plan.step(i + 1).needsPolicy);
      expect(asks).toEqual([false, true, true, true, false, true, true, true]);
    });

    it('is the same however the rollouts come', () => {
      const plan = new TrainingPlan(GRPO);
      for (let at = 0; at < 70; at += 5) plan.add(groups(at, at + 5));
      plan.finish();
      expect(stepsOf(plan)).toEqual(stepsOf(TrainingPlan.of(GRPO, ALL)));
    });
  });

  // One group whose four tries are solved at once; the first is a nat likelier than under the reference.
  it.each([
    ['rloo', [-0.3, 0.1, 0.1, 0.1]], //       less the others' mean
    ['reinforce++', [-3, 1, 1, 1].map((x) => x / Math.sqrt(3))], // whitened
  ])('%s takes the distance from the reference off the returns', (name, advantages) => {
    const prompts = TINY_TASK.prompts('train', 1, 1);
    const right = [Number(prompts[0]!.gold)];
    const tries = [0, 1, 2, 3].map((sampleIndex) => ({
      ...{ promptIndex: 0, sampleIndex, answers: [right], logp: [[0]] },
      verdicts: [TINY_TASK.judge(prompts[0]!, right)],
    }));
    const played = packEpisodes(TINY_TASK, prompts, tries);
    const reference = played.logp.slice();
    reference[played.offsets[1]! - 1] = -1;
    const config = {
      ...CONFIG,
      method: { ...CONFIG.method, name },
      online: { ...CONFIG.online, kl: 0.3 }, // returns 0.7 1 1 1
    };
    const { coefficient } = TrainingPlan.of(config, { ...played, reference })
      .step(1)
      .work();
    const ascending = Array.from(coefficient)
      .filter((c) => c !== 0)
      .toSorted((a, b) => a - b);
    expect(ascending).toHaveLength(4);
    advantages.forEach((A, i) => expect(ascending[i]).toBeCloseTo(A / 4, 6));
  });

  it('keeps DPO’s pairs together, the better first', () => {
    const config = { ...CONFIG, method: { ...CONFIG.method, name: 'dpo' as const } };
    const plan = TrainingPlan.of(config, ALL);
    expect(plan.totalSteps).toBeLessThanOrEqual(plannedSteps(config));
    for (let step = 1; step <= plan.totalSteps; step++) {
      const { from, work } = plan.step(step);
      const { coefficient } = work();
      const rows = allRows(from).map((r) => ({
        prompt: from.tokens.slice(from.offsets[r], from.offsets[r]! + TINY_TASK.promptTokens),
        sign: Math.sign(coefficient[from.offsets[r + 1]! - 1]!),
      }));
      expect(rows.length % 2).toBe(0);
      for (let j = 0; j < rows.length; j += 2) {
        expect(rows[j]!.prompt).toEqual(rows[j + 1]!.prompt);
        expect([rows[j]!.sign, rows[j + 1]!.sign]).toEqual([1, -1]);
      }
    }
  });

  it('puts KTO’s tries under the prompts of others', () => {
    const config = { ...CONFIG, method: { ...CONFIG.method, name: 'kto' as const } };
    const { from, mismatched } = TrainingPlan.of(config, ALL).step(1);
    expect(mismatched!.trained).toEqual(from.trained);
    for (const r of allRows(from)) {
      const [start, end] = [from.offsets[r]!, from.offsets[r + 1]!];
      const { promptTokens } = TINY_TASK;
      const own = from.tokens.slice(start, start + promptTokens);
      expect(mismatched!.tokens.slice(start, start + promptTokens)).not.toEqual(own);
      expect(mismatched!.tokens.slice(start + promptTokens, end)).toEqual(
        from.tokens.slice(start + promptTokens, end),
      );
    }
  });

  it('moves KTO’s tries along where the prompts of others are longer or shorter', () => {
    const config = { ...CONFIG, method: { ...CONFIG.method, name: 'kto' as const } };
    const prompts = TINY_TASK.prompts('train', 3, 0).map((p, i) => ({
      ...p,
      tokens: p.tokens.slice(3 * i),
    }));
    const episodes = [0, 1, 2].map((promptIndex) => {
      const answers = [[(Number(prompts[promptIndex]!.gold) + 1) % 9], [promptIndex]];
      const verdicts = answers.map((a) => TINY_TASK.judge(prompts[promptIndex]!, a));
      return { promptIndex, sampleIndex: 0, answers, logp: [[-1], [-1]], verdicts };
    });
    const played = packEpisodes(TINY_TASK, prompts, episodes);
    const { from, mismatched } = TrainingPlan.of(config, played).step(1);
    const texts = (rows: typeof from): string[] =>
      allRows(rows).map((r) =>
        Array.from(rows.tokens.subarray(rows.offsets[r], rows.offsets[r + 1])).join(),
      );
    const asked = prompts.map((p) => p.tokens.join());
    const parted = texts(from).map((text) => {
      const own = asked.findIndex((ask) => text.startsWith(`${ask},`));
      return { own, rest: text.slice(asked[own]!.length) };
    });
    const ring = parted.map(({ rest }, r) => asked[parted[(r + 1) % 3]!.own]! + rest);
    expect(texts(mismatched!)).toEqual(ring);
    const trained = (rows: typeof from): number[] =>
      Array.from(rows.tokens.filter((_, n) => rows.trained[n] === 1));
    expect(trained(mismatched!)).toEqual(trained(from));
  });
});
