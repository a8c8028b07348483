/** JSON as strangers send it: judged line by line, with repeated keys refused. */
import { PlaygroundError } from '../shared/errors';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One line of a JSON lines file. */
export interface JsonLine {
  readonly line: number; // 1-based
  readonly value: JsonObject;
}

/** A failure that names file, line and, where there is one, field: `FILE:12: field t_star: …`. */
export function lineError(
  file: string,
  line: number,
  field: string | undefined,
  what: string,
): PlaygroundError {
  const where = field === undefined ? '' : `field ${field}: `;
  const plain = `${where}${what}`.replace(/\p{C}/gu, '\uFFFD'); // it may quote the stranger's text
  return new PlaygroundError('file-invalid', `${file}:${line}: ${plain}.`, {
    file,
    line,
    ...(field === undefined ? {} : { field }),
  });
}

/**
 * Reads JSON lines, each an object; blank lines are skipped.
 *
 * @throws PlaygroundError 'file-invalid' naming file and line.
 */
export function parseJsonLines(text: string, file: string): JsonLine[] {
  const lines: JsonLine[] = [];
  let line = 0;
  for (let start = 0; start <= text.length;) {
    const end = text.indexOf('\n', start);
    const raw = text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length + 1 : end + 1;
    line++;
    const content = line === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (content.trim() !== '') lines.push({ line, value: parseLine(content, file, line) });
  }
  if (lines.length === 0) {
    throw new PlaygroundError(
      'file-invalid',
      `${file} is empty; it needs one JSON object a line.`,
      {
        file,
      },
    );
  }
  return lines;
}

function parseLine(content: string, file: string, line: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw lineError(file, line, undefined, `not a line of JSON (${(cause as Error).message})`);
  }
  if (!isJsonObject(value)) throw lineError(file, line, undefined, 'not a JSON object');
  const repeated = repeatedKey(content);
  if (repeated !== undefined) {
    throw lineError(file, line, repeated.slice(0, 40), 'given twice in one object');
  }
  return value;
}

/** Whether a JSON value is an object and not a list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first key that an object of this valid JSON text holds twice, or undefined. */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // keys of each open object; undefined for a list
  let isKeyNext = false;
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === '"') {
      const end = endOfString(json, i);
      const keys = open.at(-1);
      if (keys && isKeyNext) {
        const key = JSON.parse(json.slice(i, end + 1)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
        isKeyNext = false;
      }
      i = end;
    } else if (c === '{') {
      open.push(new Set());
      isKeyNext = true;
    } else if (c === '[') open.push(undefined);
    else if (c === '}' || c === ']') open.pop();
    else if (c === ',') isKeyNext = true;
  }
  return undefined;
}

/** Index of the quote that closes the string opened at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}
