import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';

test.describe.configure({ retries: 2 }); // it measures time on a machine that others may share
test.use({ trace: 'off' }); // recording it would take the processor that is measured

/** Records tasks of more than 50 ms on the main thread. Runs in the page. */
function watchLongTasks(): void {
  const found: number[] = [];
  Object.assign(globalThis, { longTasks: found });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) found.push(Math.round(duration));
  }).observe({ type: 'longtask' });
}

const run = (page: Page) => page.getByRole('button', { name: 'Run', exact: true });
const race = (page: Page) => page.getByRole('figure', { name: 'Solved within 5 turns' });

/** The chart's own sentence: share solved by the reference and, last, by the policy, in percent. */
async function solved(page: Page): Promise<{ reference: number; policy: number }> {
  const text = await race(page).locator('figcaption').innerText();
  const found = /reference solves (\d+) ?%; after training: DRIFT (\d+) ?%/.exec(text);
  expect(found, `the summary says «${text}»`).not.toBeNull();
  return { reference: Number(found![1]), policy: Number(found![2]) };
}

test('the first visit: DRIFT lifts success within five turns from below .45 to at least .90', async ({
  page,
}) => {
  test.setTimeout(240_000);
  const opened = Date.now();
  await page.goto('');

  const firstTrajectory = page.getByRole('button', { name: /^\d+ \+ \d+/ }).first();
  await expect(firstTrajectory).toBeVisible();
  const trajectorySeconds = (Date.now() - opened) / 1000;

  await page.evaluate(watchLongTasks);
  const pressed = Date.now();
  await run(page).click();
  await expect(page.locator('.status-stage')).toHaveText('Training', { timeout: 60_000 });
  await expect(page.locator('.status-count')).toHaveText(/^[1-9]/);
  const stepSeconds = (Date.now() - pressed) / 1000;

  await expect(page.locator('.status-stage')).toHaveText('Finished after 32 steps', {
    timeout: 200_000,
  });
  const runSeconds = (Date.now() - pressed) / 1000;
  const { reference, policy } = await solved(page);
  const longTasks = await page.evaluate(() => (globalThis as { longTasks?: number[] }).longTasks);
  console.log(
    `first trajectory ${trajectorySeconds} s, first step ${stepSeconds} s, whole run ${runSeconds} s; ` +
      `greedy multi@5 ${reference} % -> ${policy} %; tasks over 50 ms: ${String(longTasks)}`,
  );

  expect(reference).toBeLessThan(45);
  expect(policy).toBeGreaterThanOrEqual(90);
  expect(runSeconds).toBeLessThan(90);
  // The promise is 3 s, 5 s and no task over 50 ms, on two free cores (docs/conclusions.md has a run).
  // The software GPU takes every core it can get, so wall time has room for one busy neighbor.
  expect(trajectorySeconds).toBeLessThan(2 * 3);
  expect(stepSeconds).toBeLessThan(2 * 5);
  expect(longTasks?.filter((ms) => ms > 2 * 50)).toEqual([]);
  expect(longTasks?.length).toBeLessThan(10);
});
