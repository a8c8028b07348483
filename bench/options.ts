/** The benchmark's command line. */
import { parseArgs } from 'node:util';
import { PEERS } from './peers';
import { CONFIGS, type BenchConfig } from './workload';

export interface CommandLine {
  readonly configs: readonly BenchConfig[];
  readonly peers: readonly string[];
  readonly seconds: number;
  readonly scaling: boolean;
  readonly json: string | undefined; // files to write
  readonly svg: string | undefined;
  readonly save: boolean; // both into docs/bench, named after the adapter
}

const FLAGS = {
  configs: { type: 'string', default: 'tiny,small,base' },
  peers: { type: 'string', default: 'jax-js' },
  seconds: { type: 'string', default: '10' },
  scaling: { type: 'boolean', default: false },
  json: { type: 'string' },
  svg: { type: 'string' },
  save: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const USAGE = `Usage: npm run bench -- [OPTIONS]      (in a bundle: ./run.sh [OPTIONS])

  --node              under Node through Dawn, instead of in a browser; a bundle always is
  --software          in the browser's software adapter even where there is a GPU
  --configs LIST      of ${[...CONFIGS.keys()].join(', ')}; tiny,small,base unless told
  --peers LIST        of ${[...PEERS.keys()].join(', ')}, or none; jax-js unless told
  --seconds N         aimed at per engine, configuration and phase; 10 unless told
  --scaling           time and memory against batch, context, width, depth and K instead
  --json FILE         writes all that was measured
  --svg FILE          writes a picture of the speeds
  --save              writes both into docs/bench/, named after runtime and adapter
`;

/** What is wrong with a command line, as one sentence. */
export class UsageError extends Error {}

/** @returns undefined where the usage was asked for. @throws UsageError */
export function readCommandLine(args: readonly string[]): CommandLine | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new UsageError(`--seconds takes a number from 0 to 3600, not ${values.seconds}.`);
  }
  return {
    configs: namesOf('--configs', values.configs, CONFIGS).map((name) => CONFIGS.get(name)!),
    peers: values.peers === 'none' ? [] : namesOf('--peers', values.peers, PEERS),
    seconds,
    scaling: values.scaling,
    json: values.json,
    svg: values.svg,
    save: values.save,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function namesOf(flag: string, list: string, known: ReadonlyMap<string, unknown>): string[] {
  const names = list.split(',');
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return names;
  throw new UsageError(`${flag} knows ${[...known.keys()].join(', ')}, not ${unknown}.`);
}
