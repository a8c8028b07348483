import { expose, proxy, transfer, wrap, type Remote } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunConfig } from '../config/runConfig';
import { worstMismatch } from '../kernels/testing/close';
import { testGpu } from '../kernels/testing/testGpu';
import { PlaygroundError } from '../shared/errors';
import { TINY, TINY_TASK } from '../training/testing/tiny';
import type { RunEvent, TrainerApi } from './contract';
import { createRolloutApi } from './rolloutApi';
import { createTrainerApi } from './trainerApi';

const CACHED = { rtol: 1e-3, atol: 1e-3 }; // with a cache and without, sums differ in order

// The rules (W1, W2, …) are those of docs/workerProtocol.md.
describe('worker boundary, over real message ports', () => {
  const ports: MessagePort[] = [];
  const held: Remote<TrainerApi>[] = [];
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });
  const channel = (): MessageChannel => {
    const made = new MessageChannel();
    ports.push(made.port1, made.port2);
    return made;
  };

  async function open(
    webgpu: GPU | undefined,
    emit: (event: RunEvent) => void | Promise<void>,
  ): Promise<Remote<TrainerApi>> {
    const page = channel();
    const between = channel();
    createRolloutApi(webgpu).serve(between.port1);
    expose(createTrainerApi(webgpu), page.port1);
    const trainer = wrap<TrainerApi>(page.port2);
    const port = transfer(between.port2, [between.port2]);
    await trainer.open(port, 'http://localhost/none/', proxy(emit));
    held.push(trainer); // comlink closes the port of a proxy that nobody holds
    return trainer;
  }

  const run = async (
    config: RunConfig,
    emit: (event: RunEvent) => void | Promise<void>,
  ): Promise<Awaited<ReturnType<TrainerApi['run']>>> =>
    (await open(await testGpu(), emit)).run(config);

  it('W1: a failure arrives as a rejection with its code, message and facts', async () => {
    const trainer = await open(await testGpu(), () => {});
    const huge = { ...TINY.model, layers: 24, channels: 1024, heads: 16, kvHeads: 16, mlp: 4096 };
    const failure = await trainer
      .prepare({ ...TINY, model: huge })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PlaygroundError);
    expect(failure).toMatchObject({ code: 'over-limit', facts: { allowed: 4 * 2 ** 30 } });
  });

  it('W1: no WebGPU is said in one sentence', async () => {
    const trainer = await open(undefined, () => {});
    await expect(trainer.prepare(TINY)).rejects.toMatchObject({
      code: 'webgpu-unavailable',
      message: expect.stringContaining('no WebGPU') as string,
    });
  });

  it('W2: every event of a run has been handled when it resolves', async () => {
    const handled: RunEvent[] = [];
    const end = await run(TINY, async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 5)); // a slow page
      handled.push(event);
    });
    const steps = handled.flatMap((e) =>
      e.kind === 'metrics' && e.batch.stage === 'train' ? [...e.batch.step] : [],
    );
    expect(steps).toEqual([1, 2, 3]);
    expect(handled.filter((e) => e.kind === 'evaluation')).toHaveLength(4);
    expect(handled.filter((e) => e.kind === 'trajectories')).toHaveLength(1);
    expect(end.reason).toBe('finished');
  });

  it('W3: metrics leave at most ten times a second, and none is lost', async () => {
    const sent: number[] = [];
    const steps: number[] = [];
    const config = { ...TINY, reference: { ...TINY.reference, steps: 120 } };
    await run(config, (event) => {
      if (event.kind !== 'metrics' || event.batch.stage !== 'pretrain') return;
      sent.push(performance.now());
      steps.push(...event.batch.step);
    });
    expect(steps).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    const seconds = (sent.at(-1)! - sent[0]!) / 1000;
    expect(sent.length).toBeLessThanOrEqual(10 * seconds + 2); // the first, and the flush at the end
  });

  it('W4: pause ends the run at its next safe point, and run goes on from there', async () => {
    const trainer = await open(await testGpu(), async (event) => {
      if (event.kind === 'metrics' && event.batch.stage === 'train') await trainer.pause();
    });
    const slow = { ...TINY, optimizer: { ...TINY.optimizer, epochs: 8 } };
    const paused = await trainer.run(slow);
    expect(paused.reason).toBe('paused');
    expect(paused.step).toBeLessThan(paused.totalSteps);
    const one = await trainer.run(slow, { maxSteps: 1 });
    expect(one.step).toBe(paused.step + 1);
  });

  it('W5: a change of speed acts at once', async () => {
    const trainer = await open(await testGpu(), () => {});
    await trainer.run(TINY, { maxSteps: 1 });
    await trainer.setSpeed(0.01); // a step every hundred seconds
    const rest = trainer.run(TINY);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = performance.now();
    await trainer.setSpeed(Infinity);
    await rest;
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it('scores answers under the policy as it is and under the reference', async () => {
    const trainer = await open(await testGpu(), () => {});
    await trainer.prepare(TINY);
    const { tokens: asked } = TINY_TASK.prompts('test', 1, 0)[0]!;
    const say = async (who: 'reference' | 'policy') => {
      const said = await trainer.chat({ who, tokens: asked, temperature: 0, draw: 0 });
      const turnOf = [...asked.map(() => 0), ...said.tokens.map(() => 1)];
      const row = { tokens: [...asked, ...said.tokens], turnOf };
      return { row, logp: [...asked.map(() => 0), ...said.logp] };
    };
    const first = await say('reference');
    const before = await trainer.score({ who: 'reference', ...first.row });
    expect(worstMismatch(before, first.logp, CACHED)).toBeUndefined();
    expect(await trainer.score({ who: 'policy', ...first.row })).toEqual(before); // untrained
    await trainer.run(TINY);
    const now = await say('policy');
    const after = await trainer.score({ who: 'policy', ...now.row });
    expect(worstMismatch(after, now.logp, CACHED)).toBeUndefined();
    expect(await trainer.score({ who: 'policy', ...first.row })).not.toEqual(before);
    expect(await trainer.score({ who: 'reference', ...first.row })).toEqual(before); // put back
  });

  it('W6: chat answers as the reference before training and as the policy after it', async () => {
    const trainer = await open(await testGpu(), () => {});
    await trainer.prepare(TINY);
    const { tokens } = TINY_TASK.prompts('test', 1, 0)[0]!;
    const ask = { tokens, temperature: 0, draw: 0 };
    const before = await trainer.chat({ ...ask, who: 'policy' });
    expect(before).toEqual(await trainer.chat({ ...ask, who: 'reference' }));
    await trainer.run(TINY);
    const after = await trainer.chat({ ...ask, who: 'policy' });
    expect(after.logp).not.toEqual(before.logp);
    expect(await trainer.chat({ ...ask, who: 'reference' })).toEqual(before);
  });
});
