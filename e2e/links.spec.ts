import { expect, test } from './fixtures';
import { finished, losses, runButton, SMALL_RUN, weightsHash } from './runs';

test('a link opens its settings, and two runs of it end in identical weights and curves', async ({
  page,
  context,
}) => {
  await page.goto(SMALL_RUN);
  await runButton(page).click();
  await finished(page, 4);
  const hash = await weightsHash(page);
  const curve = await losses(page);
  expect(curve).toHaveLength(4);

  const link = page.url();
  const other = await context.newPage();
  await other.goto(link);
  await runButton(other).click();
  await finished(other, 4);
  expect(await weightsHash(other)).toBe(hash);
  expect(await losses(other)).toEqual(curve);
});

test('the address follows a control, and opens the same again', async ({ page }) => {
  await page.goto('');
  await page.getByRole('textbox', { name: /Discount γ/ }).fill('0.3');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/drift\.gamma=0\.3/);

  await page.goto('about:blank');
  await page.goBack();
  await expect(page.getByRole('textbox', { name: /Discount γ/ })).toHaveValue('0.3');
});

test('a hostile link is named, repaired and starts nothing', async ({ page }) => {
  await page.goto(
    '#v=1&preset=first-visit&drift.beta=0&rollout.prompts=1e309&__proto__.x=1' +
      '&task=<img src=x onerror=alert(1)>&optimizer.learningRate=NaN&seed=7',
  );
  const notice = page.getByRole('status').filter({ hasText: 'Not everything in the link' });
  for (const name of ['drift.beta', 'rollout.prompts', '__proto__', 'task', 'learningRate']) {
    await expect(notice).toContainText(name);
  }
  await expect(page).toHaveURL(/seed=7/);
  await expect(page).not.toHaveURL(/beta|proto|NaN/);
  await expect(page.locator('.status-stage')).toHaveText('Ready'); // not a preset as it is: waits
});

test('a link of a newer version is refused plainly', async ({ page }) => {
  await page.goto('#v=99&preset=first-visit');
  await expect(page.getByText(/newer/i).first()).toBeVisible();
  await expect(runButton(page)).toBeVisible();
});
