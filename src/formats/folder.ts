import { PlaygroundError } from '../shared/errors';
import { parseJsonFile, type JsonFile } from './jsonFile';

/** Files by name, without folders; whoever calls reads and writes the disk. */
export type Folder = ReadonlyMap<string, Uint8Array>;

const MAX_JSON_BYTES = 2 ** 20;

/** A file that must be there. */
export function readFile(folder: Folder, name: string): Uint8Array {
  const bytes = folder.get(name);
  if (bytes) return bytes;
  throw new PlaygroundError('file-invalid', `The folder has no ${name}.`, { name });
}

/** A JSON file that must be there, at most 1 MB. */
export function readJson(folder: Folder, name: string): JsonFile {
  const bytes = readFile(folder, name);
  if (bytes.length > MAX_JSON_BYTES) {
    throw new PlaygroundError('file-invalid', `${name} is larger than 1 MB.`, { name });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PlaygroundError('file-invalid', `${name} is not text in UTF-8.`, { name }, { cause });
  }
  return parseJsonFile(text, name);
}

/** Indented JSON, as people and other programs read it. */
export const toJsonBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
