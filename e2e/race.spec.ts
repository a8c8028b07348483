import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { axe } from './axe';
import { expect, test } from './fixtures';
import { stage, UNWATCHED_RUN } from './runs';

const card = (page: Page) => page.getByRole('region', { name: /^Race/ }).first();
const table = (page: Page) => card(page).locator('section.history table');
const entries = (page: Page) => card(page).getByRole('list', { name: 'Entries of the race' });
const box = (page: Page, name: string) => card(page).getByRole('checkbox', { name, exact: true });

/** Cells of a column of the table, from the top. */
async function column(page: Page, name: string): Promise<string[]> {
  const names = await table(page).locator('thead th').allInnerTexts();
  return table(page)
    .locator(`tbody tr > :nth-child(${names.indexOf(name) + 1})`)
    .allInnerTexts();
}

test('a race of DRIFT, SFT, RFT and GRPO with two seeds, each at its rate, under a budget of steps', async ({
  page,
}) => {
  test.setTimeout(180_000);
  await page.goto(UNWATCHED_RUN);
  await box(page, 'DRIFT, all turns').uncheck();
  await box(page, 'GRPO, multi-turn').check();
  await expect(entries(page).getByRole('listitem')).toHaveText([
    /^DRIFT, last turn ?as set above/,
    /^SFT ?as set above/,
    /^RFT ?as set above/,
    /^GRPO, multi-turn ?as set above/,
  ]);
  const rate = card(page).getByRole('textbox', { name: 'Learning rate of DRIFT, last turn' });
  await expect(
    card(page).getByRole('textbox', { name: 'Learning rate of GRPO, multi-turn' }),
  ).toHaveValue('2e−4');
  await rate.fill('7');
  await rate.press('Enter');
  await expect(card(page).getByRole('alert')).toHaveText(/^Give a number from/);
  await rate.fill('1e-3');
  await rate.press('Enter');
  await card(page)
    .getByRole('button', { name: /^Reset the learning rate of DRIFT, last turn/ })
    .click();
  await expect(rate).toHaveValue('3e−4');
  await rate.fill('5e-4');
  await card(page).getByRole('textbox', { name: 'Seeds' }).fill('2');
  await card(page).getByRole('combobox', { name: 'Kind of budget' }).click();
  await page.getByRole('option', { name: 'optimizer steps' }).click();
  await card(page).getByRole('textbox', { name: 'Budget of each run' }).fill('6');
  await card(page).getByRole('button', { name: 'Start the race' }).click();
  await expect(card(page).getByText('Run 1 of 8: DRIFT, last turn, seed 0.')).toBeVisible();

  await expect(card(page).getByRole('button', { name: 'Start the race' })).toBeVisible({
    timeout: 150_000,
  });
  await expect(table(page).locator('tbody tr')).toHaveCount(4);
  await expect(table(page).locator('tbody tr').first()).toContainText(
    /^DRIFT, last turn25e−4(\d+ % \(\d+–\d+\)){4}/,
  );
  const solved = ['greedy @1', 'greedy @5', 'sampled @1', 'sampled @5'];
  for (const name of solved) expect(await column(page, name)).toHaveLength(4);
  expect(await column(page, 'steps')).toEqual(['6', '6', '6', '6']);
  const [drift, sft, rft] = await column(page, 'generated tokens');
  expect([sft, rft]).toEqual([drift, drift]); // the same tries
  const trips = await column(page, 'round trips');
  expect(trips.slice(0, 3)).toEqual(['0', '0', '0']);
  expect(Number(trips[3])).toBeGreaterThan(0);
  const figure = card(page).getByRole('figure', {
    name: 'Race on Sums (facts): solved within 5 turns, greedy',
  });
  await expect(figure.locator('figcaption')).toHaveText(
    /^DRIFT, last turn: \d+ %; SFT: \d+ %; RFT: \d+ %; GRPO, multi-turn: \d+ %\. Bands go from the lowest seed to the highest\.$/,
  );
  const { searchParams } = new URL(page.url().replace('#', '?'));
  expect(searchParams.get('race.entries')).toBe('DRIFT, last turn;SFT;RFT;GRPO, multi-turn');
  expect(searchParams.get('race.rate.DRIFT, last turn')).toBe('0.0005');

  await card(page).getByRole('combobox', { name: 'Cost' }).click();
  await page.getByRole('option', { name: 'decode passes' }).click();
  const saved = page.waitForEvent('download');
  await figure.getByRole('button', { name: /save as CSV/ }).click();
  const csv = await readFile(await (await saved).path(), 'utf8');
  expect(csv).toMatch(/^sequential decode passes,"DRIFT, last turn .*,"DRIFT, last turn, lowest/);
  const image = page.waitForEvent('download');
  await figure.getByRole('button', { name: /save as PNG/ }).click();
  expect((await image).suggestedFilename()).toMatch(/\.png$/);
  const numbers = page.waitForEvent('download');
  await card(page)
    .getByRole('button', { name: /Final numbers.* CSV/ })
    .click();
  const rows = (await readFile(await (await numbers).path(), 'utf8')).trimEnd().split('\r\n');
  expect(rows).toHaveLength(5);
  expect(rows[0]).toContain(solved.map((name) => `${name},${name} low,${name} high`).join());
  expect(rows[1]).toMatch(/^"DRIFT, last turn",[^,]*method\.turns=last[^,]*,2,0\.0005,/);

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = await axe(page).include('.race-card').analyze();
    expect(found.violations.map((v) => v.id)).toEqual([]);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(360);
});

test('the settings of the page race under a name of their own, kept when they are changed', async ({
  page,
}) => {
  await page.goto('#v=1&preset=first-visit&drift.beta=0.3');
  const add = card(page).getByRole('button', { name: 'Add the settings above as an entry' });
  const name = card(page).getByRole('textbox', { name: 'Name of the entry as set above' });
  await expect(name).toHaveValue('DRIFT, last turn, Tilt β 0.3');
  await name.fill('SFT');
  await add.press('Enter');
  await expect(card(page).getByRole('alert')).toHaveText('There is an entry “SFT” already.');
  await name.fill('wide tilt');
  await add.press('Enter');
  await expect(card(page).getByRole('alert')).toHaveCount(0);
  await expect(card(page).getByText('The settings above are those of “wide tilt”.')).toBeVisible();
  const own = entries(page).getByRole('listitem').filter({ hasText: 'wide tilt' });
  await expect(own).toContainText('as set above');
  await expect(add).toBeFocused();

  await page.getByRole('textbox', { name: /^Tilt β.*as text$/ }).fill('0.1');
  await page.keyboard.press('Enter');
  await expect(own).toContainText('Tilt β: 0.3');

  await card(page).getByRole('textbox', { name: 'Seeds' }).fill('3');
  await box(page, 'RFT').uncheck();
  await expect.poll(() => page.url()).toMatch(/race\.seeds=3&race\.own\.wide\+tilt=/);
  await page.reload();
  await expect(box(page, 'RFT')).not.toBeChecked();
  await expect(card(page).getByRole('textbox', { name: 'Seeds' })).toHaveValue('3');
  await expect(own).toContainText('Tilt β: 0.3');

  await own.getByRole('button', { name: 'Remove wide tilt' }).click();
  await expect(own).toHaveCount(0);
  await expect(add).toBeFocused();
});

test('a cancelled race keeps the runs that are finished', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto(`${UNWATCHED_RUN}&optimizer.epochs=6`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(stage(page)).toHaveText(/^Finished/, { timeout: 60_000 });
  await card(page).getByRole('button', { name: 'Start the race' }).click(); // of the same settings
  await expect(card(page).getByText('Run 2 of 4: DRIFT, all turns, seed 0.')).toBeVisible({
    timeout: 60_000,
  });
  await card(page).getByRole('button', { name: 'Cancel the race' }).click();
  await expect(card(page).getByText('Ended after 1 of 4 runs.')).toBeVisible({ timeout: 10_000 });
  await expect(table(page).locator('tbody tr')).toHaveCount(1);
  await expect(stage(page)).not.toHaveText('Training');
});
