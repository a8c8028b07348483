import { expect, it } from 'vitest';
import { DEFAULT_RUN } from '../config/runConfig';
import { parseReferenceManifest } from './referenceManifest';

const ENTRY = {
  task: 'facts',
  file: 'facts-64x2-seed0.safetensors',
  model: DEFAULT_RUN.model,
  seed: 0,
  corpus: { steps: 1000, batch: 128, tokens: 2_000_000 },
  adapter: 'SwiftShader driver 5.0.0',
  firstTurnSuccess: { greedy: 0.368, sampled: 0.469 },
  sha256: '0'.repeat(64),
  bytes: 420_000,
};

it('reads what it should hold', () => {
  const manifest = { version: 1, entries: [ENTRY] };
  expect(parseReferenceManifest(JSON.stringify(manifest))).toEqual(manifest);
});

it.each<[Record<string, unknown>, RegExp]>([
  [{ file: '../secret.safetensors' }, /entries\.0\.file/],
  [{ file: 'https://elsewhere/x.safetensors' }, /entries\.0\.file/],
  [{ file: 'x.bin' }, /entries\.0\.file/],
  [{ task: 'chess' }, /entries\.0\.task/],
  [{ model: { ...DEFAULT_RUN.model, heads: 5 } }, /entries\.0\.model\.channels/],
  [{ firstTurnSuccess: { greedy: 1.1, sampled: 0 } }, /firstTurnSuccess\.greedy/],
  [{ sha256: 'X'.repeat(64) }, /sha256/],
  [{ bytes: 2 ** 40 }, /bytes/],
  [{ extra: 1 }, /entries\.0: "extra" is not known here/],
])('refuses an entry with %j', (change, message) => {
  const text = JSON.stringify({ version: 1, entries: [{ ...ENTRY, ...change }] });
  expect(() => parseReferenceManifest(text)).toThrow(message);
});

it.each(['', '[]', '{"version":2,"entries":[]}', '{"version":1}'])('refuses %j', (text) => {
  expect(() => parseReferenceManifest(text)).toThrow(/^The reference manifest .+\.$/);
});
