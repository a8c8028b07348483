import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { axe } from './axe';
import { expect, test } from './fixtures';
import { stage, UNWATCHED_RUN } from './runs';

const card = (page: Page) => page.getByRole('region', { name: /^Race/ }).first();
const table = (page: Page) => card(page).locator('section.history table');

test('a race of two methods with two seeds, each at its rate, under a budget of steps', async ({
  page,
}) => {
  test.setTimeout(180_000);
  await page.goto(UNWATCHED_RUN);
  const address = page.url();
  for (const name of ['SFT', 'RFT']) {
    await card(page).getByRole('checkbox', { name, exact: true }).uncheck();
  }
  await card(page).getByRole('checkbox', { name: 'GRPO', exact: true }).check();
  const rate = card(page).getByRole('textbox', { name: 'Learning rate of DRIFT' });
  await expect(card(page).getByRole('textbox', { name: 'Learning rate of GRPO' })).toHaveValue(
    '2e−4',
  );
  await rate.fill('7');
  await rate.press('Enter');
  await expect(card(page).getByRole('alert')).toHaveText(/^Give a number from/);
  await rate.fill('1e-3');
  await rate.press('Enter');
  await card(page)
    .getByRole('button', { name: /^Reset the learning rate of DRIFT/ })
    .click();
  await expect(rate).toHaveValue('3e−4');
  await rate.fill('5e-4');
  await card(page).getByRole('textbox', { name: 'Seeds' }).fill('2');
  await card(page).getByRole('combobox', { name: 'Kind of budget' }).click();
  await page.getByRole('option', { name: 'optimizer steps' }).click();
  await card(page).getByRole('textbox', { name: 'Budget of each run' }).fill('6');
  await card(page).getByRole('button', { name: 'Start the race' }).click();
  await expect(card(page).getByText('Run 1 of 4: DRIFT, seed 0.')).toBeVisible();

  await expect(card(page).getByRole('button', { name: 'Start the race' })).toBeVisible({
    timeout: 150_000,
  });
  await expect(table(page).locator('tbody tr')).toHaveCount(2);
  await expect(table(page).locator('tbody tr').first()).toContainText(
    /^DRIFT25e−4\d+ % \(\d+–\d+\)/,
  );
  expect(await table(page).locator('tbody td:nth-child(7)').allInnerTexts()).toEqual(['6', '6']);
  const figure = card(page).getByRole('figure', { name: 'Race: solved, greedy' });
  await expect(figure.locator('figcaption')).toHaveText(/^DRIFT \d+ %, GRPO \d+ %$/);
  expect(page.url()).toBe(address);

  await card(page).getByRole('combobox', { name: 'Cost' }).click();
  await page.getByRole('option', { name: 'decode passes' }).click();
  const saved = page.waitForEvent('download');
  await figure.getByRole('button', { name: /save as CSV/ }).click();
  const csv = await readFile(await (await saved).path(), 'utf8');
  expect(csv).toMatch(/^sequential decode passes,DRIFT .*,"?DRIFT, lowest/);
  const image = page.waitForEvent('download');
  await figure.getByRole('button', { name: /save as PNG/ }).click();
  expect((await image).suggestedFilename()).toMatch(/\.png$/);
  const numbers = page.waitForEvent('download');
  await card(page)
    .getByRole('button', { name: /Final numbers.* CSV/ })
    .click();
  const rows = (await readFile(await (await numbers).path(), 'utf8')).trimEnd().split('\r\n');
  expect(rows).toHaveLength(3);
  expect(rows[1]).toMatch(/^drift,2,0.0005,/);

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = await axe(page).include('.race-card').analyze();
    expect(found.violations.map((v) => v.id)).toEqual([]);
  }
});

test('a cancelled race keeps the runs that are finished', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto(UNWATCHED_RUN);
  await card(page).getByRole('button', { name: 'Start the race' }).click();
  await expect(card(page).getByText('Run 2 of 3: SFT, seed 0.')).toBeVisible({ timeout: 60_000 });
  await card(page).getByRole('button', { name: 'Cancel the race' }).click();
  await expect(card(page).getByText('Ended after 1 of 3 runs.')).toBeVisible({ timeout: 10_000 });
  await expect(table(page).locator('tbody tr')).toHaveCount(1);
  await expect(stage(page)).not.toHaveText('Training');
});
