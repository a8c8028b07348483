import { PlaygroundError, type ErrorFacts } from './errors';

/** Throws a 'bug' unless `claim` holds: for what cannot happen. */
export function invariant(claim: boolean, message: string, facts: ErrorFacts = {}): asserts claim {
  if (!claim) throw new PlaygroundError('bug', message, facts);
}
