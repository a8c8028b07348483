/**
 * Safetensors: u64 header length, JSON header, tensors end to end, all little-endian.
 *
 * Source: github.com/huggingface/safetensors, "Format". Differs: the reader takes F32, F16 and BF16
 * only and widens to F32; smaller caps; unknown fields and padding between tensors are refused.
 */
import { PlaygroundError } from '../shared/errors';
import { isJsonObject, repeatedKey, type JsonObject } from './jsonLines';

const MAX_HEADER_BYTES = 2 ** 20;
const MAX_TENSORS = 10_000;
const MAX_NAME_CHARACTERS = 256;
const MAX_DIMENSIONS = 8;
const LENGTH_BYTES = 8;
const ALIGNMENT = 8; // of the first tensor, so that readers may map it

export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>; // row-major
}

export type SafeTensors = ReadonlyMap<string, SafeTensor>;

export interface SafetensorsFile {
  readonly tensors: SafeTensors; // in file order of the header
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of a safetensors file, tensors in the given order as F32. */
export function encodeSafetensors(
  tensors: SafeTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [['__metadata__', metadata]];
  let bytes = 0;
  for (const [name, { shape, data }] of tensors) {
    header.push([name, { dtype: 'F32', shape, data_offsets: [bytes, (bytes += data.byteLength)] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const dataStart = Math.ceil((LENGTH_BYTES + json.length) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(dataStart + bytes).fill(0x20, 0, dataStart); // padded with blanks
  new DataView(file.buffer).setBigUint64(0, BigInt(dataStart - LENGTH_BYTES), true);
  file.set(json, LENGTH_BYTES);
  let at = dataStart;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads a safetensors file; every tensor is a copy.
 *
 * @throws PlaygroundError 'file-invalid' naming the file, the tensor and what is wrong.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const refuse = refusal(file);
  const { header, dataStart } = readHeader(bytes, refuse);
  const { __metadata__: metadata, ...entries } = header;
  const names = Object.keys(entries);
  if (names.length > MAX_TENSORS) {
    throw refuse(`it has ${names.length} tensors, more than ${MAX_TENSORS}`);
  }
  const parsed = names.map((name) => readEntry(name, entries[name], refuse));
  checkContiguous(parsed, bytes.length - dataStart, refuse);
  const tensors = parsed.map(({ name, shape, dtype, begin, end }): [string, SafeTensor] => [
    name,
    { shape, data: WIDEN[dtype](bytes.slice(dataStart + begin, dataStart + end)) },
  ]);
  return { tensors: new Map(tensors), metadata: readMetadata(metadata, refuse) };
}

type Refuse = (what: string) => PlaygroundError;

const refusal =
  (file: string): Refuse =>
  (what) =>
    new PlaygroundError('file-invalid', `${file} is not a usable safetensors file: ${what}.`, {
      file,
    });

function readHeader(bytes: Uint8Array, refuse: Refuse): { header: JsonObject; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) throw refuse('it ends before the header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw refuse(`its header says ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.length) throw refuse('it ends inside the header');
  let text: string;
  let header: unknown;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    text = decoder.decode(bytes.slice(LENGTH_BYTES, dataStart));
    header = JSON.parse(text);
  } catch {
    throw refuse('its header is not JSON in UTF-8');
  }
  if (!text.startsWith('{') || !isJsonObject(header)) throw refuse('its header is not an object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw refuse(`its header holds ${shown(repeated)} twice`);
  return { header, dataStart };
}

function readMetadata(metadata: unknown, refuse: Refuse): ReadonlyMap<string, string> {
  if (metadata === undefined) return new Map();
  if (!isJsonObject(metadata)) throw refuse('its __metadata__ is not an object');
  return new Map(
    Object.entries(metadata).map(([key, value]) => {
      if (typeof value !== 'string') throw refuse(`its metadata ${shown(key)} is not text`);
      return [key, value];
    }),
  );
}

const BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
type Dtype = keyof typeof BYTES;

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number; // bytes after the header
  readonly end: number;
}

function readEntry(name: string, value: unknown, refuse: Refuse): Entry {
  const wrong = (what: string): PlaygroundError => refuse(`tensor ${shown(name)} ${what}`);
  if (name.length > MAX_NAME_CHARACTERS) {
    throw wrong(`has a name of more than ${MAX_NAME_CHARACTERS} characters`);
  }
  if (!isJsonObject(value)) throw wrong('is not described by an object');
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const [surplus] = Object.keys(rest);
  if (surplus !== undefined) throw wrong(`has an unknown field ${shown(surplus)}`);
  if (!isDtype(dtype)) throw wrong(`has dtype ${shown(dtype)}; F32, F16 and BF16 can be read`);
  if (!isSizes(shape) || shape.length > MAX_DIMENSIONS) {
    throw wrong(`has shape ${shown(shape)}, not a list of at most ${MAX_DIMENSIONS} sizes`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw wrong(`has data_offsets ${shown(offsets)}, not two byte offsets`);
  }
  const [begin = 0, end = 0] = offsets;
  const size = shape.reduce((product, n) => product * n, BYTES[dtype]);
  const largest = shape.reduce((product, n) => product * Math.max(n, 1), BYTES[dtype]);
  if (!Number.isSafeInteger(largest)) throw wrong(`has shape [${shape}], which is too large`);
  if (end - begin !== size) {
    throw wrong(`of shape [${shape}] needs ${size} bytes, but has ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

const isDtype = (value: unknown): value is Dtype =>
  typeof value === 'string' && Object.hasOwn(BYTES, value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

/** Tensors must fill the data from its first byte to its last, one after the other. */
function checkContiguous(entries: readonly Entry[], dataBytes: number, refuse: Refuse): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin < at) throw refuse(`tensor ${shown(name)} overlaps the one before it`);
    if (begin > at) throw refuse(`tensor ${shown(name)} leaves a hole of ${begin - at} bytes`);
    at = end;
  }
  if (at > dataBytes) throw refuse(`it ends ${at - dataBytes} bytes before its last tensor does`);
  if (at < dataBytes) throw refuse(`${dataBytes - at} bytes follow its last tensor`);
}

const WIDEN: Readonly<
  Record<Dtype, (bytes: Uint8Array<ArrayBuffer>) => Float32Array<ArrayBuffer>>
> = {
  F32: (bytes) => new Float32Array(bytes.buffer),
  F16: (bytes) => Float32Array.from(new Uint16Array(bytes.buffer), halfToNumber),
  // bfloat16 is the upper half of a float32
  BF16: ({ buffer }) =>
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (h) => h << 16).buffer),
};

/** Value of an IEEE binary16. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A stranger's value for a message: short, on one line. */
function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? 'missing').replace(/\p{C}/gu, '\uFFFD');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
