/**
 * `npm test`: installs what is missing, a browser too, then runs every check and test and sums them up
 * in the last line. `npm test -- --only unit,build` runs some parts.
 */
import { spawnSync } from 'node:child_process';
import util from 'node:util';
import { installBrowser, softwareGpuVariables } from './browser.mjs';
import { clearReport, readCounts, reportPath } from './counts.mjs';
import { fail, setUp } from './setup.mjs';

/** @type {{ name: string, title: string, command: string[], gpu?: boolean }[]} */
const PARTS = [
  { name: 'check', title: 'Checks of the sources', command: ['scripts/check.mjs'] },
  { name: 'adapters', title: 'GPU adapters', command: ['scripts/showAdapters.mjs'] },
  {
    name: 'unit',
    title: 'Unit, kernel and component tests under Node and in Chromium',
    command: [
      ...['node_modules/vitest/vitest.mjs', 'run'],
      ...['--project', 'commands', '--project', 'node', '--project', 'browser'],
      ...['--reporter', 'default', '--reporter', 'json'],
      `--outputFile.json=${reportPath('unit')}`,
    ],
    gpu: true,
  },
  { name: 'build', title: 'Build', command: ['node_modules/vite/bin/vite.js', 'build'] },
  {
    name: 'e2e',
    title: 'End-to-end tests of the built page',
    command: ['node_modules/@playwright/test/cli.js', 'test', '--reporter', 'list,json'],
  },
];

/** Parts that `--only` brings along: the built page is what end-to-end tests open. */
const NEEDED = new Map([['e2e', 'build']]);

function chosenParts() {
  const names = PARTS.map(({ name }) => name);
  try {
    const { values } = util.parseArgs({ options: { only: { type: 'string' } } });
    const only = values.only?.split(',') ?? names;
    if (only.every((name) => names.includes(name))) {
      const wanted = new Set(only.flatMap((name) => [name, NEEDED.get(name)]));
      return PARTS.filter(({ name }) => wanted.has(name));
    }
  } catch {
    // The sentence below says what is understood.
  }
  return fail(`Usage: npm test -- [--only PART,...], where a part is one of ${names.join(', ')}.`);
}

setUp();
const parts = chosenParts();
const browser = installBrowser();
const total = { passed: 0, failed: 0 };
for (const { name, title, command, gpu } of parts) {
  console.log(`\n=== ${title} ===`);
  clearReport(name);
  const start = performance.now();
  const { status, signal } = spawnSync(process.execPath, command, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...softwareGpuVariables(browser),
      CHROME_PATH: browser,
      PLAYWRIGHT_JSON_OUTPUT_FILE: reportPath('e2e'),
    },
  });
  const { passed, failed, gpuPassed } = readCounts(name, status === 0);
  const seconds = Math.round((performance.now() - start) / 1000);
  const end = signal ? `killed by ${signal}` : `exit status ${status}`;
  console.log(`\n${title}: ${passed} passed, ${failed} failed, ${seconds} s, ${end}`);
  total.passed += passed;
  total.failed += failed;
  if (gpu && gpuPassed === 0) {
    console.log(`${title}: 0 GPU tests passed, so no kernel was tested; this counts as a failure.`);
    total.failed += 1;
  }
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
