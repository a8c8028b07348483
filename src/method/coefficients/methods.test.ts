/** What must hold between the methods, on row weights; src/training/limits.gpu.test.ts has it on kernels. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAVES } from '../../config/leaves';
import { RunConfig } from '../../config/runConfig';
import { scoreEpisodes } from '../episodes';
import { mean } from '../mean';
import { games, oneTurnGames, weightsOf, withMethod } from '../testing/games';
import { driftWeights } from '../weights';
import { advantageWeights } from './awr';
import { formulaOf } from './methods';
import { METHOD_NAMES, METHODS } from './registry';

const OUTCOMES = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 16 }), {
  minLength: 1,
  maxLength: 6,
});
/** Groups of first correct turns, 0 for never. */
const TURNS = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 5,
});

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, digits = 9): void {
  expect(got).toHaveLength(want.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(want[i]!, digits);
}

describe('methods', () => {
  it('are taken by the schema, and name settings that exist', () => {
    for (const [name, method] of METHODS) {
      expect(RunConfig.parse({ method: { name } }).method.name).toBe(name);
      for (const setting of method.settings) expect(LEAVES.has(setting), setting).toBe(true);
    }
  });

  it.each<[string, Parameters<typeof withMethod>[1], string[], string[]]>([
    ['drift', {}, ['exp(R/β)'], ['0 for', '0 where']],
    ['drift', { method: { dropFailedGroups: true } }, ['0 for prompts that no'], ['0 where']],
    ['rwr', { method: { pruneBelow: 0.1 } }, ['0 where w < 0.1'], ['0 for']],
    ['sft', { method: { rows: 'all', pruneBelow: 0.1 } }, ['w = 1'], ['solved', '0 where']],
    ['sft', { method: { rows: 'first' } }, ['first turn'], []],
    ['dft', { method: { rows: 'solved' } }, ['if solved'], ['first']],
    ['rest', { method: { threshold: 0.5, thresholdRise: 0 } }, ['R > 0.5,'], ['epoch']],
    ['rest', { method: { threshold: 0, thresholdRise: 0.2 } }, ['R > 0 + 0.2·(epoch − 1)'], []],
    ['awr', { method: { weightCap: 7 } }, ['7)'], []],
    ['iw-sft', { method: { ratioCap: 3 } }, ['3)'], []],
    ['iterated-drift', { online: { refreshEvery: 3 } }, ['every 3 steps'], []],
    ['grpo', { online: { normalizer: 'rows' } }, ['std', 'tries'], ['π_ref']],
    ['grpo', { online: { normalizer: 'tokens', clipHigh: 0.28 } }, ['all tokens', 'ρ > 1.28'], []],
    ['grpo', { online: { kl: 0.05 } }, ['0.05·(π_ref/π_θ − 1)'], []],
    ['grpo', { online: { normalizer: 'longest' } }, ['most a try can have'], ['std']],
    ['rloo', { online: { kl: 0.1 } }, ['other tries', '0.1·(log π_old − log π_ref)'], []],
    ['rloo', { online: { clipLow: 0.3 } }, ['ρ < 0.7'], ['π_ref']],
    ['reinforce++', { online: { baseline: 'group' } }, ['of the group', 'round'], ['π_ref']],
    ['reinforce++', { online: { kl: 0.1 } }, ['of the round', 'π_ref'], ['of the group']],
  ])('%s with %o has a formula of its own', (name, settings, has, lacks) => {
    const formula = formulaOf(withMethod(name, settings));
    for (const part of has) expect(formula).toContain(part);
    for (const part of lacks) expect(formula).not.toContain(part);
  });

  it.each(METHOD_NAMES)('%s: a setting that it does not name changes no weight', (name) => {
    const episodes = games([
      [1, 3, 0, 0],
      [0, 0],
      [2, 5, 5],
    ]);
    const base = { threshold: 0.3 };
    const before = weightsOf(episodes, withMethod(name, { method: base }));
    const others = {
      'drift.beta': withMethod(name, { method: base, drift: { beta: 0.7 } }),
      'drift.gamma': withMethod(name, { method: base, drift: { gamma: 0 } }),
      'method.rows': withMethod(name, { method: { ...base, rows: 'first' } }),
      'method.threshold': withMethod(name, { method: { threshold: 0.7 } }),
      'method.weightCap': withMethod(name, { method: { ...base, weightCap: 1 } }),
    };
    for (const [setting, config] of Object.entries(others)) {
      const isUsed = METHODS.get(name)!.settings.includes(setting);
      const isSame = weightsOf(episodes, config).every((w, i) => w === before[i]);
      expect({ setting, isSame }).toEqual({ setting, isSame: !isUsed });
    }
  });
});

describe('limits', () => {
  it('DRIFT is SFT for β → ∞; on 0/1 returns and β → 0 it is RFT·K/m, plus 1 on failed groups', () => {
    fc.assert(
      fc.property(OUTCOMES, (groups) => {
        const episodes = oneTurnGames(groups);
        const drift = (beta: number): Float64Array =>
          weightsOf(episodes, withMethod('drift', { drift: { beta } }));
        const rft = weightsOf(episodes, withMethod('rft'));
        expectClose(drift(1e9), weightsOf(episodes, withMethod('sft')), 8);
        drift(1e-3).forEach((w, i) => {
          const group = groups[episodes.promptOf[i]!]!;
          const m = group.filter(Boolean).length;
          expect(w).toBeCloseTo(m === 0 ? 1 : (rft[i]! * group.length) / m, 8);
        });
      }),
    );
  });

  it('DRIFT for β → 0 is best of K, with weight K, where one try is the best', () => {
    const episodes = games([
      [3, 1, 4, 0],
      [5, 0, 0, 2],
    ]);
    const config = withMethod('drift', { drift: { beta: 1e-3, gamma: 0.9 } });
    expectClose(weightsOf(episodes, config), [0, 4, 0, 0, 0, 0, 0, 4]);
  });

  it('RWR is DRIFT with one group for the whole batch', () => {
    fc.assert(
      fc.property(TURNS, (groups) => {
        const together = games([groups.flat()]);
        const drift = weightsOf(together, withMethod('drift'));
        expectClose(weightsOf(games(groups), withMethod('rwr')), drift);
      }),
    );
  });

  it('AWR with V = β log Ẑ and no cap is DRIFT', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (R) => {
        const beta = 0.3;
        const value = beta * Math.log(mean(R.map((r) => Math.exp(r / beta))));
        expectClose(advantageWeights(R, value, beta, Infinity), driftWeights(R, beta));
      }),
    );
  });

  it('AWR is cut off at its cap', () => {
    const config = withMethod('awr', { drift: { beta: 0.01 }, method: { weightCap: 3 } });
    const [solved, failed] = weightsOf(oneTurnGames([[true, false]]), config);
    expect(solved).toBe(3);
    expect(failed).toBeCloseTo(Math.exp(-50), 30);
  });

  it('w − 1 of DRIFT is (R − mean R)/β for β far above the spread', () => {
    fc.assert(
      fc.property(TURNS, (groups) => {
        const episodes = games(groups);
        const config = withMethod('drift', { drift: { beta: 100 } });
        const { returns } = scoreEpisodes(episodes, config.drift);
        weightsOf(episodes, config).forEach((w, i) => {
          const own = Array.from(returns).filter(
            (_, j) => episodes.promptOf[j] === episodes.promptOf[i],
          );
          expect(w - 1).toBeCloseTo((returns[i]! - mean(own)) / 100, 3);
        });
      }),
    );
  });

  it('ReST below the worst return is SFT, from 0 on RFT, and rises from epoch to epoch', () => {
    const episodes = games([
      [1, 2, 4, 0],
      [5, 0],
    ]);
    const rest = (threshold: number, epoch: number): number[] => [
      ...weightsOf(episodes, withMethod('rest', { method: { threshold } }), epoch),
    ];
    expect(rest(-1, 1)).toEqual([...weightsOf(episodes, withMethod('sft'))]);
    expect(rest(0, 1)).toEqual([...weightsOf(episodes, withMethod('rft'))]);
    expect(rest(0.6, 2)).toEqual([1, 1, 0, 0, 0, 0]); // above 0.8: solved at turns 1 and 2
  });

  it('SFT takes all tries, the solved ones, or those solved at once', () => {
    const episodes = games([[1, 2, 0]]);
    const sft = (rows: 'all' | 'solved' | 'first'): number[] => [
      ...weightsOf(episodes, withMethod('sft', { method: { rows } })),
    ];
    expect([sft('all'), sft('solved'), sft('first')]).toEqual([
      [1, 1, 1],
      [1, 1, 0],
      [1, 0, 0],
    ]);
  });
});
