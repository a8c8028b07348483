import { beforeEach, describe, expect, it, test } from 'vitest';
import { DEFAULT_RUN, type RunConfig } from '../config/runConfig';
import { concatTrajectories } from '../data/trajectories';
import { PlaygroundError } from '../shared/errors';
import { epochsWithin, nextLeg, passesWithin, promptsWithin, type RacePoint } from './raceBudget';
import type { RaceRun } from './raceSlice';
import { raceLines, raceTable } from './raceViews';
import { createPlayground, type PlaygroundStore } from './store';
import {
  createMemoryClient,
  evaluationOf,
  groupOf,
  noRecording,
  type MemoryClient,
} from './testing/memoryClient';

const costs = (step: number): RacePoint['costs'] => ({
  sampledTokens: 500,
  trainedTokens: 100 * step,
  sequentialPasses: 25,
  roundTrips: 1,
  overlapSeconds: 0,
  seconds: { pretrain: 9, rollout: 4, train: 2 * step, evaluate: 9 },
});
const pointAt = (step: number, totalSteps: number, level = 0.5): RacePoint => ({
  step,
  totalSteps,
  costs: costs(step),
  evaluation: evaluationOf('policy', step, level),
});

describe('a budget', () => {
  const config: RunConfig = {
    ...DEFAULT_RUN,
    rollout: { ...DEFAULT_RUN.rollout, prompts: 3, trajectories: 2 },
    optimizer: { ...DEFAULT_RUN.optimizer, epochs: 2 },
  };
  const first = pointAt(1, 20); // 10 steps an epoch, 100 tokens and 2 s each, after 4 s of rollouts

  it.each([
    ['epochs', 0, 2],
    ['steps', 35, 4],
    ['steps', 3, 1],
    ['trainedTokens', 3001, 4],
    ['seconds', 84, 4], // 80 s of training: 40 steps
    ['steps', 1e6, 32], // as many as the schema allows
  ] as const)('of %s %d trains %d epochs', (kind, amount, epochs) => {
    expect(epochsWithin(config, { kind, amount }, first).optimizer.epochs).toBe(epochs);
  });

  it.each([
    ['epochs', 0, 20, 3],
    ['steps', 17, 20, 3],
    ['steps', 2, 20, 1],
    ['steps', 1, 20, 0],
    ['trainedTokens', 950, 20, 2],
    ['seconds', 5, 20, 0], // the rollouts took 4 of them, the first step 2
    ['epochs', 0, 1, 0],
  ] as const)(
    'of %s %d of %d goes on for %d steps after the first',
    (kind, amount, total, steps) => {
      expect(nextLeg({ kind, amount }, [pointAt(1, total)])).toBe(steps);
    },
  );

  it.each([
    ['epochs', 0, 1, 0.1],
    ['steps', 8, 1, 0.1],
    ['steps', 30, 2, 0.075], // of 40 steps, three for the warm-up as of 30
    ['seconds', 44, 4, 0.025], // told 20 steps, room for 80
    ['sampledTokens', 10_000, 4, 0.025],
    ['steps', 1e6, 32, 0.1],
  ] as const)(
    'of %s %d sends a method that samples while it trains to its prompts %d times',
    (kind, amount, passes, warmup) => {
      const early: RacePoint = {
        ...pointAt(1, 20),
        costs: { ...costs(1), seconds: { pretrain: 9, rollout: 0, train: 2.2, evaluate: 0 } },
      };
      const told = passesWithin(config, { kind, amount }, early);
      expect(told.online.passes).toBe(passes);
      expect(told.optimizer.warmup).toBeCloseTo(warmup, 12);
    },
  );

  it('is met to the step, whatever the way there', () => {
    const points = [pointAt(1, 300)];
    for (;;) {
      const steps = nextLeg({ kind: 'trainedTokens', amount: 12_345 }, points);
      if (steps === 0) break;
      points.push(pointAt(points.at(-1)!.step + steps, 300));
    }
    expect(points.at(-1)!.step).toBe(124);
    expect(points.length).toBeLessThan(12);
  });

  it('of generated tokens takes the prompts that it pays for, one at least', () => {
    const turns = config.rollout.turns * 5; // tokens of the try that fails; the other takes 5
    const all = concatTrajectories([0, 1, 2].map((i) => groupOf(config, i)));
    const prompts = (tokens: number): number => promptsWithin(config, all, tokens).rollout.prompts;
    expect(prompts(3 * (turns + 5))).toBe(3);
    expect(prompts(3 * (turns + 5) - 1)).toBe(2);
    expect(prompts(1)).toBe(1);
  });

  it('of generated tokens ends a method that samples while it trains, and no other', () => {
    const sampling = (step: number): RacePoint => ({
      ...pointAt(step, 100),
      costs: { ...costs(step), sampledTokens: 500 * step },
    });
    const budget = { kind: 'sampledTokens', amount: 5000 } as const;
    expect(nextLeg(budget, [sampling(1), sampling(10)])).toBe(0);
    expect(nextLeg(budget, [sampling(1), sampling(9)])).toBe(1);
    expect(nextLeg(budget, [pointAt(1, 100), pointAt(2, 100)])).toBe(13);
  });
});

describe('the results of a race', () => {
  const run = (seed: number, levels: readonly number[]): RaceRun => ({
    method: 'rft',
    seed,
    learningRate: 3e-4,
    reference: evaluationOf('reference', 0, 0.25),
    points: levels.map((level, i) => pointAt(4 * (i + 1), 8, level)),
  });
  const runs = [run(0, [0.5, 1]), run(1, [0.25])];

  it('are means over seeds with the lowest and the highest, from nothing spent on', () => {
    expect(raceLines(runs, 'trainedTokens', 5, 'greedy')).toEqual([
      {
        method: 'rft',
        seeds: 2,
        x: [0, 400, 600],
        y: [0.25, 0.375, 0.625],
        low: [0.25, 0.25, 0.25],
        high: [0.25, 0.5, 1],
      },
    ]);
  });

  it('end in a table with intervals over seeds and prompts', () => {
    const [row] = raceTable(runs, 5, 'greedy');
    expect(row).toMatchObject({ method: 'rft', seeds: 2, costs: { steps: 6, seconds: 16 } });
    expect(row!.within.mean).toBe(0.625);
    expect(row!.within.low).toBeLessThan(0.25);
    expect(row!.within.high).toBe(1);
  });
});

describe('a race', () => {
  let memory: MemoryClient;
  let store: PlaygroundStore;
  const now = () => store.getState();
  const plan = {
    methods: ['drift', 'sft'],
    seeds: 2,
    rates: { sft: 2e-3 },
    budget: { kind: 'epochs', amount: 0 },
  } as const;

  beforeEach(() => {
    memory = createMemoryClient();
    store = createPlayground(memory.open, noRecording);
    now().setSetting('rollout.prompts', 6);
    now().setSetting('rollout.trajectories', 4);
  });

  test('runs every method with every seed on the same tries and leaves settings and history alone', async () => {
    const { config } = now();
    await now().startRace(plan);
    const { race, phase } = now();
    expect(race!.runs.map((r) => [r.method, r.seed])).toEqual([
      ['drift', 0],
      ['sft', 0],
      ['drift', 1],
      ['sft', 1],
    ]);
    expect(race!.runs[0]!.points.map((p) => p.step)).toEqual([1, 2, 3, 4]);
    expect(race!.runs.map((r) => r.learningRate)).toEqual([3e-4, 2e-3, 3e-4, 2e-3]);
    expect(race!.now).toBeUndefined();
    expect(phase).toEqual({ name: 'idle' });
    expect(now().config).toBe(config);
    expect(now().history).toEqual([]);
    await now().run();
    expect(now().phase.name).toBe('finished');
  });

  test('goes on for as many epochs as the budget takes, and to the step', async () => {
    await now().startRace({ ...plan, seeds: 1, budget: { kind: 'steps', amount: 10 } });
    const [run] = now().race!.runs;
    expect(run!.points.at(-1)).toMatchObject({ step: 10, totalSteps: 12 });
  });

  test('sends a method that samples while it trains to its prompts again', async () => {
    const budget = { kind: 'steps', amount: 10 } as const;
    await now().startRace({ ...plan, methods: ['grpo'], seeds: 1, budget });
    const [run] = now().race!.runs;
    expect(run).toMatchObject({ method: 'grpo', learningRate: 2e-4 });
    expect(run!.points.at(-1)).toMatchObject({ step: 10, totalSteps: 12 });
  });

  test('keeps what is finished when it is cancelled', async () => {
    const leave = store.subscribe(({ race, metrics }) => {
      if (race?.now?.method !== 'sft' || metrics.last('step') !== 2) return;
      leave();
      now().pause();
    });
    await now().startRace(plan);
    expect(now().race!.runs.map((r) => r.method)).toEqual(['drift']);
    expect(now().race!.now).toBeUndefined();
    expect(now().phase).toEqual({ name: 'idle' });
  });

  test('notes a run that cannot be made and goes on; a lost device ends it', async () => {
    memory.failNext('run', new PlaygroundError('config-invalid', 'Nothing to train on.'));
    await now().startRace(plan);
    expect(now().race!.failures).toMatchObject([{ method: 'drift', seed: 0 }]);
    expect(now().race!.runs).toHaveLength(3);
    memory.failNext('run', new PlaygroundError('device-lost', 'Gone.'));
    await now().startRace(plan);
    expect(now().race!.runs).toEqual([]);
    expect(now().phase).toMatchObject({ name: 'failed', error: { code: 'device-lost' } });
  });
});
