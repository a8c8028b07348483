import { expect, type Page } from '@playwright/test';

const LITTLE =
  '#v=1&preset=first-visit&rollout.prompts=8&rollout.trajectories=4' +
  '&optimizer.batch=8&eval.prompts=16';

/** A run of seconds on the software adapter: the first visit's task and model, less of everything. */
export const SMALL_RUN = `${LITTLE}&eval.every=2`;

/** The same, evaluated before and after it only. */
export const UNWATCHED_RUN = `${LITTLE}&eval.every=0`;

export const runButton = (page: Page, name = 'Run') =>
  page.getByRole('button', { name, exact: true });

export const stage = (page: Page) => page.locator('.status-stage');

/** 3 s, and room for a busy neighbor. */
export const SOON = { timeout: 2 * 3000 };

/** Waits until keys go to this page: another test's window may just have had the focus. */
export const hasFocus = (page: Page) => page.waitForFunction(() => document.hasFocus());

/** Waits until the run in progress has ended. */
export async function finished(page: Page, steps: number): Promise<void> {
  await expect(stage(page)).toHaveText(`Finished after ${steps} steps`, { timeout: 60_000 });
}

/** SHA-256 of the policy's weights, from the details of the run. */
export async function weightsHash(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Details' }).click();
  const hash = await page.locator('.popup-details code').innerText();
  await page.keyboard.press('Escape');
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  return hash;
}

/** The loss of every step, from the chart's table. */
export async function losses(page: Page): Promise<string[]> {
  const chart = page.getByRole('figure', { name: 'Loss' });
  await chart.getByRole('button', { name: 'Loss: numbers as a table' }).click();
  return chart.locator('tbody td:nth-child(2)').allInnerTexts();
}
