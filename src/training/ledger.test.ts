import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Ledger } from './ledger';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('counts the time in which both stages are at work, and no other', () => {
  const ledger = new Ledger();
  const pass = (seconds: number): void => void vi.advanceTimersByTime(1000 * seconds);
  const leavePlaying = ledger.enter();
  pass(5);
  const leaveTraining = ledger.enter();
  pass(2);
  leaveTraining();
  pass(4);
  const leaveAgain = ledger.enter();
  pass(1);
  leavePlaying();
  pass(8);
  leaveAgain();
  expect(ledger.costs.overlapSeconds).toBeCloseTo(3, 9);
  ledger.forgetTraining();
  expect(ledger.costs.overlapSeconds).toBe(0);
});
