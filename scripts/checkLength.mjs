/** Fails when a source file is longer than 500 lines, or a shader longer than 150. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const MOST_LINES = new Map([
  ['.ts', 500],
  ['.tsx', 500],
  ['.mjs', 500],
  ['.css', 500],
  ['.wgsl', 150],
]);

const tooLong = ['src', 'bench', 'shaders', 'scripts', 'e2e'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    const most = MOST_LINES.get(extname(name));
    const lines = most === undefined ? 0 : readFileSync(path, 'utf8').split('\n').length - 1;
    return lines > (most ?? 0) ? [`${path} has ${lines} lines; at most ${most} are allowed.`] : [];
  }),
);
for (const sentence of tooLong) console.error(sentence);
process.exitCode = tooLong.length > 0 ? 1 : 0;
