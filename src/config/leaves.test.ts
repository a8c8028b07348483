import { describe, expect, it } from 'vitest';
import { LEAVES, allowedValues, leafValue, parseLeafText, withLeaf, type Leaf } from './leaves';
import { DEFAULT_RUN, RunConfig } from './runConfig';

const leaf = (name: string): Leaf => LEAVES.get(name)!;

/** Dotted names of everything in a configuration, found without the schema. */
function namesIn(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' ? namesIn(inner, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

describe('LEAVES', () => {
  it('names every setting once, in the order of the schema', () => {
    expect([...LEAVES.keys()]).toEqual(namesIn(DEFAULT_RUN));
  });

  it('knows label, help and bounds of each', () => {
    for (const each of LEAVES.values()) {
      expect(each.meta.label, each.name).not.toBe('');
      expect(each.meta.help, each.name).toMatch(/[.)]$/);
      if (each.kind === 'number') expect(each.min, each.name).toBeLessThan(each.max);
    }
    expect(leaf('model.channels')).toMatchObject({ isInteger: true, min: 16, multipleOf: 4 });
    expect(leaf('drift.beta')).toMatchObject({ isInteger: false, min: 1e-3, max: 100 });
    expect(leaf('seed')).toMatchObject({ isInteger: true, min: 0, max: 0xffff_ffff });
    expect(leaf('method.name')).toMatchObject({ kind: 'enum' });
    expect(leaf('model.tiedHead').kind).toBe('boolean');
  });

  it('reads and changes one setting without touching the original', () => {
    const changed = withLeaf(DEFAULT_RUN, leaf('drift.beta'), 0.7);
    expect(leafValue(changed, leaf('drift.beta'))).toBe(0.7);
    expect(changed).toEqual({ ...DEFAULT_RUN, drift: { ...DEFAULT_RUN.drift, beta: 0.7 } });
    expect(DEFAULT_RUN).toEqual(RunConfig.parse({}));
  });

  it('says what a setting accepts', () => {
    expect(allowedValues(leaf('drift.beta'))).toBe('a number from 0.001 to 100');
    expect(allowedValues(leaf('model.channels'))).toBe(
      'a whole number from 16 to 1024 that is a multiple of 4',
    );
    expect(allowedValues(leaf('method.turns'))).toBe('one of last, all');
    expect(allowedValues(leaf('model.tiedHead'))).toBe('true or false');
  });
});

describe('parseLeafText', () => {
  it.each([
    ['drift.beta', '0.25', 0.25],
    ['drift.beta', '2.5e-1', 0.25],
    ['reference.steps', '1e3', 1000],
    ['optimizer.epsilon', '1e-7', 1e-7],
    ['seed', '4294967295', 0xffff_ffff],
    ['drift.formatPenalty', '-0.5', -0.5],
    ['model.tiedHead', 'false', false],
    ['method.name', 'rft', 'rft'],
  ])('reads %s=%s', (name, text, expected) => {
    expect(parseLeafText(leaf(name), text)).toBe(expected);
  });

  it('makes 0 of −0', () => {
    expect(Object.is(parseLeafText(leaf('drift.formatPenalty'), '-0'), 0)).toBe(true);
  });

  it.each([
    ...['', ' ', ' 1', '1 ', '+1', '.5', '5.', '01', '0x10', '1_0', '1,5', 'NaN', 'Infinity'],
    ...['-Infinity', '1e309', 'null', 'true', '１', '1e', '--1', '0.0001', '101', '1\n'],
  ])('refuses drift.beta=%j', (text) => {
    expect(parseLeafText(leaf('drift.beta'), text)).toBeUndefined();
  });

  it.each([
    ['rollout.turns', '2.5'],
    ['seed', '4294967296'],
    ['seed', '99999999999999999999'],
    ['model.channels', '66'],
    ['model.tiedHead', '1'],
    ['model.tiedHead', 'True'],
    ['model.tiedHead', 'constructor'],
    ['method.name', 'DRIFT'],
    ['method.name', '__proto__'],
  ])('refuses %s=%s', (name, text) => {
    expect(parseLeafText(leaf(name), text)).toBeUndefined();
  });
});
