/** How many tests passed and failed, as each part of `npm test` leaves it for the sum. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const FOLDER = 'node_modules/.cache/tests';

/** @typedef {{ passed: number, failed: number }} Counts */

/** @param {string} part */
export const reportPath = (part) => `${FOLDER}/${part}.json`;

/** @param {string} part */
export function clearReport(part) {
  mkdirSync(FOLDER, { recursive: true });
  rmSync(reportPath(part), { force: true });
}

/**
 * @param {string} part
 * @param {Counts} counts
 */
export function writeCounts(part, counts) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(reportPath(part), JSON.stringify(counts));
}

/**
 * What a part reported; a runner that reported nothing, or broke beside its tests, is one failure.
 *
 * @param {string} part
 * @param {boolean} endedWell whether its process did
 * @returns {Counts & { gpuPassed: number }}
 */
export function readCounts(part, endedWell) {
  const path = reportPath(part);
  const counts = existsSync(path)
    ? countsIn(JSON.parse(readFileSync(path, 'utf8')))
    : { passed: endedWell ? 1 : 0, failed: 0, gpuPassed: 0 };
  if (!endedWell && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * Reads our own counts, Playwright's JSON report or Vitest's.
 *
 * @param {any} report
 */
function countsIn(report) {
  if (report.stats) {
    const { expected, unexpected, flaky } = report.stats;
    return { passed: expected, failed: unexpected + flaky, gpuPassed: 0 };
  }
  if (!report.testResults) return { ...report, gpuPassed: 0 };
  const counts = { passed: 0, failed: 0, gpuPassed: 0 };
  for (const { name, status, assertionResults } of report.testResults) {
    const ended = (/** @type {string} */ how) =>
      assertionResults.filter((/** @type {{ status: string }} */ test) => test.status === how)
        .length;
    const broke = status === 'failed' && ended('failed') === 0 ? 1 : 0; // the file did not load
    counts.passed += ended('passed');
    counts.failed += ended('failed') + broke;
    if (name.endsWith('.gpu.test.ts')) counts.gpuPassed += ended('passed');
  }
  return counts;
}
