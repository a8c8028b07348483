import { describe, expect, it } from 'vitest';
import { rng } from '../shared/rng';
import { encodeSafetensors, parseSafetensors, type SafeTensors } from './safetensors';

const TENSORS: SafeTensors = new Map([
  ['model.norm.weight', { shape: [3], data: new Float32Array([1, -0, 1e-45]) }],
  ['é', { shape: [2, 2], data: new Float32Array([NaN, Infinity, 3.4028234e38, -2.5]) }],
  ['empty', { shape: [0, 7], data: new Float32Array(0) }],
  ['scalar', { shape: [], data: new Float32Array([42]) }],
]);

/** A file from its header and the number (or content) of its data bytes. */
function file(header: unknown, data: number | readonly number[] = 0): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const tail = typeof data === 'number' ? new Uint8Array(data) : Uint8Array.from(data);
  const bytes = new Uint8Array(8 + json.length + tail.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(tail, 8 + json.length);
  return bytes;
}

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]): object => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const refused = (message = /^x\.safetensors is not a usable safetensors file: .+\.$/): Error =>
  expect.objectContaining({
    code: 'file-invalid',
    message: expect.stringMatching(message) as string,
  }) as Error;

describe('round trip', () => {
  it('keeps names, order, shapes, bits and metadata', () => {
    const bytes = encodeSafetensors(TENSORS, { format: 'pt', β: '0.1' });
    const { tensors, metadata } = parseSafetensors(bytes, 'x');
    expect([...tensors]).toEqual([...TENSORS]);
    expect(new Uint8Array(tensors.get('é')!.data.buffer)).toEqual(
      new Uint8Array(TENSORS.get('é')!.data.buffer),
    );
    expect([...metadata]).toEqual([
      ['format', 'pt'],
      ['β', '0.1'],
    ]);
    expect(encodeSafetensors(tensors, Object.fromEntries(metadata))).toEqual(bytes);
  });

  it('starts the data at a multiple of eight', () => {
    for (const name of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'abcdefgh']) {
      const bytes = encodeSafetensors(new Map([[name, TENSORS.get('scalar')!]]));
      expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
    }
  });

  it('takes any order of tensors in the header, and none at all', () => {
    const { tensors } = parseSafetensors(
      file({ b: f32(4, 8), a: f32(0, 4) }, [0, 0, 128, 63, 0, 0, 0, 64]),
      'x',
    );
    expect([...tensors].map(([name, { data }]) => [name, data[0]])).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
    expect(parseSafetensors(file('{}  '), 'x').tensors.size).toBe(0);
  });

  it('reads a view into a larger buffer', () => {
    const bytes = encodeSafetensors(TENSORS);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect([...parseSafetensors(larger.subarray(3), 'x').tensors]).toEqual([...TENSORS]);
  });

  it('widens F16 and BF16', () => {
    const half = [0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x7c00, 0x8000, 0x3555];
    const brain = [0x3f80, 0xc000, 0x7f80, 0x0001];
    const data = [...half, ...brain].flatMap((h) => [h & 0xff, h >> 8]);
    const { tensors } = parseSafetensors(
      file(
        {
          h: { dtype: 'F16', shape: [8], data_offsets: [0, 16] },
          b: { dtype: 'BF16', shape: [2, 2], data_offsets: [16, 24] },
        },
        data,
      ),
      'x',
    );
    expect([...tensors.get('h')!.data]).toEqual([
      ...[1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, Infinity, -0, 0.333251953125],
    ]);
    expect([...tensors.get('b')!.data]).toEqual([1, -2, Infinity, 2 ** -133]);
  });
});

const many = (n: number): object =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`t${i}`, f32(0, 0, [0])]));

const BAD: [title: string, bytes: Uint8Array, message?: RegExp][] = [
  ['nothing', new Uint8Array(0), /ends before the header/],
  ['seven bytes', new Uint8Array(7), /ends before the header/],
  ['a header of 0 bytes', new Uint8Array(8), /not JSON/],
  ['a header length of 2^64 − 1', new Uint8Array(16).fill(255), /18446744073709551615 bytes/],
  ['a header above 1 MB', file(`{}${' '.repeat(2 ** 20)}`), /more than 1048576/],
  ['a header longer than the file', file('{}').subarray(0, 9), /ends inside the header/],
  ['no JSON', file('{"a"'), /not JSON/],
  ['a list', file('[]'), /not an object/],
  ['null', file('null'), /not an object/],
  ['a number', file('1'), /not an object/],
  ['blanks before the object', file(' {}'), /not an object/],
  ['a byte order mark', file('\uFEFF{}'), /not JSON/],
  ['a NUL after the object', file('{}\0'), /not JSON/],
  ['two objects', file('{}{}'), /not JSON/],
  ['a header that is not UTF-8', file('{"?":1}').map((b) => (b === 0x3f ? 0xff : b)), /UTF-8/],
  ['a tensor named twice', file('{"a":1,"a":1}'), /holds "a" twice/],
  ['the same in escapes', file('{"a":1,"\\u0061":1}'), /holds "a" twice/],
  ['a field named twice', file('{"a":{"dtype":"F32","dtype":"F16"}}'), /holds "dtype" twice/],
  ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), /twice/],
  ['metadata that is a list', file('{"__metadata__":[]}'), /__metadata__ is not an object/],
  ['metadata with a number', file('{"__metadata__":{"a":1}}'), /metadata "a" is not text/],
  ['10,001 tensors', file(many(10_001)), /10001 tensors, more than 10000/],
  ['a name of 257 characters', file({ ['x'.repeat(257)]: f32(0, 4) }, 4), /more than 256/],
  ['a tensor that is null', file({ a: null }), /tensor "a" is not described by an object/],
  ['a tensor that is a list', file({ a: [] }), /not described by an object/],
  ['no dtype', file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /dtype missing/],
  ['an unknown dtype', file({ a: { ...f32(0, 4), dtype: 'I64' } }, 4), /dtype "I64"/],
  ['dtype toString', file({ a: { ...f32(0, 4), dtype: 'toString' } }, 4), /dtype "toString"/],
  ['dtype in small letters', file({ a: { ...f32(0, 4), dtype: 'f32' } }, 4), /dtype "f32"/],
  ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /shape missing/],
  ['a shape that is a number', file({ a: f32(0, 4, 1) }, 4), /shape 1/],
  ['a negative size', file({ a: f32(0, 4, [-1, -1]) }, 4), /shape \[-1,-1\]/],
  ['a broken size', file({ a: f32(0, 4, [0.5, 2]) }, 4), /shape \[0.5,2\]/],
  ['a size as text', file({ a: f32(0, 4, ['1']) }, 4), /shape \["1"\]/],
  ['nine dimensions', file({ a: f32(0, 4, Array(9).fill(1)) }, 4), /at most 8 sizes/],
  ['a product above 2^53', file({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, 4), /too large/],
  ['such a product times 0', file({ a: f32(0, 0, [2 ** 40, 2 ** 40, 0]) }), /too large/],
  ['a size of 1e400', file('{"a":{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}}', 4)],
  ['no offsets', file({ a: { dtype: 'F32', shape: [1] } }, 4), /data_offsets missing/],
  ['one offset', file({ a: { ...f32(0, 4), data_offsets: [0] } }, 4), /data_offsets \[0\]/],
  ['three offsets', file({ a: { ...f32(0, 4), data_offsets: [0, 4, 8] } }, 4), /not two/],
  ['negative offsets', file({ a: { ...f32(0, 4), data_offsets: [-4, 0] } }, 4), /\[-4,0\]/],
  ['offsets the wrong way', file({ a: { ...f32(0, 4), data_offsets: [4, 0] } }, 4), /has -4/],
  ['too few bytes for the shape', file({ a: f32(0, 4, [2]) }, 4), /needs 8 bytes, but has 4/],
  ['too many bytes for the shape', file({ a: f32(0, 8, [1]) }, 8), /needs 4 bytes, but has 8/],
  ['an unknown field', file({ a: { ...f32(0, 4), x: 1 } }, 4), /unknown field "x"/],
  ['data that starts late', file({ a: f32(4, 8) }, 8), /leaves a hole of 4 bytes/],
  ['a hole', file({ a: f32(0, 4), b: f32(8, 12) }, 12), /tensor "b" leaves a hole of 4/],
  ['an overlap', file({ a: f32(0, 8), b: f32(4, 12) }, 12), /tensor "b" overlaps/],
  ['two tensors in one place', file({ a: f32(0, 4), b: f32(0, 4) }, 4), /overlaps/],
  ['a tail', file({ a: f32(0, 4) }, 5), /1 bytes follow its last tensor/],
  ['a tail without tensors', file('{}', 1), /1 bytes follow/],
  ['missing data', file({ a: f32(0, 8) }, 4), /ends 4 bytes before its last tensor/],
  ['a __proto__ entry', file('{"__proto__":1}'), /tensor "__proto__" is not described/],
];

describe(`the ${BAD.length} bad files`, () => {
  it.each(BAD)('%s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'x.safetensors')).toThrow(refused());
    if (message) expect(() => parseSafetensors(bytes, 'x.safetensors')).toThrow(refused(message));
  });

  it('every truncation is refused', () => {
    const bytes = encodeSafetensors(TENSORS);
    for (let n = 0; n < bytes.length; n++) {
      expect(() => parseSafetensors(bytes.subarray(0, n), 'x.safetensors')).toThrow(refused());
    }
  });

  it('every flipped bit is refused or gives a tensor file of the same size', () => {
    const bytes = encodeSafetensors(TENSORS);
    let refusals = 0;
    for (let i = 0; i < bytes.length * 8; i++) {
      const flipped = bytes.slice();
      flipped[i >> 3]! ^= 1 << (i & 7);
      try {
        const { tensors } = parseSafetensors(flipped, 'x.safetensors');
        expect(tensors.size).toBeGreaterThanOrEqual(3);
        for (const { shape, data } of tensors.values()) {
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        }
      } catch (error) {
        expect(error).toEqual(refused());
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(bytes.length * 4);
  });

  it('2,000 random files are refused, seed 3', () => {
    const random = rng(3);
    for (let n = 0; n < 2000; n++) {
      const bytes = Uint8Array.from({ length: random.int(64) }, () => random.int(256));
      if (bytes.length > 1) bytes.fill(0, 1, 8); // a plausible header length
      expect(() => parseSafetensors(bytes, 'x.safetensors')).toThrow(refused());
    }
  });
});
