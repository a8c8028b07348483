import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Rates from '../../config/methodRates';
import type * as Schema from '../../config/runConfig';
import { followGuide } from '../../shared/testing/guide';
import type * as Loss from '../loss';
import { scoreEpisodes } from '../episodes';
import { games } from '../testing/games';
import type * as Registry from './registry';

const REGISTRY = 'src/method/coefficients/registry.ts';
const copy = followGuide('src/method/coefficients/bestOfK.ts', REGISTRY);
afterAll(() => rmSync(copy, { recursive: true }));

const { METHOD_NAMES } = (await import(join(copy, REGISTRY))) as typeof Registry;
const { RunConfig } = (await import(join(copy, 'src/config/runConfig.ts'))) as typeof Schema;
const { usualRate } = (await import(join(copy, 'src/config/methodRates.ts'))) as typeof Rates;
const { rowWeights, selectRows } = (await import(join(copy, 'src/method/loss.ts'))) as typeof Loss;

describe('the method of the guide', () => {
  const settings = { method: { name: 'best-of-k' } };

  it('is a setting like the others, and races at a rate of its kind', () => {
    expect(METHOD_NAMES).toContain('best-of-k');
    expect(RunConfig.parse(settings).method.name).toBe('best-of-k');
    expect(RunConfig.safeParse({ method: { name: 'worst-of-k' } }).success).toBe(false);
    expect(usualRate('boxes', 'best-of-k').rate).toBe(1e-3);
  });

  it('gives the best tries of each group all of its weight, and trains no others', () => {
    const config = RunConfig.parse(settings);
    const episodes = games([
      [2, 1, 0, 4],
      [3, 3, 0],
    ]);
    const weights = rowWeights(scoreEpisodes(episodes, config.drift), episodes, config);
    expect([...weights]).toEqual([0, 4, 0, 0, 1.5, 1.5, 0]);
    expect([...selectRows(weights, episodes, config)]).toEqual([1, 4, 5]);
  });
});
