import { readFileSync } from 'node:fs';
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
  const tuned = 'Among the best of those tried for this method on this task.';
  expect(usualRate('boxes', 'grpo')).toEqual({ rate: 6e-4, source: tuned });
  expect(usualRate('facts', 'rest')).toEqual({ rate: 1e-3, source: tuned });
  expect(usualRate('facts', 'dpo')).toEqual({ rate: 3e-4, source: tuned });
  expect(usualRate('stain', 'dpo')).toMatchObject({ rate: 1e-4 });
  expect(usualRate('stain', 'dpo').source).toContain('not tuned here');
  expect(usualRate('maze', 'drift').source).toContain('not tuned on this task');
  expect(usualRate('stain', 'rloo')).toMatchObject({ rate: 4e-4 });
  expect(usualRate('stain', 'rloo').source).toContain('not tuned for this method');
});

/** What each method of an experiment was tuned to, where that was a rate alone. */
function tunedRates(task: string): [string, number][] {
  const lines = ['', '-others'].flatMap((part) =>
    readFileSync(`docs/results/${task}${part}.jsonl`, 'utf8').trimEnd().split('\n'),
  );
  return lines
    .map((line) => JSON.parse(line) as { stage: string; settings: Record<string, unknown> })
    .filter(({ stage }) => stage === 'report')
    .map(({ settings }) => [
      settings['method.name'] as string,
      settings['optimizer.learningRate'] as number,
    ]);
}

it.each(['facts', 'boxes'])('on %s is a rate that the evidence chose for the method', (task) => {
  const chosen = tunedRates(task);
  expect(new Set(chosen.map(([method]) => method)).size).toBeGreaterThan(14);
  for (const [name] of chosen) {
    const rates = chosen.filter(([method]) => method === name).map(([, rate]) => rate);
    expect(rates, name).toContain(usualRate(task, name).rate);
  }
});
