import { expect } from 'vitest';

type Numbers = ArrayLike<unknown>;

const isNumbers = (a: unknown): a is Numbers => ArrayBuffer.isView(a) && !(a instanceof DataView);

/**
 * Typed arrays are equal if their elements are, by Object.is: what `toEqual` says by itself, but in
 * nanoseconds for each element instead of microseconds.
 */
function areSameNumbers(a: unknown, b: unknown): boolean | undefined {
  if (!isNumbers(a) || !isNumbers(b)) return undefined;
  if (a.constructor !== b.constructor || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

expect.addEqualityTesters([areSameNumbers]);
