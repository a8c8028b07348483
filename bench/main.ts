/** Reads the command line, has it measured, prints the table, writes what was asked for. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PlaygroundError } from '../src/shared/errors';
import { readCommandLine, USAGE, UsageError } from './options';
import { pictureOf } from './picture';
import type { Report } from './report';
import type { BenchOptions } from './run';
import { scalingPicture } from './scalingPicture';
import { scalingTable } from './scalingTable';
import { tableOf } from './table';

/** Results go to standard output, everything else to standard error. @returns the exit status */
export async function main(
  args: readonly string[],
  measure: (options: BenchOptions) => Promise<Report>,
): Promise<number> {
  try {
    const options = readCommandLine(args);
    if (!options) {
      process.stdout.write(USAGE);
      return 0;
    }
    for (const path of [options.json, options.svg]) if (path) expectWritable(path);
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = options.from ? reportIn(options.from) : await measure({ ...options, say });
    const { scaling } = report;
    process.stdout.write(`\n${scaling ? scalingTable(scaling) : tableOf(report)}`);
    const saved = `docs/bench/${scaling ? 'scaling-' : ''}${slugOf(report)}`;
    const { json = options.save ? `${saved}.json` : undefined } = options;
    const { svg = options.save ? `${saved}.svg` : undefined } = options;
    if (json) write(json, `${JSON.stringify(report, null, 2)}\n`);
    const about = `${report.adapter}, ${report.runtime}`;
    if (svg) write(svg, scaling ? scalingPicture(scaling, about) : pictureOf(report));
    return 0;
  } catch (cause) {
    if (cause instanceof UsageError) {
      process.stderr.write(`bench: ${cause.message}\n\n${USAGE}`);
      return 2;
    }
    if (!(cause instanceof PlaygroundError)) throw cause;
    process.stderr.write(`bench: ${cause.message}\n`);
    return 1;
  }
}

/** What --json wrote, by this version. @throws UsageError */
function reportIn(path: string): Report {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report; // written by ourselves
    if (report.version === 2) return report;
    throw new Error('it was written by another version');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--from cannot draw ${path}: ${why}.`);
  }
}

/** Says before anything is measured that nothing could be written there. @throws UsageError */
function expectWritable(path: string): void {
  const isNew = !existsSync(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
    if (isNew) rmSync(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path} cannot be written: ${why}.`);
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stderr.write(`Wrote ${path}\n`);
}

/** Runtime and adapter as part of a file's name. */
const slugOf = ({ runtime, adapter }: Report): string =>
  `${runtime.split(' ')[0]} ${adapter}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
