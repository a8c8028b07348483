import type { Page } from '@playwright/test';
import { axe } from './axe';
import { expect, test } from './fixtures';
import { SMALL_RUN } from './runs';

const card = (page: Page) => page.getByRole('region', { name: /^Theory/ });
const distance = async (page: Page, label: string): Promise<number> =>
  Number(
    await card(page).locator('.figure', { hasText: label }).locator('.figure-value').innerText(),
  );

test('the model ends at p_K, and follows K by keyboard', async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto(SMALL_RUN);
  const figure = card(page).getByRole('figure', { name: 'Where training ends' });
  await expect(figure.locator('figcaption')).toContainText('The lines are exact');

  await card(page).getByRole('button', { name: 'Train the model' }).press('Enter');
  await expect(card(page).getByText('Settled')).toBeVisible({ timeout: 90_000 });
  expect(await distance(page, 'from pK')).toBeLessThan(0.02);
  expect(await distance(page, 'from p*')).toBeGreaterThan(0.1);

  const K = card(page).getByRole('slider', { name: 'K in theory' });
  await K.press('Home');
  expect(await distance(page, 'from pK')).toBeGreaterThan(0.1); // the line has moved, the model not yet
  await expect(card(page).getByText('Settled')).toBeVisible({ timeout: 60_000 });
  expect(await distance(page, 'from pK')).toBeLessThan(0.02); // with one try there is no choice

  await figure.getByRole('button', { name: /numbers as a table/ }).click();
  await expect(figure.locator('tbody tr')).toHaveCount(99 + 8);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = await axe(page).include('.card.theory').analyze();
    expect(found.violations.map((v) => v.id)).toEqual([]);
  }
});
