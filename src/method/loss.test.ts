import { describe, expect, it } from 'vitest';
import type { MethodConfig } from '../config/methodConfig';
import { DEFAULT_RUN, type RunConfig } from '../config/runConfig';
import { rng } from '../shared/rng';
import { scoreEpisodes, type Episodes } from './episodes';
import { batchTotals, rowWeights, selectRows, rowDivisors } from './loss';
import { trainedCounts, trainedMask } from './mask';

type Rule = Pick<MethodConfig, 'sequence' | 'batchRule'>;

const RULES: readonly Rule[] = [
  { sequence: 'mean', batchRule: 'rows' },
  { sequence: 'mean', batchRule: 'weights' },
  { sequence: 'sum', batchRule: 'rows' },
  { sequence: 'sum', batchRule: 'weights' },
];

/** Three packed rows of 2 prompt tokens and 2-token answers with one feedback token between. */
const BATCH = {
  offsets: [0, 4, 14, 21],
  turnOf: [0, 0, 1, 1, 0, 0, 1, 1, 0, 2, 2, 0, 3, 3, 0, 0, 1, 1, 0, 2, 2],
  turns: [1, 3, 2],
  weights: [2.2, 0, 0.8],
};
const V = 5;

describe('trained tokens', () => {
  const ones = (which: MethodConfig['turns']): number[] =>
    [...trainedMask(BATCH, which)].flatMap((m, n) => (m ? [n] : []));

  it('are those of the last answer of each row', () => {
    expect(ones('last')).toEqual([2, 3, 12, 13, 19, 20]);
  });

  it('or those of every answer, never prompt or feedback', () => {
    expect(ones('all')).toEqual([2, 3, 6, 7, 9, 10, 12, 13, 16, 17, 19, 20]);
    expect([...trainedCounts(BATCH.offsets, trainedMask(BATCH, 'all'))]).toEqual([2, 6, 4]);
  });

  it('are none in a row without answers', () => {
    const row = { offsets: [0, 2], turnOf: [0, 0], turns: [0] };
    expect([...trainedMask(row, 'last')]).toEqual([0, 0]);
  });
});

/** A bigram model: logits θ[previous token, next token]. Loss of token n given token n−1, in nats. */
function tokenLoss(theta: ArrayLike<number>, tokens: ArrayLike<number>, n: number): number {
  let sum = 0;
  for (let v = 0; v < V; v++) sum += Math.exp(theta[tokens[n - 1]! * V + v]!);
  return Math.log(sum) - theta[tokens[n - 1]! * V + tokens[n]!]!;
}

/** The published loss as it is written: per-row mean or sum first, then the batch rule. */
function publishedLoss(theta: ArrayLike<number>, tokens: ArrayLike<number>, rule: Rule): number {
  const mask = trainedMask(BATCH, 'last');
  const rows = BATCH.weights.map((w, r) => {
    const own = [...mask.keys()].filter(
      (n) => n >= BATCH.offsets[r]! && n < BATCH.offsets[r + 1]! && mask[n] === 1,
    );
    const total = own.reduce((sum, n) => sum + tokenLoss(theta, tokens, n), 0);
    return { w, loss: rule.sequence === 'mean' ? total / Math.max(own.length, 1) : total };
  });
  const weighted = rows.reduce((sum, { w, loss }) => sum + w * loss, 0);
  const weightSum = rows.reduce((sum, { w }) => sum + w, 0);
  return weighted / (rule.batchRule === 'rows' ? rows.length : Math.max(weightSum, 1e-8));
}

/** dL/dθ of L = Σ c·CE over the given rows, with the totals of the whole step. */
function gradient(
  theta: ArrayLike<number>,
  tokens: ArrayLike<number>,
  rule: Rule,
  { weights = BATCH.weights, rows = [0, 1, 2] } = {},
): Float64Array {
  const mask = trainedMask(BATCH, 'last');
  const counts = trainedCounts(BATCH.offsets, mask);
  const divisors = rowDivisors(
    rows.map((r) => counts[r]!),
    batchTotals(weights, counts, 2),
    rule,
  );
  const dtheta = new Float64Array(V * V);
  rows.forEach((r, i) => {
    for (let n = BATCH.offsets[r]!; n < BATCH.offsets[r + 1]!; n++) {
      if (mask[n] === 0) continue;
      const at = tokens[n - 1]! * V;
      const nll = Array.from({ length: V }, (_, v) => tokenLoss(theta, [tokens[n - 1]!, v], 1));
      for (let v = 0; v < V; v++) {
        dtheta[at + v]! +=
          (weights[r]! / divisors[i]!) * (Math.exp(-nll[v]!) - Number(v === tokens[n]));
      }
    }
  });
  return dtheta;
}

describe.each(RULES)(
  'weighted loss, $sequence over tokens, batch rule $batchRule (seed 2)',
  (rule) => {
    const random = rng(2);
    const theta = Float64Array.from({ length: V * V }, random.normal);
    const tokens = Array.from(BATCH.turnOf, () => random.int(V));

    it('is the published formula: central differences agree', () => {
      const h = 1e-5;
      const analytic = gradient(theta, tokens, rule);
      theta.forEach((_, i) => {
        const [up, down] = [theta.slice(), theta.slice()];
        up[i]! += h;
        down[i]! -= h;
        const numeric =
          (publishedLoss(up, tokens, rule) - publishedLoss(down, tokens, rule)) / (2 * h);
        expect(Math.abs(analytic[i]! - numeric)).toBeLessThanOrEqual(
          1e-6 * Math.abs(numeric) + 1e-9,
        );
      });
    });

    it('scales with all weights, or not at all', () => {
      const once = gradient(theta, tokens, rule);
      const thrice = gradient(theta, tokens, rule, { weights: BATCH.weights.map((w) => 3 * w) });
      const factor = rule.batchRule === 'rows' ? 3 : 1;
      once.forEach((g, i) => expect(thrice[i]).toBeCloseTo(factor * g, 12));
    });

    it('does not depend on how a step is cut into micro-batches', () => {
      const whole = gradient(theta, tokens, rule);
      const parts = [[2], [0, 1]].map((rows) => gradient(theta, tokens, rule, { rows }));
      whole.forEach((g, i) => expect(parts[0]![i]! + parts[1]![i]!).toBeCloseTo(g, 12));
    });

    it('takes exactly nothing from rows of weight 0', () => {
      expect([...gradient(theta, tokens, rule, { rows: [1] })]).toEqual(Array(V * V).fill(0));
    });

    it('takes exactly nothing from labels outside the trained span', () => {
      const before = [6, 7, 9, 16]; // earlier answers, none of them just before a trained token
      const changed = tokens.map((token, n) => (before.includes(n) ? (token + 1) % V : token));
      expect(gradient(theta, changed, rule)).toEqual(gradient(theta, tokens, rule));
    });
  },
);

describe('selectRows', () => {
  // Groups: 0 mixed, 1 failed, 2 solved. Rows of group 0 lie apart.
  const episodes: Episodes = {
    promptOf: [0, 1, 1, 2, 0],
    turns: [1, 2, 2, 1, 2],
    solvedAt: [1, 0, 0, 1, 0],
    answers: [['5'], ['1', '2'], ['1', '1'], ['3'], ['4', '6']],
  };
  const scores = scoreEpisodes(episodes, DEFAULT_RUN.drift);
  const config = (method: Partial<MethodConfig>): RunConfig => ({
    ...DEFAULT_RUN,
    method: { ...DEFAULT_RUN.method, ...method },
  });
  const select = (method: Partial<MethodConfig>): number[] => [
    ...selectRows(rowWeights(scores, episodes, config(method)), episodes, config(method)),
  ];

  it('keeps every row of DRIFT and SFT by default', () => {
    expect(select({})).toEqual([0, 1, 2, 3, 4]);
    expect(select({ name: 'sft' })).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps the solved rows of RFT', () => expect(select({ name: 'rft' })).toEqual([0, 3]));

  it('drops groups that nobody solved', () => {
    expect(select({ dropFailedGroups: true })).toEqual([0, 3, 4]);
    expect(select({ name: 'sft', dropFailedGroups: true })).toEqual([0, 3, 4]);
  });

  it('drops weights below the bound and keeps one that equals it', () => {
    expect(scores.weights[4]).toBeLessThan(0.1);
    expect(select({ pruneBelow: 0.1 })).not.toContain(4);
    expect(select({ name: 'sft', pruneBelow: 1 })).toEqual([0, 1, 2, 3, 4]);
  });
});
