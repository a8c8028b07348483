import { describe, expect, it } from 'vitest';
import { parseExperiment, reportStage, rowOf, tuningStage } from './experimentJson';
import type { EvidenceRow } from './evidenceRow';

const FILE = {
  title: 'Two methods',
  about: 'Small.',
  preset: 'first-visit',
  set: { 'rollout.prompts': 8 },
  seeds: [0, 1],
  methods: [
    { name: 'plain', set: { 'method.name': 'sft' } },
    {
      name: 'tuned',
      set: { 'method.name': 'rft', 'rollout.prompts': 4 },
      tune: [
        { 'optimizer.learningRate': 3e-4 },
        { 'optimizer.learningRate': 1e-3 },
        { 'optimizer.learningRate': 1e-2 },
      ],
    },
  ],
  full: { set: { 'rollout.prompts': 64 }, seeds: [0, 1, 2] },
};
const TEXT = JSON.stringify(FILE);
const experiment = parseExperiment(TEXT, 'x.json', false);

const tried = (run: number, greedy: number, sampled: number): EvidenceRow => {
  const scores = { success: [0, greedy], success_sampled: [0, sampled] };
  return {
    ...diverged(run),
    outcome: {
      ...{ prompts: 4, reference: scores, policy: { ...scores, unique_answer_ratio: 1, kl: 0 } },
      ...{ sampled_tokens: 0, trained_tokens: 0, gflop: 0 },
      ...{ sequential_passes: 0, passes_at_once: 0, round_trips: 0 },
    },
  };
};
const diverged = (run: number): EvidenceRow => ({
  ...{ stage: 'tune', method: 'tuned', outcome: null },
  settings: tuningStage(experiment).runs[run]!.settings,
});

describe('an experiment', () => {
  it('tunes only methods that have a choice, on the tuning split and with a seed of its own', () => {
    const { runs, methods } = tuningStage(experiment);
    expect(methods.map((method) => method.name)).toEqual(['tuned', 'tuned', 'tuned']);
    expect(runs.map(({ config }) => config.optimizer.learningRate)).toEqual([3e-4, 1e-3, 1e-2]);
    for (const { config } of runs) {
      expect(config.eval.split).toBe('tune');
      expect(experiment.seeds).not.toContain(config.seed);
    }
  });

  it.each([
    ['the highest greedy success', [tried(0, 0.5, 1), tried(1, 0.75, 0), tried(2, 0.5, 1)], 1e-3],
    ['of ties the higher sampled one', [tried(0, 0.5, 0), tried(1, 0, 1), tried(2, 0.5, 1)], 1e-2],
    ['of equals the first', [tried(0, 0.5, 1), tried(1, 0.5, 1), tried(2, 0, 1)], 3e-4],
    ['none that diverged', [diverged(0), tried(1, 0, 0), diverged(2)], 1e-3],
  ])('reports %s, on the test split, a seed after the other', (_, tuned, rate) => {
    const { runs, methods } = reportStage(experiment, tuned);
    expect(methods.map((method) => method.name)).toEqual(['plain', 'tuned', 'plain', 'tuned']);
    expect(runs.map(({ config }) => config.seed)).toEqual([0, 0, 1, 1]);
    expect(runs.map(({ config }) => config.rollout.prompts)).toEqual([8, 4, 8, 4]);
    expect(runs[1]!.config).toMatchObject({
      optimizer: { learningRate: rate },
      eval: { split: 'test' },
      method: { name: 'rft' },
    });
  });

  it('finds the row of a run by stage, method and settings in any order', () => {
    const stage = tuningStage(experiment);
    const [row, other] = [tried(1, 1, 1), tried(0, 1, 1)];
    const settings = Object.fromEntries(Object.entries(row.settings).toReversed());
    const run = stage.runs[1]!;
    expect(rowOf([other, { ...row, settings }], stage, run)?.settings).toBe(settings);
    expect(rowOf([other, { ...row, stage: 'report' }], stage, run)).toBeUndefined();
    expect(rowOf([other, { ...row, method: 'plain' }], stage, run)).toBeUndefined();
  });

  it('is larger in full', () => {
    const full = parseExperiment(TEXT, 'x.json', true);
    const { runs } = reportStage(full, []);
    expect(runs).toHaveLength(6);
    expect(runs[0]!.config.rollout.prompts).toBe(64);
  });

  it.each([
    ['a key that is not known', { ...FILE, sett: {} }, /^x\.json:1: field sett: /],
    ['a comparison with none', { ...FILE, compare: [['plain', 'x']] }, / compare\.0\.1: names no /],
    ['no method', { ...FILE, methods: [] }, /^x\.json:1: field methods: /],
    [
      'a setting that there is not',
      { ...FILE, set: { 'drift.betta': 1 } },
      /^x\.json, method "[^"]+":1: field list\.0\.drift\.betta: is not a setting/,
    ],
    [
      'a method that is not tuned and has such a setting',
      { ...FILE, methods: [...FILE.methods, { name: 'last', set: { 'method.nam': 'sft' } }] },
      /method "last":1: field list\.0\.method\.nam: is not a setting/,
    ],
  ])('refuses %s', (_, file, sentence) => {
    expect(() => parseExperiment(JSON.stringify(file), 'x.json', false)).toThrow(sentence);
  });
});
