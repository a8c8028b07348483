import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadShippedReference } from '../training/references';
import { PRESETS, presetNamed } from '../config/presets';
import { DEFAULT_RUN, type RunConfig } from '../config/runConfig';
import { NO_COSTS } from '../data/results';
import { sha256 } from '../shared/sha256';
import type { PlaygroundClient, RecordedEvent, RecordedRun, RunEvent } from './contract';
import { openRecording } from './recordedClient';
import { readRecording } from './recordedRun';

const costs = (trainedTokens: number) => ({
  ...{ ...NO_COSTS, sampledTokens: 10, trainedTokens, sequentialPasses: 5 },
  seconds: { pretrain: 0, rollout: 1, train: 0, evaluate: 0 },
});
const stepAt = (at: number, step: number): RecordedEvent => ({
  at,
  event: {
    ...{ kind: 'step', stage: 'train' },
    report: {
      ...{ step, loss: 1, nll: 1, gradNorm: 1, learningRate: 1 },
      ...{ tokens: 7, flops: 3e9, seconds: 0.5 },
    },
  },
  costs: costs(7 * step),
});

/** Three steps, one each half second, and what is left to say after them. */
const RUN: RecordedRun = {
  preset: 'first-visit',
  config: DEFAULT_RUN,
  prepared: {
    adapter: { name: 'Some GPU', isSoftware: false, features: [] },
    memory: { parts: [], totalBytes: 0, largestBufferBytes: 0, parameters: 1 },
    totalSteps: 3,
  },
  referenceHash: '0'.repeat(64),
  stepsPerSecond: 2,
  durationSeconds: 3,
  events: [
    stepAt(1, 1),
    stepAt(1.5, 2),
    stepAt(2, 3),
    {
      at: 3,
      event: { kind: 'progress', stage: 'evaluate', done: 1, total: 1, secondsLeft: 8 },
      costs: undefined,
    },
  ],
  end: { reason: 'finished', step: 3, totalSteps: 3, costs: costs(21), weightsHash: 'abc' },
};

async function open(): Promise<{ client: PlaygroundClient; steps: number[]; events: RunEvent[] }> {
  const steps: number[] = [];
  const events: RunEvent[] = [];
  const client = await openRecording(RUN)((event) => {
    events.push(event);
    if (event.kind === 'metrics') steps.push(...event.batch.step);
  });
  return { client, steps, events };
}

describe('a client that plays a recording', () => {
  it('says everything before the run resolves, as fast as it was recorded', async () => {
    const { client, steps, events } = await open();
    const begun = performance.now();
    const end = await client.run(RUN.config);
    const seconds = (performance.now() - begun) / 1000;
    expect(end).toEqual(RUN.end);
    expect(steps).toEqual([1, 2, 3]);
    expect(events.at(-1)).toMatchObject({ kind: 'progress', secondsLeft: 8 });
    expect(seconds).toBeGreaterThan(2.9);
    expect(seconds).toBeLessThan(6);
  });

  it('changes its pace at once, in the middle of a wait', async () => {
    const { client, events } = await open();
    await client.setSpeed(0.001);
    const run = client.run(RUN.config);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const begun = performance.now();
    await client.setSpeed(200); // a hundred times its own pace
    await run;
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(events.at(-1)).toMatchObject({ secondsLeft: 0.08 });
  });

  it('pauses with the costs so far, steps, and goes on to the same end', async () => {
    const { client, steps } = await open();
    await client.setSpeed(Infinity);
    expect(await client.run(RUN.config, { maxSteps: 1 })).toEqual({
      ...{ reason: 'paused', step: 1, totalSteps: 3, weightsHash: '' },
      costs: costs(7),
    });
    await client.setSpeed(0.001);
    const run = client.run(RUN.config);
    await client.pause();
    expect(await run).toMatchObject({ reason: 'paused', step: 1 });
    await client.setSpeed(Infinity);
    expect(await client.run(RUN.config)).toEqual(RUN.end);
    expect(steps).toEqual([1, 2, 3]);
  });

  it('a step that is the last goes on to the end, and a reset begins again', async () => {
    const { client, steps } = await open();
    await client.setSpeed(Infinity);
    await client.run(RUN.config, { maxSteps: 2 });
    expect(await client.run(RUN.config, { maxSteps: 1 })).toEqual(RUN.end);
    await client.reset();
    await client.run(RUN.config);
    expect(steps).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('refuses what it cannot compute', async () => {
    const { client } = await open();
    const other = { ...RUN.config, seed: 1 };
    const refused = { code: 'not-recorded', message: expect.stringContaining('WebGPU') as string };
    await expect(client.prepare(other)).rejects.toMatchObject(refused);
    await expect(client.preview(other, 1)).rejects.toMatchObject(refused);
    await expect(client.run(other)).rejects.toMatchObject(refused);
    const question = { who: 'policy', tokens: [], temperature: 0, draw: 0 } as const;
    await expect(client.chat(question)).rejects.toMatchObject(refused);
  });

  it('ends a run when it is closed', async () => {
    const { client } = await open();
    const run = client.run(RUN.config);
    client.close();
    await expect(run).rejects.toMatchObject({ code: 'aborted' });
  });
});

const FOLDER = join(import.meta.dirname, '../../public/recordings');
const shippedReference = (config: RunConfig): Promise<Float32Array<ArrayBuffer>> =>
  loadShippedReference(
    async (name) => new Uint8Array(readFileSync(join(FOLDER, '../references', name))),
    config,
  );

describe('the recordings that come with the page', () => {
  it('are those of all presets', () => {
    const files = PRESETS.map(({ name }) => `${name}.jsonl`);
    expect(readdirSync(FOLDER).sort()).toEqual(files.sort());
  });

  it.each(readdirSync(FOLDER))(
    '%s is a run of the preset as it is (npm run recordings makes it)',
    async (file) => {
      const run = readRecording(readFileSync(join(FOLDER, file), 'utf8'), file);
      expect(run.config).toEqual(presetNamed(run.preset)?.config);
      expect(run.referenceHash).toBe(await sha256(await shippedReference(run.config)));
      expect(statSync(join(FOLDER, file)).size).toBeLessThan(1_500_000);
      const said = run.events.map(({ event }) => event);
      const tries = said.flatMap((e) => (e.kind === 'trajectories' ? [e.batch.turns.length] : []));
      const { prompts, trajectories } = run.config.rollout;
      expect(tries.reduce((a, b) => a + b)).toBe(prompts * trajectories);
      const last = said.findLast((e) => e.kind === 'evaluation' && e.evaluation.who === 'policy');
      expect(last).toMatchObject({ evaluation: { step: run.end.step } });
    },
  );
});
