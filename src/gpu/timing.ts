import type { Gpu } from './gpu';

const QUERY_USAGE = 0x0200 | 0x04; // QUERY_RESOLVE | COPY_SRC
const READ_USAGE = 0x01 | 0x08; // MAP_READ | COPY_DST
const AT_ONCE = 256; // passes whose times are read together
const MOST_REPEATS = 64;

type RecordPass = (pass: GPUComputePassEncoder, i: number) => void;

/**
 * Milliseconds of each of `count` recordings, run one after another; for measurements only.
 * By the GPU's own clock on a device opened with `timestamps`. Else by waiting for each, which adds what
 * a submit costs.
 *
 * @param leastMs recordings that are shorter are repeated for about as long: browsers round that clock
 *   to 0.1 ms
 */
export async function timePasses(
  gpu: Gpu,
  count: number,
  record: RecordPass,
  leastMs = 0,
): Promise<number[]> {
  const once = await timeOnce(gpu, count, record);
  const repeats = once.map((ms) => Math.min(MOST_REPEATS, Math.ceil(leastMs / ms)));
  const short = repeats.flatMap((times, i) => (times > 1 ? [i] : []));
  const again = await timeOnce(gpu, short.length, (pass, j) => {
    const i = short[j]!;
    for (let n = 0; n < repeats[i]!; n++) record(pass, i);
  });
  short.forEach((i, j) => (once[i] = again[j]! / repeats[i]!));
  return once;
}

async function timeOnce(gpu: Gpu, count: number, record: RecordPass): Promise<number[]> {
  const ms: number[] = [];
  if (!gpu.device.features.has('timestamp-query')) {
    for (let i = 0; i < count; i++) ms.push(await waitForPass(gpu, (pass) => record(pass, i)));
    return ms;
  }
  for (let from = 0; from < count; from += AT_ONCE) {
    const part = Math.min(AT_ONCE, count - from);
    ms.push(...(await queryPasses(gpu, part, (pass, i) => record(pass, from + i))));
  }
  return ms;
}

/**
 * Seconds of one of the replays of `run`, the quickest, tried for `seconds` after one that is not timed, in
 * which some drivers compile. Replays are timed in groups of at least `groupMs`.
 *
 * @param run replays so many times; best in one submit, so that submitting and waiting count little
 */
export async function quickest(
  gpu: Gpu,
  seconds: number,
  run: (times: number) => Promise<void>,
  groupMs = 50,
): Promise<number> {
  await run(1);
  await gpu.settle();
  let best = Infinity;
  let repeats = 1;
  const end = performance.now() + 1000 * seconds;
  do {
    await gpu.settle();
    const begun = performance.now();
    await run(repeats);
    await gpu.settle();
    const ms = performance.now() - begun;
    best = Math.min(best, ms / 1000 / repeats);
    if (ms < groupMs) repeats *= 2;
  } while (performance.now() < end);
  return best;
}

async function waitForPass(
  gpu: Gpu,
  record: (pass: GPUComputePassEncoder) => void,
): Promise<number> {
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass);
  pass.end();
  const commands = encoder.finish();
  await gpu.settle();
  const begun = performance.now();
  gpu.device.queue.submit([commands]);
  await gpu.settle();
  return performance.now() - begun;
}

async function queryPasses(gpu: Gpu, count: number, record: RecordPass): Promise<number[]> {
  const { device } = gpu;
  const queries = device.createQuerySet({ type: 'timestamp', count: 2 * count });
  const resolved = gpu.createBuffer('timestamps', 16 * count, QUERY_USAGE);
  const staging = gpu.createBuffer('timestamps download', 16 * count, READ_USAGE);
  try {
    for (let i = 0; i < count; i++) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet: queries,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      record(pass, i);
      pass.end();
      device.queue.submit([encoder.finish()]); // one each, so that none takes long
    }
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(queries, 0, 2 * count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16 * count);
    device.queue.submit([encoder.finish()]);
    await gpu.race(staging.mapAsync(1));
    gpu.check();
    const ns = new BigInt64Array(staging.getMappedRange());
    return Array.from({ length: count }, (_, i) => Number(ns[2 * i + 1]! - ns[2 * i]!) / 1e6);
  } finally {
    gpu.free({ buffer: resolved }, { buffer: staging });
    queries.destroy();
  }
}
