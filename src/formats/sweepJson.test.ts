import { describe, expect, it } from 'vitest';
import { FIRST_VISIT, PRESETS, presetNamed } from '../config/presets';
import { PlaygroundError } from '../shared/errors';
import { parseSweep } from './sweepJson';

const parse = (json: unknown) => parseSweep(JSON.stringify(json), 'sweep.json');

describe('parseSweep', () => {
  it('takes the points of a grid in order, the last setting fastest', () => {
    const runs = parse({ grid: { 'drift.beta': [0.1, 1], seed: [0, 1] } });
    expect(runs.map((r) => [r.index, r.settings])).toEqual([
      [0, { 'drift.beta': 0.1, seed: 0 }],
      [1, { 'drift.beta': 0.1, seed: 1 }],
      [2, { 'drift.beta': 1, seed: 0 }],
      [3, { 'drift.beta': 1, seed: 1 }],
    ]);
    expect(runs[2]!.config).toEqual({
      ...FIRST_VISIT.config,
      drift: { ...FIRST_VISIT.config.drift, beta: 1 },
    });
  });

  it('takes every entry of a list with every point of the grid, on top of preset and set', () => {
    const runs = parse({
      preset: 'try-something-else',
      set: { 'eval.prompts': 32 },
      list: [
        { 'method.name': 'rft', 'optimizer.learningRate': 1e-3 },
        { 'method.name': 'sft', 'method.dropFailedGroups': false },
      ],
      grid: { seed: [5, 6] },
    });
    const { config } = presetNamed('try-something-else')!;
    expect(runs.map((r) => `${r.config.method.name} ${r.config.seed}`)).toEqual([
      'rft 5',
      'rft 6',
      'sft 5',
      'sft 6',
    ]);
    expect(runs[3]).toEqual({
      index: 3,
      preset: 'try-something-else',
      settings: { 'method.name': 'sft', 'method.dropFailedGroups': false, seed: 6 },
      config: {
        ...config,
        seed: 6,
        method: { ...config.method, name: 'sft', dropFailedGroups: false },
        eval: { ...config.eval, prompts: 32 },
      },
    });
  });

  it.each([
    ['not JSON', '{\n"grid": {"seed": [0,]}\n}', '2: not JSON (value expected)'],
    ['a comment', '{ // x\n}', '1: not JSON (invalid comment token)'],
    ['nothing', '', '1: not JSON (value expected)'],
    [
      'a key twice',
      '{"grid": {"seed": [1],\n"seed": [2]}}',
      '2: field seed: given twice in one object',
    ],
    ['no runs', '{"set": {}}', '1: needs "list" or "grid"'],
    ['an empty grid', '{\n"grid": {}}', '2: field grid: must name a setting'],
    ['an unknown key', '{\n"gird": {}}', '2: field gird: is not known here'],
    ['a list of nothing', '{"list":\n[]}', '2: field list: must name a run'],
    [
      'an unknown setting',
      '{"grid": {\n"beta": [1]}}',
      '2: field grid.beta: is not a setting; drift settings lists all',
    ],
    [
      'a value out of range',
      '{"grid": {"drift.beta": [0.1,\n\n0]}}',
      '3: field grid.drift.beta.1: must be a number from 0.001 to 100, not 0',
    ],
    [
      'a value of another type',
      '{"list": [{},\n{"seed": "1"}]}',
      '2: field list.1.seed: must be a whole number from 0 to 4294967295, not "1"',
    ],
    [
      'a value that is no value',
      '{"grid": {"seed": [\n{}]}}',
      '2: field grid.seed.0: must be a number, true, false or text',
    ],
    ['no list of values', '{"grid": {\n"seed": 1}}', '2: field grid.seed: must be a list, not 1'],
    [
      'a setting in two places',
      '{"set": {"seed": 1},\n"grid": {"seed": [2]}}',
      '2: field grid.seed: is given in "set" too',
    ],
    [
      'a preset that is none',
      '{"preset":\n"x", "list": [{}]}',
      `2: field preset: there is none of this name; the presets are ${PRESETS.map((p) => p.name).join(', ')}`,
    ],
    [
      'settings that do not go together',
      '{"grid": {"seed": [0, 1]}, "list": [{},\n{"model.heads": 3}]}',
      '2: field list.1: run 2 is not possible (model.channels=64): width must be a multiple of 8 × heads',
    ],
    [
      'a run twice',
      '{\n"grid": {"drift.beta": [0.1, 1, 0.1]}}',
      '2: field grid: run 2 is run 0 again',
    ],
    [
      'too many runs',
      `{"grid": {"seed": ${JSON.stringify(Array.from({ length: 10_001 }, (_, i) => i))}}}`,
      '1: field grid: makes 10001 runs; a sweep has at most 10000',
    ],
    ['a prototype', '{"grid": {"__proto__": [1]}}', '1: "__proto__" is not known here'],
  ])('refuses %s', (_, text, sentence) => {
    let thrown: unknown;
    try {
      parseSweep(text, 'sweep.json');
    } catch (cause) {
      thrown = cause;
    }
    expect(thrown).toBeInstanceOf(PlaygroundError);
    const { code, message } = thrown as PlaygroundError;
    expect(code).toBe('file-invalid');
    if (typeof sentence === 'string') expect(message).toBe(`sweep.json:${sentence}.`);
    else expect(message).toMatch(sentence);
  });
});
