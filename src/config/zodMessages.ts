/** What zod says of a value, in this program's words. */
import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const NOUNS: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);
const QUOTED_CHARACTERS = 40;

/** A rule without its subject, "must be a list, not text"; undefined leaves it to zod. */
export function plainMessage(issue: Issue): string | undefined {
  const { code, input } = issue;
  if (input === undefined) return 'missing';
  switch (code) {
    case 'invalid_type': {
      const noun = NOUNS.get(issue.expected);
      return noun && `must be ${noun}, not ${described(input)}`;
    }
    case 'too_big':
      return isNumber(issue.origin)
        ? `must be at most ${issue.maximum}, not ${described(input)}`
        : undefined;
    case 'too_small':
      return isNumber(issue.origin)
        ? `must be at least ${issue.minimum}, not ${described(input)}`
        : undefined;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}, not ${described(input)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, not ${described(input)}`;
    case 'unrecognized_keys':
      return `${JSON.stringify(issue.keys[0])} is not known here`;
    default:
      return undefined;
  }
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int';

function described(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  if (typeof input === 'string') return JSON.stringify(input.slice(0, QUOTED_CHARACTERS));
  return String(input);
}
