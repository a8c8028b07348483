/** What sequences of different length cost, compared with equal ones of as many tokens. */
import type { Variants } from '../src/shared/kernelForms';
import { median } from '../src/shared/quantile';
import { rng } from '../src/shared/rng';
import { openGpu, openTrainer, runSteps } from './engines/drift';
import { packedRows } from './rows';
import type { Workload } from './workload';

/** Tokens per second of training on real tokens, padding never counted. */
export interface PackingRow {
  readonly config: string;
  readonly shortest: number; // tokens
  readonly longest: number;
  readonly equal_tokens_per_second: number;
  readonly mixed_tokens_per_second: number;
  readonly ratio: number; // mixed / equal, median of rounds
}

const ROUNDS = 5;

/** Cuts the equal rows of a workload into pieces of T/8 … T targets, all tokens kept. */
export function mixedRows({ rows, config: { context: T } }: Workload): Int32Array[] {
  const random = rng(2);
  const tokens = rows.flatMap((row) => Array.from(row.subarray(1)));
  const pieces: Int32Array[] = [];
  for (let at = 0; at < tokens.length;) {
    const length = Math.floor(T / 8) + random.int(T - Math.floor(T / 8) + 1);
    const piece = tokens.slice(at, at + length);
    pieces.push(Int32Array.from([tokens[at]!, ...piece])); // as many targets as tokens taken
    at += length;
  }
  return pieces;
}

/** @param seconds in all */
export async function measurePacking(
  webgpu: GPU,
  work: Workload,
  forms: Variants,
  seconds: number,
): Promise<PackingRow> {
  const { config } = work;
  const gpu = await openGpu(webgpu, work, forms);
  try {
    const trainer = await openTrainer(gpu, work);
    const mixed = mixedRows(work);
    const batches = [packedRows(work.rows), packedRows(mixed)];
    const steps = async (i: number, times: number): Promise<number> => {
      const begun = performance.now();
      const reports = await runSteps(trainer, batches[i]!, times);
      const tokens = reports.reduce((n, report) => n + report.tokens, 0);
      return (1000 * tokens) / (performance.now() - begun);
    };
    await trainer.gradient.refine();
    await steps(0, 2);
    await steps(1, 2);
    const begun = performance.now();
    await steps(0, 1);
    const msPerStep = performance.now() - begun;
    const times = Math.max(1, Math.round((500 * seconds) / ROUNDS / msPerStep));
    const speeds: { equal: number; mixed: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      speeds.push({ equal: await steps(0, times), mixed: await steps(1, times) });
    }
    const lengths = mixed.map((row) => row.length - 1);
    return {
      config: config.name,
      shortest: Math.min(...lengths),
      longest: Math.max(...lengths),
      equal_tokens_per_second: median(speeds.map(({ equal }) => equal)),
      mixed_tokens_per_second: median(speeds.map((s) => s.mixed)),
      ratio: median(speeds.map((s) => s.mixed / s.equal)),
    };
  } finally {
    gpu.destroy();
  }
}
