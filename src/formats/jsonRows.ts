/** JSON lines that all have one schema. */
import type { z } from 'zod';
import { firstIssue } from './firstIssue';
import { lineError, parseJsonLines } from './jsonLines';

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export const parseJsonRows = <T>(schema: z.ZodType<T>, text: string, file: string): T[] =>
  parseJsonLines(text, file).map(({ line, value }) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { where, what } = firstIssue(parsed.error);
    throw lineError(file, line, where, what);
  });
