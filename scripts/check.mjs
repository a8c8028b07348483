/** `npm run check`: everything that can be said about the sources without running them. */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { writeCounts } from './counts.mjs';
import { setUp } from './setup.mjs';

/** The slowest first, so that the last one to end is short. */
const CHECKS = [
  ['types of the tests', 'tsc -p tsconfig.test.json'],
  ['types of the engine', 'tsc -p tsconfig.worker.json'],
  ['types of the page', 'tsc -p tsconfig.ui.json'],
  ['unused code', 'knip'],
  ['imports', 'depcruise --config .dependency-cruiser.cjs src bench'],
  [
    'imports of the main thread',
    'depcruise --config .dependency-cruiser.main-thread.cjs src/main.tsx src/offline.ts',
  ],
  ['lint', 'oxlint --deny-warnings'],
  ['format', 'oxfmt --check .'],
  ['length of files', 'node scripts/checkLength.mjs'],
  ['reasons for dependencies', 'node scripts/checkDependencies.mjs'],
];
const AT_ONCE = 2;

/**
 * Runs one check and prints its verdict, with its output where it fails.
 *
 * @param {string} name
 * @param {string} command
 * @returns {Promise<boolean>} whether it passed
 */
function passes(name, command) {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.on('close', (code) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
      if (code !== 0) console.log(`  > ${command}\n${output}`);
      resolve(code === 0);
    });
  });
}

setUp();
process.env.PATH = `node_modules/.bin${delimiter}${process.env.PATH}`;

const waiting = [...CHECKS];
const counts = { passed: 0, failed: 0 };
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name = '', command = ''] = next;
    counts[(await passes(name, command)) ? 'passed' : 'failed'] += 1;
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));

writeCounts('check', counts);
process.exitCode = counts.failed > 0 ? 1 : 0;
