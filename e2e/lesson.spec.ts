import { expect, test } from './fixtures';
import { SMALL_RUN } from './runs';

test('a lesson is written on the page, opened from its link, and left again', async ({
  page,
  context,
}) => {
  await page.goto(SMALL_RUN);
  await page.getByRole('button', { name: 'make a lesson' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Why β?');
  const words = 'Drag β.\n<img src=x onerror=alert(1)> javascript:alert(1)';
  await page.getByRole('textbox', { name: 'What to do' }).fill(words);
  for (const part of ['Discount γ', 'Race', 'More settings', 'Method and its settings']) {
    await page.getByRole('checkbox', { name: part, exact: true }).uncheck();
  }
  await expect(page.locator('.race-card')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'edit the lesson' })).toBeFocused();
  await expect(page).toHaveURL(/lesson\.hide=[^&]*method/); // which was left out last

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator('.lesson')).toHaveText(`Why β? ${words}`);
  await expect(other.locator('.lesson img')).toHaveCount(0);
  await expect(other.getByRole('slider', { name: 'Tilt β, return' })).toBeVisible();
  await expect(other.locator('.weights').getByRole('slider', { name: /^Discount γ/ })).toHaveCount(
    0,
  );
  await expect(other.getByRole('combobox', { name: 'Method' })).toHaveCount(0);
  await expect(other.getByRole('button', { name: 'More settings' })).toHaveCount(0);
  await expect(other.locator('.race-card')).toHaveCount(0);
  expect(other.url()).toBe(page.url());

  await other.getByRole('button', { name: 'leave the lesson' }).click();
  await expect(
    other.locator('.weights').getByRole('slider', { name: /^Discount γ/ }),
  ).toBeVisible();
  await expect(other.locator('.race-card')).toBeVisible();
  await expect(other).not.toHaveURL(/lesson/);
});
