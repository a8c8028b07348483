import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import golden from '../../golden/drift_weights.json';

const DRIFT = join(import.meta.dirname, '../../scripts/drift.mjs');
const RULES = ['--gamma', '0.9', '--beta', '0.1'];
const MAX_NODE_STARTS = 12; // a bare Node starts in 0.05 s, the command in 0.17 s

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-weigh-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the real command in the temporary folder. */
const drift = (args: readonly string[], input = '', command = DRIFT): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(command, args, { cwd: folder }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
    child.stdin!.end(input);
  });

const write = async (name: string, lines: readonly unknown[]): Promise<string> => {
  const text = lines.map((l) => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n');
  await writeFile(join(folder, name), `${text}\n`);
  return name;
};

const datasets = golden.cases.filter(
  (c) => c.kind === 'dataset' && 'rows' in c.expected && !c.title.startsWith('optional fields'),
);

/** Within the golden file's own tolerance. */
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 + 1e-12 * Math.abs(b);

describe('drift weigh', () => {
  it.each(datasets)('matches the published code: $title', async ({ id, input, expected }) => {
    const { rows, gamma, beta } = input as { rows: object[]; gamma: number; beta: number };
    const file = await write(`${id}.jsonl`, rows);
    const { code, out, err } = await drift([
      'weigh',
      file,
      '--gamma',
      `${gamma}`,
      '--beta',
      `${beta}`,
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const got = out
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l) as Record<string, number>);
    const want = (expected as unknown as { rows: Record<string, number>[] }).rows;
    expect(got.map((r) => r.prompt_id)).toEqual(
      rows.map((r) => (r as { prompt_id: unknown }).prompt_id),
    );
    const mismatches = got.flatMap((row, i) =>
      ['discounted_return', 'repeat_penalty', 'return', 'weight']
        .map((key) => [key, row[key]!, want[i]![key === 'return' ? 'total_return' : key]!] as const)
        .filter(([, a, b]) => !isClose(a, b)),
    );
    expect(mismatches).toEqual([]);
  });

  it('decides the presence of a column for the whole table', async () => {
    const file = await write('table.jsonl', [
      { prompt_id: 'k', turn_rewards: { t1: 0 }, trajectory_penalty: -0.2 },
      { prompt_id: 'k', turn_rewards: { t1: 0 }, format_penalty: '-0.1' },
    ]);
    const { out } = await drift(['weigh', file, ...RULES]);
    const penalties = out
      .trimEnd()
      .split('\n')
      .map((l) => (JSON.parse(l) as { format_penalty: number }).format_penalty);
    expect(penalties).toEqual([0, -0.1]);
  });

  it('prints these keys in this order, each number with 17 significant digits', async () => {
    const file = await write('one.jsonl', [{ prompt_id: 7, turn_rewards: { t2: 1 }, weight: 9 }]);
    expect((await drift(['weigh', file, ...RULES])).out).toBe(
      '{"prompt_id": 7, "discounted_return": 0.90000000000000002, ' +
        '"format_penalty": 0.0000000000000000, "repeat_penalty": 0.0000000000000000, ' +
        '"return": 0.90000000000000002, "weight": 0.99999999999899991}\n',
    );
  });

  it('reads standard input, and takes λ', async () => {
    const row = JSON.stringify({ prompt_id: 'a', turn_rewards: {}, answer_norms: ['1', '1'] });
    const { out } = await drift(['weigh', '-', ...RULES, '--lambda', '0.8'], `\uFEFF${row}\r\n\n`);
    expect(JSON.parse(out)).toMatchObject({ repeat_penalty: 0.4, return: -0.4 });
  });

  it('works by way of a link and from any folder, and starts quickly', async () => {
    await mkdir(join(folder, 'bin'));
    await symlink(DRIFT, join(folder, 'bin', 'drift'));
    await write('relative.jsonl', [{ prompt_id: 'a', turn_rewards: { t1: 1 } }]);
    const timeOf = async (args: string[], command: string): Promise<number> => {
      const start = performance.now();
      const { code, err } = await drift(args, '', command);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return performance.now() - start;
    };
    const ratios: number[] = []; // to a bare Node beside it, so that a busy machine does not count
    for (let i = 0; i < 3; i++) {
      const bare = await timeOf(['-e', ''], process.execPath);
      ratios.push((await timeOf(['weigh', 'relative.jsonl', ...RULES], './bin/drift')) / bare);
    }
    expect(Math.min(...ratios)).toBeLessThan(MAX_NODE_STARTS);
  });

  it('ends quietly when its reader leaves', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ prompt_id: i, turn_rewards: {} }));
    const file = await write('many.jsonl', rows);
    const child = spawn(DRIFT, ['weigh', file, ...RULES], { cwd: folder });
    let err = '';
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});

const GOOD = { prompt_id: 'a', turn_rewards: { t1: 1 } };
const BAD: [title: string, lines: unknown[], sentence: RegExp][] = [
  [
    'a broken line',
    [GOOD, '{"prompt_id": "a"'],
    /^drift: bad\.jsonl:2: not a line of JSON \(.*\)\.$/,
  ],
  ['a line that is no object', [GOOD, '[1]'], /^drift: bad\.jsonl:2: not a JSON object\.$/],
  [
    'a row without prompt_id',
    [GOOD, '', { turn_rewards: {} }],
    /bad\.jsonl:3: field prompt_id: missing\.$/,
  ],
  [
    'a null prompt_id',
    [{ ...GOOD, prompt_id: null }],
    /:1: field prompt_id: must be text or a number, not null\.$/,
  ],
  [
    'an empty prompt_id',
    [{ ...GOOD, prompt_id: '' }],
    /:1: field prompt_id: must be .*, not ""\.$/,
  ],
  [
    'an inexact prompt_id',
    ['{"prompt_id": 9007199254740993}'],
    /:1: field prompt_id: .* too large/,
  ],
  ['no turn_rewards anywhere', [{ prompt_id: 'a' }], /:1: field turn_rewards: missing here and in/],
  ['a repeated key', ['{"prompt_id": "a", "prompt_id": "b"}'], /:1: field prompt_id: given twice/],
  [
    'a return that overflows',
    [GOOD, { prompt_id: 'b', turn_rewards: { t1: 1e308 } }],
    /:2: field turn_rewards: /,
  ],
  ['an empty file', [''], /^drift: bad\.jsonl is empty;/],
];

describe('drift weigh refuses, with exit code 2 and one sentence,', () => {
  const refused = async (args: string[], sentence: RegExp): Promise<void> => {
    const { code, out, err } = await drift(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^[^\n]*\n$/);
    expect(err.trimEnd()).toMatch(sentence);
  };

  it.each(BAD)('%s', async (_, lines, sentence) => {
    await refused(['weigh', await write('bad.jsonl', lines), ...RULES], sentence);
  });

  it.each<[string[], RegExp]>([
    [['good.jsonl', '--gamma', '1', '--beta', '0'], /β is 0; it must be above 0\.$/],
    [['good.jsonl', '--gamma', '1', '--beta', '-1'], /β is -1; it must be above 0\.$/],
    [['good.jsonl', '--gamma', '1', '--beta', 'NaN'], /--beta must be a number, not "NaN"\.$/],
    [['good.jsonl', '--gamma', '0x1', '--beta', '1'], /--gamma must be a number, not "0x1"\.$/],
    [
      ['good.jsonl', '--gamma', '1.5', '--beta', '1'],
      /--gamma must be .* from 0 to 1, not "1\.5"\.$/,
    ],
    [['good.jsonl', ...RULES, '--lambda', '-1'], /--lambda must be .* from 0 up, not "-1"\.$/],
    [['good.jsonl', '--gamma', '1'], /--beta <number>' not specified$/],
    [['none.jsonl', ...RULES], /^drift: none\.jsonl cannot be read: there is no such file\.$/],
    [['.', ...RULES], /cannot be read: it is a folder\.$/],
    [['good.jsonl', ...RULES, '--xyzzy'], /unknown option '--xyzzy'$/],
  ])('%j', async (args, sentence) => {
    await write('good.jsonl', [GOOD]);
    await refused(['weigh', ...args], sentence);
  });
});
