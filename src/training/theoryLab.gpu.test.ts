/** DRIFT's fixed points, reached by a model on real kernels: Mu et al. 2026 for finite K. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TheoryPoint } from '../data/results';
import { CHANCES } from '../data/tasks/doors';
import { testGpu } from '../kernels/testing/testGpu';
import { exactTarget, type ExactTarget } from '../method/theory';
import { TheoryLab } from './theoryLab';

const STEPS = 100;
const NEAR = 0.02; // of every prompt's success; sampled groups leave about .003
const SETTINGS = { beta: 0.5, K: 16, trained: 'all' } as const;

let lab: TheoryLab;
beforeAll(async () => {
  lab = await TheoryLab.open(await testGpu());
});
afterAll(() => lab.destroy());

/** Largest distance of the policy from a target, over prompts. */
const distance = (
  { reference, policy }: TheoryPoint,
  { beta, K }: { readonly beta: number; readonly K: number },
  which: keyof ExactTarget,
): number =>
  Math.max(...policy.map((q, i) => Math.abs(q - exactTarget(reference[i]!, beta, K)[which])));

it('starts from a reference that plays as the task says', async () => {
  const { reference, policy, step } = await lab.train({ ...SETTINGS, turns: 1 }, 0);
  expect(step).toBe(0);
  expect(policy).toEqual(reference);
  reference.forEach((p, i) => expect(Math.abs(p - CHANCES[i]!)).toBeLessThan(0.05));
});

it('reaches p_K in a single turn, goes on to that of another β and K, and not to p*', async () => {
  lab.reset();
  const first = await lab.train({ ...SETTINGS, turns: 1 }, STEPS);
  expect(distance(first, SETTINGS, 'successOfK')).toBeLessThan(NEAR);
  const other = { beta: 0.2, K: 4 };
  const second = await lab.train({ ...SETTINGS, ...other, turns: 1 }, STEPS);
  expect(distance(second, other, 'successOfK')).toBeLessThan(NEAR);
  expect(distance(second, other, 'success')).toBeGreaterThan(0.4);
});

it('reaches p_K in three turns, all of them trained by their summed loss', async () => {
  lab.reset();
  const point = await lab.train({ ...SETTINGS, turns: 3 }, STEPS);
  expect(distance(point, SETTINGS, 'successOfK')).toBeLessThan(NEAR);
});

it('runs to 1 in three turns where only the last is trained', async () => {
  lab.reset();
  const { policy } = await lab.train({ ...SETTINGS, turns: 3, trained: 'last' }, STEPS);
  expect(Math.min(...policy)).toBeGreaterThan(0.99);
});
