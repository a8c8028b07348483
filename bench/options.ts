/** The benchmark's command line. */
import { parseArgs } from 'node:util';
import { REDUCE_VARIANTS, STORE_VARIANTS, TILE_VARIANTS } from '../src/shared/kernelForms';
import type { FormsWanted } from './forms';
import { PEERS } from './peers';
import { CONFIGS, type BenchConfig } from './workload';

export interface CommandLine extends FormsWanted {
  readonly configs: readonly BenchConfig[];
  readonly peers: readonly string[] | undefined; // undefined: the usual ones of the adapter
  readonly seconds: number;
  readonly scaling: boolean;
  readonly json: string | undefined; // files to write
  readonly svg: string | undefined;
  readonly save: boolean; // both into docs/bench, named after the adapter
  readonly from: string | undefined; // a JSON file to draw from, instead of measuring
}

const FLAGS = {
  configs: { type: 'string', default: 'tiny,small,base' },
  peers: { type: 'string' },
  seconds: { type: 'string', default: '10' },
  scaling: { type: 'boolean', default: false },
  tile: { type: 'string' },
  reduce: { type: 'string' },
  store: { type: 'string' },
  calibrate: { type: 'boolean' },
  'no-calibrate': { type: 'boolean' },
  from: { type: 'string' },
  json: { type: 'string' },
  svg: { type: 'string' },
  save: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const USAGE = `Usage: npm run bench -- [OPTIONS]      (in a bundle: ./run.sh [OPTIONS])

  --node              under Node through Dawn, instead of in a browser; a bundle always is
  --software          in the browser's software adapter even where there is a GPU
  --configs LIST      of ${[...CONFIGS.keys()].join(', ')}; tiny,small,base unless told
  --peers LIST        of ${[...PEERS.keys()].join(', ')}, or none. Unless told, all that can run
                      on a GPU, and jax-js on a software adapter, where TensorFlow.js takes 30
                      times as long as this engine
  --tile FORM         of our kernels: ${TILE_VARIANTS.join(', ')}
  --reduce FORM       ${REDUCE_VARIANTS.join(', ')}
  --store FORM        ${STORE_VARIANTS.join(', ')}
  --calibrate         measures which forms are quickest, those that are not given; unless told,
                      on a GPU only
  --no-calibrate      takes the adapter's usual forms
  --seconds N         aimed at per engine, configuration and phase; 10 unless told
  --scaling           time and memory against batch, context, width, depth and K instead
  --json FILE         writes all that was measured
  --svg FILE          writes a picture: speeds, and where the time of a step goes
  --from FILE         measures nothing: table and picture of what --json has written
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
  const { tile, reduce, store } = values;
  return {
    configs: namesOf('--configs', values.configs, CONFIGS).map((name) => CONFIGS.get(name)!),
    peers: peersOf(values.peers),
    forms: {
      ...(tile && { tile: oneOf('--tile', tile, TILE_VARIANTS) }),
      ...(reduce && { reduce: oneOf('--reduce', reduce, REDUCE_VARIANTS) }),
      ...(store && { store: oneOf('--store', store, STORE_VARIANTS) }),
    },
    calibrate: values['no-calibrate'] ? false : values.calibrate,
    seconds,
    scaling: values.scaling,
    from: values.from,
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

function peersOf(list: string | undefined): readonly string[] | undefined {
  if (list === undefined) return undefined;
  return list === 'none' ? [] : namesOf('--peers', list, PEERS);
}

function oneOf<Name extends string>(flag: string, name: string, known: readonly Name[]): Name {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} knows ${known.join(', ')}, not ${name}.`);
}

function namesOf(flag: string, list: string, known: ReadonlyMap<string, unknown>): string[] {
  const names = list.split(',');
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return names;
  throw new UsageError(`${flag} knows ${[...known.keys()].join(', ')}, not ${unknown}.`);
}
