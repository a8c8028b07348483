import { PlaygroundError } from '../shared/errors';
import { repeatedKey } from './jsonLines';

/** Files by name, without folders; whoever calls reads and writes the disk. */
export type Folder = ReadonlyMap<string, Uint8Array>;

const MAX_JSON_BYTES = 2 ** 20;

/** A file that must be there. */
export function readFile(folder: Folder, name: string): Uint8Array {
  const bytes = folder.get(name);
  if (bytes) return bytes;
  throw new PlaygroundError('file-invalid', `The folder has no ${name}.`, { name });
}

/** A JSON file that must be there, at most 1 MB, without repeated keys. */
export function readJson(folder: Folder, name: string): unknown {
  const bytes = readFile(folder, name);
  if (bytes.length > MAX_JSON_BYTES) {
    throw new PlaygroundError('file-invalid', `${name} is larger than 1 MB.`, { name });
  }
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new PlaygroundError('file-invalid', `${name} is not JSON in UTF-8.`, { name }, { cause });
  }
  if (repeatedKey(text) !== undefined) {
    throw new PlaygroundError('file-invalid', `${name} holds a key twice in one object.`, { name });
  }
  return value;
}

/** Indented JSON, as people and other programs read it. */
export const toJsonBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
