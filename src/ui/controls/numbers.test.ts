import { expect, it } from 'vitest';
import { compact, parseNumber } from './numbers';

it.each([
  ['3e-4', 3e-4],
  ['1,024', 1024],
  ['65,536.5', 65536.5],
  ['0,5', 0.5],
  ['0,125', 0.125],
  ['−2', -2],
  ['∞', Infinity],
  ['1,2,3', undefined],
  ['ten', undefined],
  [' ', undefined],
])('%s is read as %s', (text, value) => expect(parseNumber(text)).toBe(value));

it.each([
  [9999, '9,999'],
  [18_400, '18.4 k'],
  [999_499, '999 k'],
  [999_600, '1.00 M'],
  [999_600_000, '1.00 G'],
])('%d is shown as %s', (value, text) => expect(compact(value)).toBe(text));
