import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseExperiment, type Experiment } from '../formats/experimentJson';
import { METHODS, METHOD_NAMES } from '../method/coefficients/registry';
import { problemsOf } from './caps';
import { LEAVES, leafValue, withSettings } from './leaves';
import { PRESETS, presetNamed } from './presets';
import type { RunConfig } from './runConfig';
import { variantsOf, type Variant } from './variants';

const TASKS = ['facts', 'boxes', 'stain', 'hilo', 'maze', 'sums', 'file-0123456789abcdef'];

describe.each(TASKS)('the variants on %s', (task) => {
  const variants = variantsOf(task);

  it('set what the schema takes, and go together with the settings of each preset', () => {
    for (const { name, set } of variants) {
      for (const [setting, value] of Object.entries(set)) {
        expect(LEAVES.get(setting)?.schema.safeParse(value).success, `${name}: ${setting}`).toBe(
          true,
        );
      }
      for (const { config } of PRESETS) {
        expect(problemsOf(withSettings({ ...config, task }, set)), name).toEqual([]);
      }
    }
  });

  it('have names of their own, settings of their own, and every method among them', () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
    const settings = variants.map(({ set }) => JSON.stringify(Object.entries(set).sort()));
    expect(new Set(settings).size).toBe(variants.length);
    const methods = variants.map(({ set }) => set['method.name']);
    expect(METHOD_NAMES.filter((name) => !methods.includes(name))).toEqual([]);
  });
});

/** Names of experiments that compare something else, and those of the same variants here. */
const NAMES: Readonly<Record<string, string>> = {
  'DRIFT, two rounds': 'DRIFT, in rounds', // they are as many as the prompts make
  'DRIFT, four rounds': 'DRIFT, in rounds',
  published: 'DRIFT, last turn',
  'γ 1': 'DRIFT, last turn, γ 1',
  'all turns': 'DRIFT, all turns',
  'refreshed every 16 steps': 'DRIFT, in rounds',
  'γ 1, β 0.1, λ 0.5, all turns': 'DRIFT, all turns, nothing dropped',
  'failed groups and w < 0.1 dropped, 3 epochs': 'DRIFT, all turns',
};

/** A method of an experiment whose rounds are longer than a race's. */
const LONGER_ROUNDS = 'stain: DRIFT, two rounds';

const experimentOf = (name: string): Experiment => {
  const file = `experiments/${name}.json`;
  return parseExperiment(readFileSync(file, 'utf8'), file, false);
};

/** What a method looks at, and how long the tries are; epochs and rate are tuned. */
const looksAt = (config: RunConfig): object => {
  const { settings } = METHODS.get(config.method.name)!;
  const names = ['method.name', 'rollout.turns', ...settings];
  return Object.fromEntries(names.map((name) => [name, leafValue(config, LEAVES.get(name)!)]));
};

describe.each([
  ['facts', 9],
  ['boxes', 9],
  ['stain', 9],
  ['hilo', 9],
  ['sums', 9],
  ['facts-others', 10],
  ['boxes-others', 10],
  ['facts-ablations', 4],
  ['boxes-ablations', 2],
] as const)('the methods of experiment %s', (name, count) => {
  const { preset, set, methods } = experimentOf(name);
  const { config } = presetNamed(preset)!;
  const variants = new Map(variantsOf(config.task).map((variant) => [variant.name, variant]));
  const known = methods.flatMap((method): [Experiment['methods'][number], Variant][] => {
    const variant = variants.get(NAMES[method.name] ?? method.name);
    const isAnother = `${name}: ${method.name}` === LONGER_ROUNDS;
    return variant && !isAnother ? [[method, variant]] : [];
  });

  it('are the variants of their names, whatever preset the page is at', () => {
    for (const [method, variant] of known) {
      const compared = withSettings(config, { ...set, ...method.set });
      for (const { config: page } of PRESETS.filter((p) => p.config.task === config.task)) {
        expect(looksAt(withSettings(page, variant.set)), variant.name).toEqual(looksAt(compared));
      }
    }
    expect(known).toHaveLength(count);
  });
});
