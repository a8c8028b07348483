import type { z } from 'zod';

/** Where a value first departs from its schema, as a dotted name, and how. */
export function firstIssue(error: z.ZodError): { where: string; what: string } {
  const issue = error.issues[0]!;
  return { where: issue.path.join('.') || 'the whole', what: issue.message };
}
