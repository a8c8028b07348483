import { expect, it } from 'vitest';
import { z } from 'zod';
import './runConfig'; // sets the messages up

it.each<[z.ZodType, unknown, string]>([
  [z.object({ a: z.array(z.int()) }), {}, 'missing'],
  [z.array(z.int()), 'abc', 'must be a list, not "abc"'],
  [z.string(), null, 'must be text, not null'],
  [z.string(), [], 'must be text, not a list'],
  [z.int(), 0.5, 'must be a whole number, not 0.5'],
  [z.int(), Infinity, 'must be a number, not Infinity'],
  [z.number().max(0), 1, 'must be at most 0, not 1'],
  [z.int().min(1), -2, 'must be at least 1, not -2'],
  [z.number().multipleOf(4), 30, 'must be a multiple of 4, not 30'],
  [z.enum(['a', 'b']), 'c', 'must be "a" or "b", not "c"'],
  [z.literal('llama'), 'gpt2', 'must be "llama", not "gpt2"'],
  [z.strictObject({}), { extra: 1 }, '"extra" is not known here'],
  [z.record(z.string(), z.unknown()), [], 'must be an object, not a list'],
])('%#: says plainly what must hold', (schema, value, message) => {
  expect(schema.safeParse(value).error!.issues[0]!.message).toBe(message);
});

it('leaves a rule that says its own words alone', () => {
  const schema = z.string().min(1, { error: 'must not be empty' });
  expect(schema.safeParse('').error!.issues[0]!.message).toBe('must not be empty');
});
