import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunConfig } from '../config/runConfig';
import { FACTS } from '../data/tasks/facts';
import { parseReferenceManifest } from '../formats/referenceManifest';
import { parseRollouts } from '../formats/rolloutJsonl';
import { sha256 } from '../shared/sha256';
import { readRecording } from '../workers/recordedRun';
import { readModelFolder } from './modelFolder';
import { interruptedAt, runDrift, type DriftOptions, type Ended } from './testing/drift';

const F32_STEPS = 1e-4; // nats: cached decoding and the whole pass add up in different orders

const set = (...settings: string[]): string[] => settings.flatMap((s) => ['--set', s]);
const MODEL = set(
  ...['model.layers=1', 'model.channels=16', 'model.heads=2', 'model.kvHeads=2', 'model.mlp=32'],
);
const TRAINING = set(
  ...['rollout.prompts=4', 'rollout.trajectories=4', 'eval.prompts=16', 'eval.every=0'],
  ...['optimizer.batch=4', 'optimizer.epochs=16'],
);
const STEPS = 64; // 16 epochs of 16 trajectories, 4 a step
const PRETRAINING = set(
  ...['reference.source=pretrain', 'reference.steps=20', 'reference.batch=16'],
);

let folder: string;
let whole: Ended;

const drift = (args: readonly string[], options: Partial<DriftOptions> = {}): Promise<Ended> =>
  runDrift(args, { cwd: folder, ...options });
const read = (path: string): Promise<Buffer> => readFile(join(folder, path));
const readJson = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, path), 'utf8')) as Record<string, unknown>;
const readLines = async (path: string): Promise<Record<string, unknown>[]> =>
  (await readFile(join(folder, path), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The two checkpoints hold the same bits. */
async function expectSameCheckpoint(path: string, other: string): Promise<void> {
  for (const file of ['model.safetensors', 'optimizer.safetensors']) {
    const [got, want] = await Promise.all([
      read(`${path}/checkpoint/${file}`),
      read(`${other}/checkpoint/${file}`),
    ]);
    expect(got.equals(want), file).toBe(true);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-engine-'));
  const flags = ['--out', 'whole', '--record', 'whole.jsonl'];
  whole = await drift(['run', ...MODEL, ...TRAINING, ...PRETRAINING, ...flags]);
});
afterAll(() => rm(folder, { recursive: true }));

describe('drift run', () => {
  it('says how far it is on standard error and nothing on standard output', () => {
    expect({ code: whole.code, out: whole.out }).toEqual({ code: 0, out: '' });
    for (const stage of ['pretrain: 20 of 20', 'rollout: 4 of 4', 'train: 64 of 64']) {
      expect(whole.err).toContain(stage);
    }
  });

  it('writes the folder that docs/formats.md describes', async () => {
    expect((await readdir(join(folder, 'whole'))).sort()).toEqual(
      [
        ...['checkpoint', 'config.json', 'eval.json', 'metrics.jsonl'],
        ...['reference', 'rollouts.jsonl'],
      ].sort(),
    );
    const { preset, ...config } = await readJson('whole/config.json');
    expect(preset).toBe('first-visit');
    expect(RunConfig.parse(config).optimizer.epochs).toBe(16);
    const rollouts = parseRollouts(String(await read('whole/rollouts.jsonl')), 'rollouts.jsonl');
    expect(rollouts.map((r) => r.traj_idx)).toEqual([
      0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
    ]);
    const state = await readJson('whole/checkpoint/trainer_state.json');
    expect(state).toMatchObject({ step: STEPS, config });
  });

  it('records the run as the page plays it back', async () => {
    const run = readRecording(String(await read('whole.jsonl')), 'whole.jsonl');
    const params = (await readModelFolder(join(folder, 'whole/checkpoint'))).params(FACTS);
    expect(run.end).toMatchObject({ step: STEPS, weightsHash: await sha256(params) });
    const stages = run.events.flatMap(({ event: e }) => (e.kind === 'step' ? [e.stage] : []));
    expect(stages).toHaveLength(20 + STEPS);
    const [tries] = run.events.flatMap(({ event: e }) =>
      e.kind === 'trajectories' ? [Array.from(e.batch.solvedAt)] : [],
    );
    const rollouts = parseRollouts(String(await read('whole/rollouts.jsonl')), 'rollouts.jsonl');
    expect(tries).toEqual(rollouts.map((r) => r.t_star ?? 0));
  });

  it('measures every step and every evaluation', async () => {
    const lines = await readLines('whole/metrics.jsonl');
    const stepsOf = (stage: string): unknown[] =>
      lines.filter((l) => l.stage === stage).map((l) => l.step);
    expect(stepsOf('pretrain')).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(stepsOf('train')).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(stepsOf('evaluate')).toEqual([0, STEPS]);
    expect(stepsOf('rollout')).toEqual([0]);
    const rows = await readLines('whole/rollouts.jsonl');
    const rollout = lines.find((l) => l.stage === 'rollout')!;
    expect(rollout.num_tokens).toBe(
      rows.reduce((n, row) => n + (row.drift as Columns).tokens.length, 0),
    );
    for (const name of ['reward', 'reward_std', 'frac_reward_zero_std', 'entropy']) {
      expect(Number.isFinite(rollout[name]), name).toBe(true);
    }
    expect(rollout['drift/weight_max']).toBeGreaterThanOrEqual(1);
    expect(lines.indexOf(rollout)).toBe(20);
  });

  it('evaluates reference and policy and says what the run cost', async () => {
    const report = await readJson('whole/eval.json');
    expect(report).toMatchObject({ task: 'facts', preset: 'first-visit', seed: 0 });
    for (const who of ['reference', 'policy']) {
      const scores = report[who] as Record<string, number[] | number>;
      expect(scores.prompts).toBe(16);
      for (const name of ['success', 'success_sampled', 'correction_rate']) {
        expect(scores[name], name).toHaveLength(5);
      }
      expect(scores.unique_answer_ratio).toBeGreaterThan(0);
    }
    expect((report.policy as { kl: number }).kl).toBeGreaterThan(0);
    const answers = (await readLines('whole/rollouts.jsonl')).flatMap((r) =>
      (r.drift as { turn_of: number[] }).turn_of.filter((t) => t > 0),
    );
    expect(report.sampled_tokens).toBe(answers.length);
    const last = (await readLines('whole/metrics.jsonl')).filter((l) => l.stage === 'train').at(-1);
    expect(report.trained_tokens).toBe(last!.num_tokens);
    expect((report.seconds as Record<string, number>).pretrain).toBeGreaterThan(0);
  });
});

describe('from the files of a run', () => {
  it('rollout samples the same trajectories from its reference', async () => {
    const args = ['rollout', '--checkpoint', 'whole/reference', ...TRAINING, '--out', 'again'];
    expect(await drift(args)).toMatchObject({ code: 0, out: '' });
    expect((await read('again/rollouts.jsonl')).equals(await read('whole/rollouts.jsonl'))).toBe(
      true,
    );
  });

  it('train on rows made elsewhere, without tokens, ends in the same bits', async () => {
    const rows = await readLines('whole/rollouts.jsonl');
    const bare = rows.map(({ prompt_id, messages, turn_rewards }) =>
      JSON.stringify({ prompt_id, messages, turn_rewards }),
    );
    await writeFile(join(folder, 'bare.jsonl'), bare.join('\n'));
    const from = ['--rollouts', 'bare.jsonl', '--checkpoint', 'whole/reference'];
    const ended = await drift(['train', ...from, ...TRAINING, '--out', 'elsewhere']);
    expect(ended).toMatchObject({ code: 0, out: '' });
    await expectSameCheckpoint('elsewhere', 'whole');
  });

  it('train that is interrupted and resumed ends in the same bits', async () => {
    const from = ['--rollouts', 'whole/rollouts.jsonl', '--checkpoint', 'whole/reference'];
    const stopped = await drift(['train', ...from, ...TRAINING, '--out', 'resumed'], {
      env: interruptedAt(/train: /),
    });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/Stopped after step \d+ of 64; drift train --resume resumed /);
    expect(existsSync(join(folder, 'resumed/eval.json'))).toBe(false);
    const { step } = await readJson('resumed/checkpoint/trainer_state.json');
    expect(step).toBeLessThan(STEPS);

    expect((await drift(['train', '--resume', 'resumed'])).code).toBe(0);
    await expectSameCheckpoint('resumed', 'whole');
    const [ours, theirs] = await Promise.all(
      ['resumed', 'whole'].map(async (path) =>
        (await readLines(`${path}/metrics.jsonl`))
          .filter((line) => line.stage === 'train')
          .map((line) => ({ ...line, step_time: undefined })),
      ),
    );
    expect(ours).toEqual(theirs);
    const [{ policy }, { policy: expected }] = [
      await readJson('resumed/eval.json'),
      await readJson('whole/eval.json'),
    ];
    expect(policy).toEqual(expected);
  });

  it('rollouts that are interrupted go on with the groups they have, and give the same rows', async () => {
    const large = [...MODEL, ...set('rollout.prompts=32', 'rollout.trajectories=16')];
    const args = ['rollout', ...large, '--checkpoint', 'whole/reference'];
    const stopped = await drift([...args, '--out', 'part'], {
      env: interruptedAt(/rollout: /),
    });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/Stopped after \d+ of 32 prompts; drift rollout --resume part /);
    const kept = await readFile(join(folder, 'part/rollouts.part.jsonl'), 'utf8');
    const again = await drift([...args, '--out', 'part']);
    expect(again.err).toMatch(/already holds a run; go on with it by --resume part, /);
    await writeFile(join(folder, 'part/rollouts.part.jsonl'), kept.replace('{', ''));
    const broken = await drift(['rollout', '--resume', 'part']);
    expect(broken).toMatchObject({ code: 2, out: '' });
    expect(broken.err).toMatch(/^drift: part\/rollouts\.part\.jsonl:1: not a line of JSON/);
    await writeFile(join(folder, 'part/rollouts.part.jsonl'), kept.slice(0, -100)); // as a crash might

    expect(await drift(['rollout', '--resume', 'part'])).toMatchObject({ code: 0 });
    expect(await drift([...args, '--out', 'at-once'])).toMatchObject({ code: 0 });
    expect((await readdir(join(folder, 'part'))).sort()).toEqual(
      (await readdir(join(folder, 'at-once'))).sort(),
    );
    const [ours, theirs] = [
      await read('part/rollouts.jsonl'),
      await read('at-once/rollouts.jsonl'),
    ];
    expect(ours.equals(theirs)).toBe(true);
    expect(ours.toString().startsWith(kept.slice(0, 1000))).toBe(true); // not played again
  });

  it('a run whose loss is no number keeps its rollouts and the last good step', async () => {
    const wild = set(
      ...['optimizer.learningRate=0.1', 'optimizer.warmup=0', 'optimizer.clip=1000'],
      ...['optimizer.beta2=0', 'optimizer.epsilon=1e-12'],
    );
    const from = ['--rollouts', 'whole/rollouts.jsonl', '--checkpoint', 'whole/reference'];
    const { code, err } = await drift(['train', ...from, ...TRAINING, ...wild, '--out', 'wild']);
    expect(code).toBe(3);
    const [, bad, good] = /not a number at step (\d+);.* wild keeps the policy of step (\d+);/.exec(
      err,
    )!;
    expect(Number(good)).toBe(Number(bad) - 1);
    const { step } = await readJson('wild/checkpoint/trainer_state.json');
    expect(step).toBe(Number(good));
    const lines = await readLines('wild/metrics.jsonl');
    expect(lines.filter((l) => l.stage === 'train').at(-1)!.step).toBe(step);
    expect((await read('wild/rollouts.jsonl')).equals(await read('whole/rollouts.jsonl'))).toBe(
      true,
    );
  });

  it('eval finds reference, settings and scores again', async () => {
    expect(await drift(['eval', '--checkpoint', 'whole/checkpoint'])).toMatchObject({ code: 0 });
    const [got, want] = [
      await readJson('whole/checkpoint/eval.json'),
      await readJson('whole/eval.json'),
    ];
    expect({ ...got.policy!, ...got.reference! }).toEqual({ ...want.policy!, ...want.reference! });
  });

  it('score gives the log-probs that sampling recorded, on whatever GPU it finds', async () => {
    const { VK_DRIVER_FILES: _, LD_LIBRARY_PATH: __, ...env } = process.env;
    const args = ['score', '--checkpoint', 'whole/reference', 'whole/rollouts.jsonl'];
    const { code, out, err } = await drift(args, { env });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const rows = await readLines('whole/rollouts.jsonl');
    const scored = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { logp: (number | null)[]; tokens: number[] });
    expect(scored.map((s) => s.tokens)).toEqual(rows.map((r) => (r.drift as Columns).tokens));
    rows.forEach((row, i) => {
      const { turn_of: turnOf, logp } = row.drift as Columns;
      const got = scored[i]!.logp;
      expect(got[0]).toBeNull();
      turnOf.forEach((turn, n) => {
        if (n > 0) expect(got[n]).toBeLessThanOrEqual(0);
        if (turn > 0) expect(Math.abs(got[n]! - logp[n]!)).toBeLessThan(F32_STEPS);
      });
    });
  });

  it('pretrain that is interrupted leaves nothing in the way of the same command', async () => {
    const args = ['pretrain', 'boxes', ...MODEL, ...set('reference.batch=4'), '--out', 'stopped'];
    const stopped = await drift([...args, ...set('reference.steps=10000')], {
      env: interruptedAt(/pretrain: /),
    });
    expect(stopped).toMatchObject({ code: 130, err: expect.stringContaining('none is kept') });
    expect(existsSync(join(folder, 'stopped'))).toBe(false);
  });

  it('pretrain ships a reference that its manifest describes', async () => {
    const quick = set('reference.steps=2', 'reference.batch=4', 'eval.prompts=8');
    const args = ['pretrain', 'boxes', ...MODEL, ...quick, '--ship', 'shipped', '--out', 'own'];
    expect(await drift(args)).toMatchObject({ code: 0, out: '' });
    const { entries } = parseReferenceManifest(String(await read('shipped/manifest.json')));
    const bytes = await read('shipped/boxes.safetensors');
    expect(entries).toMatchObject([
      {
        ...{ task: 'boxes', file: 'boxes.safetensors', seed: 0, bytes: bytes.length },
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    ]);
    const last = (await readLines('own/metrics.jsonl'))
      .filter((l) => l.stage === 'pretrain')
      .at(-1);
    expect(entries[0]!.corpus).toEqual({ steps: 2, batch: 4, tokens: last!.num_tokens });
    expect(await readdir(join(folder, 'own/checkpoint'))).not.toContain('trainer_state.json');
  });
});

interface Columns {
  readonly tokens: number[];
  readonly turn_of: number[];
  readonly logp: number[];
}

const HELD_OUT = FACTS.prompts('test', 1, 0)[0]!.id;

describe('drift refuses with exit code 2, one sentence and nothing written:', () => {
  const ROW = { prompt_id: 'x', messages: [{ role: 'user', content: '1' }], turn_rewards: {} };
  it.each<[string, string, string[], RegExp]>([
    ['a broken line', '{"prompt_id": ', [], /^drift: bad\.jsonl:1: not a line of JSON/],
    ['an unknown prompt', JSON.stringify(ROW), [], /:1: field prompt_id: "x" is not a prompt of/],
    ['a held-out prompt', JSON.stringify({ ...ROW, prompt_id: HELD_OUT }), [], /is held out for/],
    [
      'β = 0',
      JSON.stringify(ROW),
      set('drift.beta=0'),
      /^drift: drift\.beta must be a number from/,
    ],
    [
      'a model of another shape',
      JSON.stringify(ROW),
      set('model.layers=2'),
      /--set model\.layers=2, but the model in whole\/reference has model\.layers = 1;/,
    ],
    [
      'a model of another task',
      JSON.stringify(ROW),
      set('task=boxes'),
      /whole\/reference knows 17 tokens, but the task boxes has 15;/,
    ],
  ])('%s', async (_, text, more, sentence) => {
    await writeFile(join(folder, 'bad.jsonl'), text);
    const from = ['--rollouts', 'bad.jsonl', '--checkpoint', 'whole/reference'];
    const { code, out, err } = await drift(['train', ...from, ...more, '--out', 'none']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^[^\n]*\n$/);
    expect(err.trimEnd()).toMatch(sentence);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('the folder of another run', async () => {
    const { code, err } = await drift(['run', ...MODEL, ...PRETRAINING, '--out', 'whole']);
    expect(code).toBe(2);
    expect(err).toMatch(/^drift: whole already holds a run; .* --force .*\.\n$/);
    expect((await readJson('whole/eval.json')).task).toBe('facts');
  });
});
