/** A JSON file that people write by hand: what is wrong with it is told with its line. */
import { findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import type { PlaygroundError } from '../shared/errors';
import { lineError, repeatedKey } from './jsonLines';

type Path = readonly (string | number)[];

/** The value of a JSON file, and a way to find fault with a part of it. */
export interface JsonFile {
  readonly value: unknown;
  /** A failure that names the file, the line of the part and the part. */
  readonly fault: (path: Path, what: string) => PlaygroundError;
}

/** @throws PlaygroundError 'file-invalid' naming file and line. */
export function parseJsonFile(text: string, file: string): JsonFile {
  const errors: ParseError[] = [];
  const content = text.replace(/^\uFEFF/, '');
  const tree = parseTree(content, errors, { allowTrailingComma: false, disallowComments: true });
  const lineAt = (offset: number): number => content.slice(0, offset).split('\n').length;
  const [error] = errors;
  if (error || !tree) {
    const what = error ? words(printParseErrorCode(error.error)) : 'value expected';
    throw lineError(file, lineAt(error?.offset ?? 0), undefined, `not JSON (${what})`);
  }
  const repeated = repeatedKey(content);
  if (repeated !== undefined) {
    const again = content.lastIndexOf(JSON.stringify(repeated));
    throw lineError(file, lineAt(again), repeated.slice(0, 40), 'given twice in one object');
  }
  const fault = (path: Path, what: string): PlaygroundError => {
    let known = path.length; // a missing part is told with the line of what it is missing from
    while (known > 0 && !findNodeAtLocation(tree, path.slice(0, known))) known--;
    const { offset } = findNodeAtLocation(tree, path.slice(0, known))!;
    return lineError(file, lineAt(offset), path.join('.') || undefined, what);
  };
  const value: unknown = JSON.parse(content, (key, part: unknown) => {
    if (key === '__proto__') throw fault([], `"${key}" is not known here`);
    return part;
  });
  return { value, fault };
}

/** "PropertyNameExpected" as "property name expected". */
const words = (code: string): string => code.replaceAll(/(?<=.)[A-Z]/g, ' $&').toLowerCase();

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export function readAs<T>(schema: z.ZodType<T>, { value, fault }: JsonFile): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code !== 'unrecognized_keys') throw fault(path, issue.message);
  throw fault([...path, issue.keys[0]!], 'is not known here');
}
