import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseEvidence, type EvidenceRow } from '../formats/evidenceRow';
import { interruptedAt, runDrift, type DriftOptions, type Ended } from './testing/drift';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 }); // about 8 s on an idle machine

const SETTINGS = {
  ...{ 'model.layers': 1, 'model.channels': 16, 'model.heads': 2, 'model.kvHeads': 2 },
  ...{ 'model.mlp': 32, 'reference.source': 'pretrain', 'reference.steps': 5 },
  ...{ 'reference.batch': 8, 'rollout.prompts': 4, 'rollout.trajectories': 4 },
  ...{ 'optimizer.batch': 4, 'eval.prompts': 8, 'eval.every': 0 },
};
const SFT = { name: 'SFT', set: { 'method.name': 'sft' } };
const DRIFT = {
  ...{ name: 'DRIFT', set: { 'method.name': 'drift' } },
  tune: [{ 'optimizer.learningRate': 1e-3 }, { 'optimizer.learningRate': 3e-4 }],
};

let folder: string;
const path = (...parts: string[]): string => join(folder, ...parts);
const run = (args: readonly string[], options: Partial<DriftOptions> = {}): Promise<Ended> =>
  runDrift(['results', '--in', '.', ...args], { cwd: folder, ...options });
const results = (...args: string[]): Promise<Ended> => run(args);
const rows = async (): Promise<EvidenceRow[]> =>
  parseEvidence(await readFile(path('docs/results/small.jsonl'), 'utf8'), 'small.jsonl');

/** Rows without what differs from run to run, in any order. */
const timeless = (all: readonly EvidenceRow[]): string[] =>
  all
    .map((row) => JSON.stringify({ ...row, outcome: { ...row.outcome, seconds: undefined } }))
    .sort();

/** Writes the only experiment of the folder. */
const experiment = (methods: readonly object[]): Promise<void> =>
  writeFile(
    path('experiments/small.json'),
    JSON.stringify({
      ...{ title: 'Small', about: 'A few runs.', preset: 'first-visit' },
      ...{ set: SETTINGS, seeds: [0], methods, full: {} },
    }),
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-results-'));
  for (const name of ['experiments', 'docs/results']) await mkdir(path(name), { recursive: true });
  await writeFile(path('experiments/index.json'), '["small"]');
});
afterAll(() => rm(folder, { recursive: true }));

it('makes rows with costs and a page, later only what is missing, and goes on after Ctrl-C', async () => {
  await experiment([SFT]);
  const first = await results('--out', 'first');
  expect(first, first.err).toMatchObject({ code: 0 });
  const before = await rows();
  expect(before.map(({ stage, method }) => [stage, method])).toEqual([['report', 'SFT']]);
  for (const { outcome } of before) {
    expect(outcome!.policy.success).toHaveLength(5);
    expect(outcome!.seconds!.train).toBeGreaterThan(0);
    expect(outcome!.seconds!.adapter).not.toBe('');
  }

  await experiment([DRIFT, SFT]);
  const second = await results('--out', 'second', '--missing');
  expect(second, second.err).toMatchObject({ code: 0 });
  expect(second.err).toMatch(/run 0 .*method\.name=drift/);
  expect(second.err).not.toMatch(/run \d+ .*method\.name=sft/);
  const after = await rows();
  expect(after.filter(({ method }) => method === 'SFT')).toEqual(before);
  expect(after.map(({ stage, method }) => `${stage} ${method}`).sort()).toEqual([
    ...['report DRIFT', 'report SFT', 'tune DRIFT', 'tune DRIFT'],
  ]);

  const page = await readFile(path('docs/results.md'), 'utf8');
  expect(page).toMatch(/^\| DRIFT \| lr 0\.\d+ \| 1 \|/m);
  expect(page).toMatch(/^\| SFT \| {2}\| 1 \|.*\| \d+ \|$/m);
  expect(page).not.toContain('runs of the report are done');

  const stopped = await results('--out', 'third', '--hours', '0'); // begins anew, and comes to nothing
  expect(stopped).toMatchObject({ code: 130 });
  expect(await rows()).toEqual(after);

  const again = ['--out', 'again', '--jobs', '1'];
  const cut = await run(again, { env: interruptedAt(/tuning, run 0 .* done/) });
  expect(cut, cut.err).toMatchObject({ code: 130 });
  expect(timeless(await rows())).toEqual(timeless(after)); // kept until they are made again
  const resumed = await results(...again);
  expect(resumed, resumed.err).toMatchObject({ code: 0 });
  expect(resumed.err).toMatch(/1 of 2 runs are done already/);
  expect(timeless(await rows())).toEqual(timeless(after));

  await writeFile(path('experiments/index.json'), '{}');
  const { code, err } = await results('--tables');
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringMatching(/index\.json:1: /) as string,
  });
});
