import { beforeEach, describe, expect, it, test } from 'vitest';
import { LEAVES, withSettings } from '../config/leaves';
import { presetNamed, PRESETS } from '../config/presets';
import { DEFAULT_RUN, evaluationTurns, type RunConfig } from '../config/runConfig';
import { variantsOf, type Variant } from '../config/variants';
import { concatTrajectories } from '../data/trajectories';
import { PlaygroundError } from '../shared/errors';
import {
  epochsWithin,
  nextLeg,
  passesWithin,
  promptsWithin,
  spent,
  timedSteps,
  trialOf,
  type RacePoint,
} from './raceBudget';
import { changesOf, entryOf, hasOneRound, inTurn, nearestEntry, RATE, runOf } from './raceEntries';
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
  evaluationOverlapSeconds: 0,
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
    ['steps', 1e6, 32], // as many as the schema allows
  ] as const)('of %s %d trains %d epochs', (kind, amount, epochs) => {
    expect(epochsWithin(config, { kind, amount }, [first]).optimizer.epochs).toBe(epochs);
  });

  it('of seconds is told from the steps after the first, which compiles, with room for quicker ones', () => {
    const slow = (step: number): RacePoint => ({
      ...pointAt(step, 320),
      costs: { ...costs(step), seconds: { ...costs(step).seconds, train: 50 + 2 * step } },
    });
    const trial = trialOf(config);
    expect(trial.optimizer).toEqual({ ...config.optimizer, epochs: 32 });
    expect(timedSteps(trial, slow(1))).toBe(4);
    const budget = { kind: 'seconds', amount: 44 } as const; // 40 s of training: 20 steps
    const { epochs, warmup } = epochsWithin(trial, budget, [slow(1), slow(5)]).optimizer;
    expect(epochs).toBe(8);
    expect(warmup * epochs * 10).toBeCloseTo(config.optimizer.warmup * 20, 12);
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
      const told = passesWithin(config, { kind, amount }, [early]);
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

const entryNamed = (name: string, task = 'facts'): Variant =>
  variantsOf(task).find((entry) => entry.name === name)!;

describe('an entry', () => {
  const config = DEFAULT_RUN;
  const named = (changes: Readonly<ReturnType<typeof changesOf>>) =>
    Object.fromEntries(changes.map(({ leaf, value }) => [leaf.name, value]));

  it('changes of the settings what its method looks at, and nothing else', () => {
    expect(changesOf(entryNamed('DRIFT, last turn'), config)).toEqual([]);
    expect(named(changesOf(entryNamed('SFT, single turn'), config))).toEqual({
      'rollout.turns': 1,
      'method.name': 'sft',
      'method.rows': 'first',
    });
    const boxes = presetNamed('try-something-else')!.config;
    expect(named(changesOf(entryNamed('DRIFT, last turn', 'boxes'), boxes))).toEqual({
      'drift.gamma': 0.9,
      'method.turns': 'last',
      'method.dropFailedGroups': false,
      'method.pruneBelow': 0,
    });
  });

  it('is the settings of the page where none is like them, and keeps them', () => {
    const page = withSettings(config, { 'drift.beta': 0.3, [RATE]: 1e-3, 'preference.beta': 1 });
    const nearest = nearestEntry(page, config, variantsOf('facts'));
    expect(nearest.entry.name).toBe('DRIFT, last turn');
    expect(named(nearest.changes)).toEqual({ 'drift.beta': 0.3, [RATE]: 1e-3 });
    const own = entryOf(page, 'mine');
    expect(nearestEntry(page, config, [...variantsOf('facts'), own])).toEqual({
      entry: own,
      changes: [],
    });
    const later = withSettings(page, { 'drift.beta': 1, 'rollout.prompts': 7 });
    expect(runOf(own, later, 3)).toMatchObject({
      seed: 3,
      drift: { beta: 0.3 },
      rollout: { prompts: 7 },
      optimizer: { learningRate: 1e-3 },
    });
  });

  it.each(PRESETS)('of preset $name can be found or made', ({ config: page }) => {
    const { changes } = nearestEntry(page, page, [...variantsOf(page.task), entryOf(page, 'mine')]);
    expect(changes).toEqual([]);
  });

  it('that plays in rounds tells where there is only one', () => {
    const rounds = entryNamed('DRIFT, in rounds');
    expect(hasOneRound(rounds, config)).toBe(false); // 128 prompts, 64 a round
    expect(hasOneRound(rounds, withSettings(config, { 'rollout.prompts': 64 }))).toBe(true);
    expect(hasOneRound(entryNamed('RFT'), config)).toBe(false);
  });

  it('follows those that learn from the same tries', () => {
    const names = ['DRIFT, last turn', 'SFT, single turn', 'GRPO, multi-turn', 'RFT', 'KTO'];
    const entries = names.map((name) => entryNamed(name));
    expect(inTurn(entries, config).map(({ name }) => name)).toEqual([
      ...['DRIFT, last turn', 'RFT', 'KTO', 'SFT, single turn', 'GRPO, multi-turn'],
    ]);
  });
});

describe('the results of a race', () => {
  const run = (seed: number, levels: readonly number[]): RaceRun => ({
    entry: 'RFT',
    seed,
    learningRate: 3e-4,
    reference: evaluationOf('reference', 0, 0.25),
    points: levels.map((level, i) => pointAt(4 * (i + 1), 8, level)),
  });
  const entries = ['DRIFT, last turn', 'RFT'].map((name) => entryNamed(name));
  const plan = { entries, seeds: 2, budget: { kind: 'epochs', amount: 0 } } as const;
  const race = { plan, runs: [run(0, [0.5, 1]), run(1, [0.25])] };

  it('are means over seeds with the lowest and the highest, from nothing spent on', () => {
    expect(raceLines(race, 'trainedTokens', 5, 'greedy')).toEqual([
      {
        entry: 'RFT',
        seeds: 2,
        x: [0, 400, 600],
        y: [0.25, 0.375, 0.625],
        low: [0.25, 0.25, 0.25],
        high: [0.25, 0.5, 1],
      },
    ]);
  });

  it('end in a table with intervals over seeds and prompts, greedy and sampled', () => {
    const scores = (success: readonly number[]) => ({
      success,
      correctionRate: success,
      uniqueAnswerRatio: 1,
    });
    const better = (one: RaceRun): RaceRun => ({
      ...one,
      points: one.points.map((point) => ({
        ...point,
        evaluation: { ...point.evaluation, sampled: scores([0.5, 0.75]) },
      })),
    });
    const [row, none] = raceTable({ ...race, runs: race.runs.map(better) }, [1, 5]);
    expect(none).toBeUndefined();
    expect(row).toMatchObject({ entry: 'RFT', seeds: 2, costs: { steps: 6, seconds: 16 } });
    expect(row!.greedy.map(({ mean }) => mean)).toEqual([0.625, 0.625]);
    expect(row!.greedy[1]!.low).toBeLessThan(0.25);
    expect(row!.greedy[1]!.high).toBe(1);
    expect(row!.sampled.map(({ mean }) => mean)).toEqual([0.5, 0.75]);
  });
});

describe('a race', () => {
  let memory: MemoryClient;
  let store: PlaygroundStore;
  const now = () => store.getState();
  const drift = entryNamed('DRIFT, last turn');
  const all = entryNamed('DRIFT, all turns');
  const entries = [drift, { ...all, set: { ...all.set, [RATE]: 2e-3 } }];
  const plan = { entries, seeds: 2, budget: { kind: 'epochs', amount: 0 } } as const;

  beforeEach(() => {
    memory = createMemoryClient();
    store = createPlayground(memory.open, noRecording);
    now().setSetting('rollout.prompts', 6);
    now().setSetting('rollout.trajectories', 4);
  });

  test('runs every entry with every seed on the same tries and leaves settings and history alone', async () => {
    const { config } = now();
    await now().startRace(plan);
    const { race, phase } = now();
    expect(race!.runs.map((r) => [r.entry, r.seed])).toEqual([
      [drift.name, 0],
      [all.name, 0],
      [drift.name, 1],
      [all.name, 1],
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

  test('trains every entry from its reference, whatever was trained before, and so does Run', async () => {
    const last = { ...plan, entries: [drift], seeds: 1 };
    now().setSetting(RATE, drift.set[RATE]!);
    await now().run(); // the settings of the entry
    const { evaluations } = now();
    const twin = { ...drift, name: 'the same again' };
    await now().startRace({ ...last, entries: [drift, twin] });
    for (const run of now().race!.runs) expect(run.points.map((p) => p.step)).toEqual([1, 2, 3, 4]);
    expect(now().race!.runs).toHaveLength(2);
    await now().startRace({ ...last, budget: { kind: 'steps', amount: 2 } });
    await now().run();
    expect(Array.from(now().metrics.column('step'))).toEqual([1, 2, 3, 4]);
    expect(now().evaluations).toEqual(evaluations);
  });

  test('goes on for as many epochs as the budget takes, and to the step', async () => {
    await now().startRace({ ...plan, seeds: 1, budget: { kind: 'steps', amount: 10 } });
    const [run] = now().race!.runs;
    expect(run!.points.at(-1)).toMatchObject({ step: 10, totalSteps: 12 });
  });

  test('sends a method that samples while it trains to its prompts again', async () => {
    const budget = { kind: 'steps', amount: 10 } as const;
    await now().startRace({
      entries: [entryNamed('GRPO, multi-turn')],
      seeds: 1,
      budget,
    });
    const [run] = now().race!.runs;
    expect(run).toMatchObject({ entry: 'GRPO, multi-turn', learningRate: 2e-4 });
    expect(run!.points.at(-1)).toMatchObject({ step: 10, totalSteps: 12 });
  });

  test.each(['DRIFT, last turn', 'GRPO, multi-turn'])(
    'of %s goes on until its seconds are spent, whatever compiled in its first step',
    async (name) => {
      memory.compileFor(30);
      const budget = { kind: 'seconds', amount: 20 } as const;
      await now().startRace({ entries: [entryNamed(name)], seeds: 2, budget });
      const { runs } = now().race!;
      expect(runs.map(({ points }) => spent(points.at(-1)!, 'seconds'))).toEqual([20, 20]);
    },
  );

  test('plays single turns for those that want them, and judges all over the same turns', async () => {
    const ran: RunConfig[] = [];
    const leave = store.subscribe(({ ranWith }) => {
      if (ranWith && ranWith !== ran.at(-1)) ran.push(ranWith);
    });
    const single = entryNamed('SFT, single turn');
    await now().startRace({ ...plan, entries: [drift, single, all], seeds: 1 });
    leave();
    const played = ran.map(({ method, rollout }) => [method.name, method.turns, rollout.turns]);
    expect(played).toEqual([
      ['drift', 'last', 5],
      ['drift', 'all', 5],
      ['sft', 'last', 1],
    ]);
    expect(new Set(ran.map(evaluationTurns))).toEqual(new Set([5]));
    expect(new Set(ran.map(({ rollout }) => rollout.prompts))).toEqual(new Set([6]));
  });

  test('notes an entry that has become impossible', async () => {
    const own = entryOf(
      { ...now().config, rollout: { ...now().config.rollout, trajectories: 64 } },
      'mine',
    );
    now().setSetting('rollout.prompts', LEAVES.get('rollout.prompts')!.schema.parse(4096));
    await now().startRace({ ...plan, entries: [own], seeds: 1 });
    expect(now().race!.failures).toMatchObject([{ entry: 'mine' }]);
  });

  test('keeps what is finished when it is cancelled', async () => {
    const leave = store.subscribe(({ race, metrics }) => {
      if (race?.now?.entry !== all.name || metrics.column('step').at(-1) !== 2) return;
      leave();
      now().pause();
    });
    await now().startRace(plan);
    expect(now().race!.runs.map((r) => r.entry)).toEqual([drift.name]);
    expect(now().race!.now).toBeUndefined();
    expect(now().phase).toEqual({ name: 'idle' });
  });

  test('that is cancelled before anything is finished leaves the last one', async () => {
    await now().startRace({ ...plan, seeds: 1 });
    const { race: last } = now();
    expect(last!.runs).toHaveLength(2);
    const begun = now().startRace(plan);
    now().pause();
    await begun;
    expect(now().race).toEqual(last);
    expect(now().phase).toEqual({ name: 'idle' });
  });

  test('that is cancelled while the workers open samples nothing', async () => {
    const leave = store.subscribe(({ jobConfig }, { jobConfig: before }) => {
      if (jobConfig === before) return;
      leave();
      now().pause();
    });
    await now().startRace(plan);
    expect(memory.calls).toContain('prepare');
    expect(memory.calls).not.toContain('preview');
    expect(now().phase).toEqual({ name: 'idle' });
  });

  test('notes a run that cannot be made and goes on; a lost device ends it', async () => {
    memory.failNext('run', new PlaygroundError('config-invalid', 'Nothing to train on.'));
    await now().startRace(plan);
    expect(now().race!.failures).toMatchObject([{ entry: drift.name, seed: 0 }]);
    expect(now().race!.runs).toHaveLength(3);
    memory.failNext('run', new PlaygroundError('device-lost', 'Gone.'));
    await now().startRace({ ...plan, seeds: 1 });
    expect(now().race!.runs).toHaveLength(3); // those of the race before
    expect(now().phase).toMatchObject({ name: 'failed', error: { code: 'device-lost' } });
  });
});
