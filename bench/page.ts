/** The benchmark in a browser: what the page that scripts/bench.mjs opens offers it. */
import type { Report } from './report';
import { countBytes, countCalls, watchAdapters } from './meter';
import { runBenchmark, type BenchOptions } from './run';

type Options = Omit<BenchOptions, 'say'>;
declare global {
  var runBench: (options: Options, runtime: string) => Promise<Report>;
}

globalThis.runBench = (options, runtime) =>
  runBenchmark(
    { ...options, say: (line) => console.log(line) },
    {
      ...{ webgpu: navigator.gpu, runtime },
      ...{ callsSoFar: countCalls(), bytesSoFar: countBytes(), adaptersSoFar: watchAdapters() },
    },
  );
