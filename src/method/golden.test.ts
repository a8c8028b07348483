/** The published reference functions' own outputs: golden/drift_weights.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discountedReturn, repeatPenalty, type RolloutRow } from './returns';
import { driftWeights, effectiveSampleSize, weighRows } from './weights';

interface GoldenCase {
  readonly id: string;
  readonly kind: 'weights' | 'discounted_return' | 'repeat_penalty' | 'dataset';
  readonly title: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

const PUBLISHED_LAMBDA = 0.5;
const GOLDEN = JSON.parse(
  readFileSync(new URL('../../golden/drift_weights.json', import.meta.url), 'utf8'),
) as { readonly count: number; readonly cases: readonly GoldenCase[] };

/** Our answer in the file's own field names. */
function answer({ kind, input }: GoldenCase): Record<string, unknown> {
  switch (kind) {
    case 'weights': {
      const weights = driftWeights(input.returns as number[], input.beta as number);
      return { weights: [...weights], ess: effectiveSampleSize(weights) };
    }
    case 'discounted_return':
      return { discounted_return: discountedReturn(input.turn_rewards, input.gamma as number) };
    case 'repeat_penalty':
      return { repeat_penalty: repeatPenalty(input.answer_norms, PUBLISHED_LAMBDA) };
    case 'dataset': {
      const rules = {
        gamma: input.gamma as number,
        beta: input.beta as number,
        lambda: PUBLISHED_LAMBDA,
      };
      const rows = weighRows(input.rows as RolloutRow[], rules).map((row) => ({
        discounted_return: row.discountedReturn,
        repeat_penalty: row.repeatPenalty,
        total_return: row.return,
        weight: row.weight,
      }));
      return { rows };
    }
    default:
      return kind satisfies never;
  }
}

/** Path of every number in which got and expected differ by more than 1e-12 + 1e-12·|expected|. */
function mismatches(got: unknown, expected: unknown, path = ''): string[] {
  if (typeof expected === 'number') {
    const isClose = Math.abs((got as number) - expected) <= 1e-12 + 1e-12 * Math.abs(expected);
    return isClose ? [] : [`${path}: got ${String(got)}, expected ${expected}`];
  }
  const wanted = Object.entries(expected as object);
  if (Object.keys(got as object).length !== wanted.length) return [`${path}: other fields`];
  return wanted.flatMap(([key, value]) =>
    mismatches((got as Record<string, unknown>)[key], value, `${path}/${key}`),
  );
}

describe('golden vectors', () => {
  it('are all there', () => expect(GOLDEN.cases).toHaveLength(GOLDEN.count));

  it.each(GOLDEN.cases)('$id: $title', (golden) => {
    if (golden.expected.error) expect(() => answer(golden)).toThrow();
    else expect(mismatches(answer(golden), golden.expected)).toEqual([]);
  });
});
