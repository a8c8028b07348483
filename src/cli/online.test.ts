import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRollouts } from '../formats/rolloutJsonl';
import { interruptedAt, runDrift, type DriftOptions, type Ended } from './testing/drift';

const set = (...settings: string[]): string[] => settings.flatMap((s) => ['--set', s]);
const PROMPTS = 16; // a round and an update each
const SETTINGS = set(
  ...['model.layers=1', 'model.channels=16', 'model.heads=2', 'model.kvHeads=2', 'model.mlp=32'],
  ...['reference.source=pretrain', 'reference.steps=20', 'reference.batch=16'],
  ...['method.name=grpo', 'online.prompts=1', 'online.kl=0.1', `rollout.prompts=${PROMPTS}`],
  ...['rollout.trajectories=4', 'optimizer.batch=4', 'eval.prompts=16', 'eval.every=0'],
);

let folder: string;
let whole: Ended;
const drift = (args: readonly string[], options: Partial<DriftOptions> = {}): Promise<Ended> =>
  runDrift(args, { cwd: folder, ...options });
const read = (path: string): Promise<Buffer> => readFile(join(folder, path));
const lines = async (path: string): Promise<Record<string, unknown>[]> =>
  String(await read(path))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const stepsOf = async (path: string, stage: string): Promise<unknown[]> =>
  (await lines(path)).filter((line) => line.stage === stage).map((line) => line.step);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-online-'));
  whole = await drift(['run', ...SETTINGS, '--out', 'whole']);
});
afterAll(() => rm(folder, { recursive: true }));

describe('drift run with a method whose policy plays', () => {
  it('writes the tries of all rounds, a line for each, and what they cost', async () => {
    expect(whole).toMatchObject({ code: 0, out: '' });
    const rows = parseRollouts(String(await read('whole/rollouts.jsonl')), 'rollouts.jsonl');
    expect(rows).toHaveLength(4 * PROMPTS);
    const steps = Array.from({ length: PROMPTS }, (_, i) => i);
    expect(await stepsOf('whole/metrics.jsonl', 'rollout')).toEqual(steps);
    expect(await stepsOf('whole/metrics.jsonl', 'train')).toEqual(steps.map((step) => step + 1));
    const costs = JSON.parse(String(await read('whole/eval.json'))) as Record<string, number>;
    expect(costs.round_trips).toBe(PROMPTS - 1);
    expect(costs.sequential_passes).toBeGreaterThanOrEqual(PROMPTS * 5); // an answer has five tokens
    expect(existsSync(join(folder, 'whole/rollouts.part.jsonl'))).toBe(false);
  });

  it('interrupted and resumed ends in the same bits', async () => {
    const stopped = await drift(['run', ...SETTINGS, '--out', 'resumed'], {
      env: interruptedAt(/train: [1-9]/),
    });
    expect(stopped.code).toBe(130);
    expect(await drift(['run', '--resume', 'resumed'])).toMatchObject({ code: 0 });
    for (const file of ['checkpoint/model.safetensors', 'checkpoint/optimizer.safetensors']) {
      expect((await read(`resumed/${file}`)).equals(await read(`whole/${file}`)), file).toBe(true);
    }
    expect(await read('resumed/rollouts.jsonl')).toEqual(await read('whole/rollouts.jsonl'));
    for (const stage of ['rollout', 'train']) {
      const want = await stepsOf('whole/metrics.jsonl', stage);
      expect(await stepsOf('resumed/metrics.jsonl', stage), stage).toEqual(want);
    }
  });

  it('does not learn from a file, nor play without learning', async () => {
    const online = set('method.name=grpo');
    const file = ['--rollouts', 'whole/rollouts.jsonl', '--out', 'no'];
    for (const args of [
      ['train', ...online, ...file],
      ['rollout', ...online, '--out', 'no'],
    ]) {
      const { code, err } = await drift(args);
      expect(code).toBe(2);
      expect(err).toMatch(/plays while it learns.*use drift run/);
    }
  });
});
