import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../config/caps';
import {
  LEAVES,
  leafValue,
  withLeaf,
  type Leaf,
  type LeafValue,
  type Settings,
} from '../config/leaves';
import { METHOD_NAMES } from '../method/coefficients/registry';
import { FIRST_VISIT, PRESETS, presetNamed, type Preset } from '../config/presets';
import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import { rng, type Rng } from '../shared/rng';
import { decodeLink, encodeLink } from './shareUrl';
import corpus from './shareUrl.v1.json';

const base = FIRST_VISIT.config;
const leaf = (name: string): Leaf => LEAVES.get(name)!;
const changed = (settings: Readonly<Record<string, LeafValue>>, from = base): RunConfig =>
  Object.entries(settings).reduce((c, [name, value]) => withLeaf(c, leaf(name), value), from);

function valuesOf(each: Leaf): fc.Arbitrary<LeafValue> {
  if (each.kind === 'boolean') return fc.boolean();
  if (each.kind === 'enum') return fc.constantFrom(...each.options);
  if (each.isInteger) return fc.integer({ min: each.min, max: each.max });
  return fc.double({ min: each.min, max: each.max, noNaN: true }).map((x) => x + 0); // no −0
}

/** The base's values of what a configuration breaks rules with: few random ones keep all of them. */
const usualWhereBroken = (config: RunConfig): Settings =>
  Object.fromEntries(
    problemsOf(config)
      .flatMap(({ names }) => names)
      .map((name) => [name, leafValue(base, leaf(name))]),
  );

const models = fc
  .record({
    kvHeads: fc.integer({ min: 1, max: 8 }),
    queriesPerKv: fc.integer({ min: 1, max: 4 }),
    headSize: fc.integer({ min: 1, max: 16 }).map((n) => 8 * n),
    mlp: fc.integer({ min: 4, max: 200 }).map((n) => 4 * n),
  })
  .map(({ kvHeads, queriesPerKv, headSize, mlp }) => ({
    'model.kvHeads': kvHeads,
    'model.heads': kvHeads * queriesPerKv,
    'model.channels': kvHeads * queriesPerKv * headSize,
    'model.mlp': mlp,
  }));
const plain = [...LEAVES.values()].filter(
  ({ name }) => !['model.kvHeads', 'model.heads', 'model.channels', 'model.mlp'].includes(name),
);
const configs = fc
  .tuple(
    fc.record(Object.fromEntries(plain.map((l) => [l.name, valuesOf(l)])), { requiredKeys: [] }),
    fc.option(models, { nil: {} }),
  )
  .map(([settings, model]) => changed({ ...settings, ...model } as Record<string, LeafValue>))
  .map((config) => changed(usualWhereBroken(config), config))
  .filter((config) => problemsOf(config).length === 0);

describe('links', () => {
  it('decode(encode(c)) = c for 10,000 random configurations, and same state, same text', () => {
    fc.assert(
      fc.property(configs, fc.constantFrom(...PRESETS), (config, preset) => {
        const link = encodeLink(config, preset);
        expect(link.length).toBeLessThan(2048);
        const opened = decodeLink(link);
        expect(opened).toEqual({ config, preset, notices: [] });
        expect(encodeLink(opened.config, opened.preset)).toBe(link);
      }),
      { numRuns: 10_000, seed: 1 },
    );
  }, 120_000);

  it('names only what differs, in schema order', () => {
    const config = changed({ 'optimizer.epsilon': 1e-7, 'drift.beta': 0.2, seed: 3 });
    expect(encodeLink(config, FIRST_VISIT)).toBe(
      'v=1&preset=first-visit&seed=3&drift.beta=0.2&optimizer.epsilon=1e-7',
    );
    expect(encodeLink(base, FIRST_VISIT)).toBe('v=1&preset=first-visit');
  });

  it.each(corpus)('still opens $link', ({ link, preset, settings }) => {
    const opened = decodeLink(`#${link}`);
    expect(opened.notices).toEqual([]);
    expect(opened.preset.name).toBe(preset);
    expect(opened.config).toEqual(
      changed(settings as Record<string, LeafValue>, presetNamed(preset)!.config),
    );
    expect(encodeLink(opened.config, opened.preset)).toBe(link);
  });

  it('opens the first visit without a fragment', () => {
    for (const nothing of ['', '#']) {
      expect(decodeLink(nothing)).toEqual({ config: base, preset: FIRST_VISIT, notices: [] });
    }
  });

  it('refuses a newer version plainly', () => {
    for (const version of ['2', '10', '99999999999999999999999']) {
      expect(() => decodeLink(`drift.beta=0.2&v=${version}`)).toThrow(
        expect.objectContaining({ name: 'PlaygroundError', code: 'config-invalid' }) as Error,
      );
    }
  });
});

describe('what cannot be used', () => {
  const noticesOf = (fragment: string): readonly string[] => {
    const { config, notices } = decodeLink(fragment);
    expect(config).toEqual(base);
    return notices;
  };

  it.each([
    ['v=1&drift.beta=0', 'drift.beta must be a number from 0.001 to 100, not “0”.'],
    ['v=1&rollout.turns=2.5', 'rollout.turns must be a whole number from 1 to 8, not “2.5”.'],
    ['v=1&model.tiedHead=yes', 'model.tiedHead must be true or false, not “yes”.'],
    ['v=1&method.name=ppo', `method.name must be one of ${METHOD_NAMES.join(', ')}, not “ppo”.`],
    ['v=1&drift.delta=1', '“drift.delta” is not a setting.'],
    ['v=1&drift=1', '“drift” is not a setting.'],
    ['v=1&__proto__.beta=1', '“__proto__.beta” is not a setting.'],
    ['v=1&constructor=1', '“constructor” is not a setting.'],
    ['v=1&preset=toString', 'There is no preset “toString”; first-visit was taken.'],
    ['v=one', 'v must be a version number, not “one”; read as version 1.'],
  ])('%s is named', (fragment, notice) => {
    expect(noticesOf(fragment)).toEqual([notice]);
  });

  it('of a repeated field takes the first', () => {
    const { config, notices } = decodeLink('v=1&drift.beta=0.2&drift.beta=0.3&v=2');
    expect(config.drift.beta).toBe(0.2);
    expect(notices).toEqual([
      '“drift.beta” is given twice; the first one counts.',
      '“v” is given twice; the first one counts.',
    ]);
  });

  it('keeps the preset’s value of the one setting that breaks a rule across fields', () => {
    const { config, notices } = decodeLink('v=1&model.layers=8&model.heads=5&drift.beta=0.2');
    expect(config).toEqual(changed({ 'model.layers': 8, 'drift.beta': 0.2 }));
    expect(notices).toEqual([
      'model.heads=5 cannot be used: width must be a multiple of 8 × heads; 4 was kept.',
    ]);
  });

  it('keeps the preset’s values where caps across fields are exceeded', () => {
    const { config, notices } = decodeLink(
      'v=1&model.layers=24&model.channels=1024&model.heads=8&model.mlp=4096' +
        '&rollout.prompts=4096&rollout.trajectories=64',
    );
    expect(problemsOf(config)).toEqual([]);
    expect(config.rollout).toEqual({ ...base.rollout, trajectories: 64 });
    expect(notices.join(' ')).toMatch(/model\..*378 million.*rollout\.prompts=4096/);
  });

  it('quotes strangers’ text short, without control or direction characters', () => {
    const hidden = 'a%E2%80%AE%00%E2%81%A6%0A%FF\uD800b';
    const [notice, long] = noticesOf(`${hidden}=1&${'x'.repeat(500)}=1`);
    expect(notice).toMatch(/^“a[ �]+b” is not a setting\.$/);
    expect(long).toBe(`“${'x'.repeat(40)}…” is not a setting.`);
  });

  it('ignores a link above 8 KB and counts what it does not name', () => {
    expect(noticesOf(`v=1&drift.beta=0.2&${'x'.repeat(8192)}`)).toHaveLength(1);
    const many = Array.from({ length: 1000 }, (_, i) => `k${i}=1`).join('&');
    expect(noticesOf(many)).toHaveLength(20);
    expect(noticesOf(many).at(-1)).toBe('981 more parts of the link were ignored.');
  });
});

const NASTY = [
  ...['__proto__', 'constructor', 'prototype', '__proto__.beta', 'drift.__proto__', 'toString'],
  ...['NaN', 'Infinity', '-Infinity', '1e309', '-0', '1e3', '0x10', '1e-400', 'null', 'undefined'],
  ...['9'.repeat(400), '9007199254740993', '%', '%00', '%ED%A0%80', '\uD800', '\u202E', '\u0000'],
  ...['&', '=', '#', '+', ';', '[]', '{}', 'v=2', 'v=', 'preset=', 'drift.beta', '<img onerror>'],
  ...['model.channels=1024', 'model.layers=24', 'model.mlp=4096', 'rollout.prompts=4096'],
];

const RACE =
  'v=1&preset=first-visit&race.entries=SFT;RFT&race.seeds=3&race.budget=steps:64' +
  '&race.own.wide=drift.beta:0.3;method.turns:all&race.rate.wide=0.001';

function mutated(link: string, random: Rng): string {
  let text = link;
  for (let n = 1 + random.int(4); n > 0; n--) {
    const at = random.int(text.length + 1);
    const flip = String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << random.int(16)));
    text = random.pick([
      () => text.slice(0, at) + flip + text.slice(at + 1),
      () => text.slice(0, at) + random.pick(NASTY) + text.slice(at),
      () => `${text}&${random.pick([...LEAVES.keys()])}=${random.pick(NASTY)}`,
      () => `${text}&${random.pick(NASTY)}=${random.pick(NASTY)}`,
      () => text.slice(0, at) + text.slice(at + random.int(12)),
      () => `${text}&${text}`,
    ])();
  }
  return text;
}

/** Milliseconds of processor time of the fastest of three: a busy machine is not slow code. */
function fastestMs(work: () => void): number {
  const once = (): number => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  const first = once();
  return first < 20 ? first : Math.min(first, once(), once());
}

it('survives 100,000 mutations, seed 7', () => {
  const random = rng(7);
  const links = [...corpus.map((c) => c.link), RACE];
  const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  let refused = 0;
  for (let i = 0; i < 100_000; i++) {
    const link = mutated(random.pick(links), random);
    let opened: { config: RunConfig; preset: Preset } | undefined;
    const ms = fastestMs(() => {
      try {
        opened = decodeLink(link);
      } catch (error) {
        if (!(error instanceof PlaygroundError) || !/[?&#]?v=/.test(link)) throw error;
        refused++;
      }
    });
    if (ms >= 20) expect.fail(`${ms} ms for ${JSON.stringify(link)}`);
    if (opened && problemsOf(opened.config).length > 0) expect.fail(JSON.stringify(link));
  }
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(20_000);
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(prototype);
});
