import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rng } from '../shared/rng';
import { runDrift, type DriftOptions, type Ended } from './testing/drift';

const BUSY_MS = 600_000; // a run takes about 5 s on an idle machine, most of it compiling kernels
const KILLS = 4;
const KILL_WITHIN_MS = 8000; // longer than starting takes, so that some hit each stage

const SWEEP = {
  set: {
    'rollout.prompts': 4,
    'rollout.trajectories': 4,
    'rollout.turns': 2,
    'eval.prompts': 8,
    'eval.every': 0,
    'optimizer.batch': 4,
    'optimizer.epochs': 4,
  },
  list: [{ 'method.name': 'drift' }, { 'method.name': 'rft', 'optimizer.learningRate': 1e-3 }],
  grid: { seed: [0, 1] },
};
const RUNS = 4;

vi.setConfig({ testTimeout: BUSY_MS, hookTimeout: BUSY_MS });

let folder: string;
let whole: string;

const drift = (args: readonly string[], options: Partial<DriftOptions> = {}): Promise<Ended> =>
  runDrift(args, { cwd: folder, ...options });
const sweep = (out: string, ...more: string[]): Promise<Ended> =>
  drift(['sweep', 'sweep.json', '--out', out, ...more]);
const results = (out: string): Promise<string> =>
  readFile(join(folder, out, 'results.jsonl'), 'utf8');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-sweep-'));
  await writeFile(join(folder, 'sweep.json'), JSON.stringify(SWEEP));
  const ended = await sweep('whole', '--jobs', '2');
  if (ended.code !== 0) throw new Error(ended.err);
  whole = await results('whole');
});
afterAll(() => rm(folder, { recursive: true }));

describe('drift sweep', () => {
  it('writes one row for each run, in order', () => {
    const rows = whole
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(rows.map((row) => row.settings)).toEqual([
      { 'method.name': 'drift', seed: 0 },
      { 'method.name': 'drift', seed: 1 },
      { 'method.name': 'rft', 'optimizer.learningRate': 1e-3, seed: 0 },
      { 'method.name': 'rft', 'optimizer.learningRate': 1e-3, seed: 1 },
    ]);
    for (const { status, policy } of rows) {
      expect(status).toBe('finished');
      expect(policy.solved_at).toHaveLength(8);
      expect(policy.success.at(-1)).toBe(policy.solved_at.filter((t) => t > 0).length / 8);
    }
  });

  it('gives the same rows when it is split over processes that know nothing of each other', async () => {
    expect((await sweep('split', '--plan')).code).toBe(0);
    const parts = await Promise.all([
      sweep('split', '--only', '1-2'),
      sweep('split', '--only', '0,3'),
    ]);
    expect(parts.map((part) => part.code)).toEqual([0, 0]);
    expect(await results('split')).toBe(whole);
  });

  it(`gives the same rows when it is killed ${KILLS} times (seed 4) and begun again`, async () => {
    const random = rng(4);
    let kills = 0;
    for (; kills < KILLS; kills++) {
      const delay = random.uniform() * KILL_WITHIN_MS;
      let timer: NodeJS.Timeout | undefined;
      const ended = await drift(['sweep', 'sweep.json', '--out', 'killed', '--jobs', '2'], {
        onStart: (child) => (timer = setTimeout(() => child.kill('SIGKILL'), delay)),
      }).catch(() => undefined);
      clearTimeout(timer);
      if (ended) break; // it was faster than the rest of the kills
    }
    const finished = await sweep('killed');
    expect(finished, finished.err).toMatchObject({ code: 0 });
    expect(kills).toBeGreaterThan(KILLS / 2);
    expect(await results('killed')).toBe(whole);
  });

  it('computes nothing again and repairs a results.jsonl that is gone', async () => {
    await rm(join(folder, 'whole/results.jsonl'));
    const again = await sweep('whole');
    expect(again.code).toBe(0);
    expect(again.err).toContain(`${RUNS} of ${RUNS} runs are done already`);
    expect(await results('whole')).toBe(whole);
  });

  it('tells what a sweep found', async () => {
    const { code, out } = await drift(['report', 'whole']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\| method\.name \| optimizer\.learningRate \| seeds \|/);
    expect(out.match(/^\| (drift|rft) \|/gm)).toHaveLength(2);
    expect(await readFile(join(folder, 'whole/report.md'), 'utf8')).toContain(out);
    expect(await readFile(join(folder, 'whole/report.svg'), 'utf8')).toMatch(
      /^<svg [^]*<\/svg>\n$/,
    );
  });

  it('goes on after a run that fails, keeps one whose loss is no number, and says so', async () => {
    const wild = {
      'optimizer.learningRate': 0.1,
      'optimizer.warmup': 0,
      'optimizer.clip': 1000,
      'optimizer.beta2': 0,
      'optimizer.epsilon': 1e-12,
      'optimizer.epochs': 32,
    };
    const { 'optimizer.epochs': _, ...base } = SWEEP.set;
    const list = [{ 'model.layers': 3 }, wild]; // no ready-made reference has three layers
    await writeFile(join(folder, 'wild.json'), JSON.stringify({ set: base, list }));
    const { code, err } = await drift(['sweep', 'wild.json', '--out', 'wild']);
    expect(code).toBe(1);
    expect(err).toMatch(/1 of 2 runs failed, and the same command tries them again; run 0: /);
    const rows = (await results('wild')).trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as Row)).toMatchObject([
      { run: 1, status: 'diverged', settings: wild },
    ]);
  });

  it.each([
    [
      'a bad file',
      '{"grid": {\n"seed": [-1]}}',
      [],
      /^drift: bad\.json:2: field grid\.seed\.0: must be/,
    ],
    [
      'the folder of another sweep',
      '{"grid": {"seed": [7]}}',
      [],
      /whole holds another sweep of more/,
    ],
    [
      'no such run',
      '{"grid": {"seed": [7]}}',
      ['--only', '1'],
      /--only takes whole numbers from 0 to 0/,
    ],
    [
      'no jobs',
      '{"grid": {"seed": [7]}}',
      ['--jobs', '0'],
      /--jobs takes whole numbers from 1 to 64/,
    ],
  ])('refuses %s with exit code 2 and one sentence', async (_, text, more, sentence) => {
    await writeFile(join(folder, 'bad.json'), text);
    const { code, out, err } = await drift(['sweep', 'bad.json', '--out', 'whole', ...more]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^[^\n]*\.\n$/);
    expect(err).toMatch(sentence);
    expect(await results('whole')).toBe(whole);
  });
});

interface Row {
  readonly status: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly policy: { readonly success: number[]; readonly solved_at: number[] };
}
