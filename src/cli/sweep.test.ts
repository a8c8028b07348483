import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rng } from '../shared/rng';
import { interruptedAt, runDrift, type DriftOptions, type Ended } from './testing/drift';

const BUSY_MS = 600_000; // a run takes about 5 s on an idle machine, most of it compiling kernels
const KILLS = 10;
const STARTING_MS = 800; // a sweep has computed nothing by then
const LATER_MS = 300; // from a file that a run has left to the kill

const SWEEP = {
  set: {
    'rollout.prompts': 4,
    'rollout.trajectories': 4,
    'rollout.turns': 2,
    'eval.prompts': 8,
    'eval.every': 0,
    'optimizer.batch': 4,
    'optimizer.epochs': 4,
    'online.prompts': 2,
  },
  list: [{ 'method.name': 'drift' }, { 'method.name': 'grpo', 'optimizer.learningRate': 1e-3 }],
  grid: { seed: [0, 1] },
};
const RUNS = 4;

vi.setConfig({ testTimeout: BUSY_MS, hookTimeout: BUSY_MS });

let folder: string;
let whole: string;
let wholeProcesses: number;

const drift = (args: readonly string[], options: Partial<DriftOptions> = {}): Promise<Ended> =>
  runDrift(args, { cwd: folder, ...options });
const sweep = (out: string, ...more: string[]): Promise<Ended> =>
  drift(['sweep', 'sweep.json', '--out', out, ...more]);
const results = (out: string): Promise<string> =>
  readFile(join(folder, out, 'results.jsonl'), 'utf8');

/** Goes through the sweep and counts the processes that computed its runs. */
async function watched(
  out: string,
  ...more: string[]
): Promise<{ ended: Ended; processes: number }> {
  const owners = new Set<string>();
  const runs = join(folder, out, 'runs');
  const poll = setInterval(() => {
    for (let run = 0; run < RUNS; run++) {
      void readFile(join(runs, `000${run}.pid`), 'utf8').then(
        (owner) => owners.add(owner),
        () => {}, // not begun, or done
      );
    }
  }, 20);
  const ended = await sweep(out, ...more);
  clearInterval(poll);
  owners.delete(''); // seen while it was written
  return { ended, processes: owners.size };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-sweep-'));
  await writeFile(join(folder, 'sweep.json'), JSON.stringify(SWEEP));
  const { ended, processes } = await watched('whole', '--jobs', '2');
  if (ended.code !== 0) throw new Error(ended.err);
  whole = await results('whole');
  wholeProcesses = processes;
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
      { 'method.name': 'grpo', 'optimizer.learningRate': 1e-3, seed: 0 },
      { 'method.name': 'grpo', 'optimizer.learningRate': 1e-3, seed: 1 },
    ]);
    for (const { status, policy } of rows) {
      expect(status).toBe('finished');
      expect(policy.solved_at).toHaveLength(8);
      expect(policy.success.at(-1)).toBe(policy.solved_at.filter((t) => t > 0).length / 8);
    }
  });

  it('has a process for each run, or the same rows from one that goes on', async () => {
    expect(wholeProcesses).toBe(RUNS);
    const { ended, processes } = await watched('reused', '--reuse');
    expect({ code: ended.code, processes }).toEqual({ code: 0, processes: 1 });
    expect(await results('reused')).toBe(whole);
  });

  it('gives the same rows when it is split over processes that know nothing of each other', async () => {
    expect((await sweep('split', '--plan')).code).toBe(0);
    const parts = await Promise.all([
      sweep('split', '--only', '1-2', '--reuse'),
      sweep('split', '--only', '0,3'),
    ]);
    expect(parts.map((part) => part.code)).toEqual([0, 0]);
    expect(await results('split')).toBe(whole);
  });

  it('gives the same rows when its parts share no folder and are copied together', async () => {
    const parts = { east: '0,2', west: '1,3' };
    const ends = await Promise.all(
      Object.entries(parts).map(([out, runs]) => sweep(out, '--only', runs, '--reuse')),
    );
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    for (const { err } of ends) expect(err).toContain(`has 2 of ${RUNS} runs`);
    expect((await sweep('joined', '--plan')).code).toBe(0);
    for (const part of Object.keys(parts)) {
      for (const kind of ['rows', 'timings']) {
        await cp(join(folder, part, kind), join(folder, 'joined', kind), { recursive: true });
      }
    }
    const { err } = await sweep('joined');
    expect(err).toContain(`${RUNS} of ${RUNS} runs are done already`);
    expect(err).toContain(`has all ${RUNS} runs`);
    expect(await results('joined')).toBe(whole);

    const rows = join(folder, 'joined/rows');
    await writeFile(join(rows, '0003.json'), '{"run":3,'); // a copy that broke off
    await cp(join(rows, '0001.json'), join(rows, '0002.json')); // one that took the wrong name
    expect((await sweep('joined')).err).toContain(`${RUNS - 2} of ${RUNS} runs are done already`);
    expect(await results('joined')).toBe(whole);
  });

  it('interrupted between two runs stops, and neither fails', async () => {
    const stopped = await drift(['sweep', 'sweep.json', '--out', 'interrupted', '--reuse'], {
      env: interruptedAt(/run 0 .* done/),
    });
    expect(stopped, stopped.err).toMatchObject({ code: 130 });
    expect(stopped.err).toMatch(/Stopped with 1 of 4 runs done/);
    expect(stopped.err).not.toContain('failed');
    expect((await sweep('interrupted', '--jobs', '2')).code).toBe(0);
    expect(await results('interrupted')).toBe(whole);
  });

  /** Files of the sweep `killed` by which its runs have come on. */
  const milestones = (): string[] =>
    Array.from({ length: RUNS }, (_, i) => `000${i}`)
      .flatMap((run) => [
        `runs/${run}/rollouts.jsonl`,
        `runs/${run}/checkpoint`,
        `rows/${run}.json`,
      ])
      .filter((file) => existsSync(join(folder, 'killed', file)));

  const rowsKept = (): number => milestones().filter((file) => file.startsWith('rows')).length;

  /** Leaves the sweep something to do where it got through before a kill: tests may be kept waiting. */
  async function takeBack(): Promise<void> {
    if (rowsKept() < RUNS) return;
    for (const path of ['rows/0003.json', 'runs/0003']) {
      await rm(join(folder, 'killed', path), { recursive: true, force: true });
    }
  }

  /** Begins the sweep, and kills it some time after so many more milestones; false where it was through. */
  async function killed(more: number, afterMs: number): Promise<boolean> {
    const reached = milestones().length + more;
    let poll: NodeJS.Timeout | undefined;
    const command = drift(['sweep', 'sweep.json', '--out', 'killed', '--jobs', '2'], {
      onStart(child) {
        poll = setInterval(() => {
          if (milestones().length < reached) return;
          clearInterval(poll);
          setTimeout(() => child.kill('SIGKILL'), afterMs);
        }, 10);
      },
    });
    const end = await command.catch((cause: Error) => cause);
    clearInterval(poll);
    if (end instanceof Error) expect(end.message).toContain('SIGKILL');
    else expect(end, end.err).toMatchObject({ code: 0 });
    return end instanceof Error;
  }

  it(`gives the same rows when it is killed ${KILLS} times (seed 4) and begun again`, async () => {
    const random = rng(4);
    let kill = 0;
    for (let tries = 0; kill < KILLS && tries < 3 * KILLS; tries++) {
      await takeBack();
      // two of three while it starts; the last of 3 milestones a run are left to the end
      const isStarting = kill % 3 !== 1 || milestones().length > 3 * RUNS - 4;
      const more = isStarting ? 0 : 2 + random.int(2); // two runs without a row have four
      if (await killed(more, random.uniform() * (isStarting ? STARTING_MS : LATER_MS))) kill += 1;
    }
    expect(kill).toBe(KILLS);
    expect(rowsKept()).toBeGreaterThan(0); // not all came before the first row
    await takeBack();
    const finished = await sweep('killed');
    expect(finished, finished.err).toMatchObject({ code: 0 });
    expect(await results('killed')).toBe(whole);
  });

  it('computes nothing again and repairs a results.jsonl that is gone', async () => {
    await rm(join(folder, 'whole/results.jsonl'));
    const again = await sweep('whole');
    expect(again.code).toBe(0);
    expect(again.err).toContain(`${RUNS} of ${RUNS} runs are done already`);
    expect(await results('whole')).toBe(whole);
  });

  it('makes again what it cannot read of a run that has no row', async () => {
    await rm(join(folder, 'whole/rows/0001.json'));
    await writeFile(join(folder, 'whole/runs/0001/eval.json'), '{"prompts"');
    const again = await sweep('whole');
    expect(again, again.err).toMatchObject({ code: 0 });
    expect(await results('whole')).toBe(whole);
  });

  it('tells what a sweep found', async () => {
    const { code, out } = await drift(['report', 'whole']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\| method\.name \| optimizer\.learningRate \| seeds \|/);
    expect(out.match(/^\| (drift|grpo) \|/gm)).toHaveLength(2);
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
