import { expect, it } from 'vitest';
import { METHOD_NAMES } from '../method/coefficients/registry';
import { usualRate } from './methodRates';
import { PRESETS } from './presets';
import { LEAVES } from './leaves';

const { schema } = LEAVES.get('optimizer.learningRate')!;

it.each(PRESETS)('preset $name begins with the rate that a race gives its method', ({ config }) => {
  const { rate } = usualRate(config.task, config.method.name);
  expect(config.optimizer.learningRate).toBe(rate);
});

it.each(METHOD_NAMES)('%s has a rate that the schema takes, with its source', (name) => {
  for (const task of ['facts', 'boxes', 'stain', 'hilo', 'maze', 'sums', 'file-0123456789abcdef']) {
    const { rate, source } = usualRate(task, name);
    expect(schema.safeParse(rate).success).toBe(true);
    expect(source).toMatch(/\.$/);
  }
});

it('says what was tuned and what was not', () => {
  expect(usualRate('boxes', 'grpo')).toEqual({
    rate: 3e-4,
    source: 'Tuned for GRPO on this task.',
  });
  expect(usualRate('sums', 'drift').source).toContain('not tuned on this task');
  expect(usualRate('facts', 'rloo')).toMatchObject({ rate: 2e-4 });
  expect(usualRate('facts', 'rloo').source).toContain('not tuned for this method');
});
