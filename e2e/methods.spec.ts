import { expect, test } from './fixtures';
import { finished, runButton, SMALL_RUN } from './runs';

test('a method is chosen with its formula, shows its own settings, and plays while it learns', async ({
  page,
}) => {
  await page.goto(SMALL_RUN);
  const training = page.locator('.card.training');
  await expect(training.getByText('Trained turns')).toBeVisible();
  await page.getByRole('combobox', { name: 'Method' }).click();
  await page.getByRole('option', { name: /^GRPO/ }).click();
  await expect(training.getByText(/A = \(R − mean R of the group\)/)).toBeVisible();
  await expect(training.getByText(/arXiv 2402\.03300/)).toBeVisible();
  await expect(training.getByText('Trained turns')).toHaveCount(0); // it trains them all
  await expect(page.locator('.columns').getByText('Tilt β')).toHaveCount(0); // it does not tilt
  await page.getByRole('textbox', { name: /^Prompts per round/ }).fill('2');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/method\.name=grpo&online\.prompts=2/);

  await runButton(page).click();
  await finished(page, 4); // 8 prompts in rounds of 2
  await page.getByRole('button', { name: 'Details' }).click();
  const details = page.locator('.popup-details');
  await expect(details.getByText('round trips of weights').locator('..')).toContainText('3');
  await page.keyboard.press('Escape');
  await expect(page.getByText('1–8 of 32')).toBeVisible(); // the tries of all rounds
});

test('another method says at which rate it usually starts, to be taken with one press', async ({
  page,
}) => {
  await page.goto('#v=1&preset=first-visit&rollout.prompts=8');
  const line = page.locator('.usual-rate');
  await expect(line).toHaveText('DRIFT usually starts at this rate.');
  const { height } = (await line.boundingBox())!;
  await page.getByRole('combobox', { name: 'Method' }).click();
  await page.getByRole('option', { name: /^GRPO/ }).click();
  await expect(line).toHaveText('GRPO usually starts at 2e−4: use it');
  expect((await line.boundingBox())!.height).toBe(height); // nothing below moves
  await page.getByRole('button', { name: 'use it, learning rate 2e−4' }).press('Enter');
  await expect(line).toHaveText('GRPO usually starts at this rate.');
  const rate = page.getByRole('textbox', { name: /^Learning rate.*as text$/ });
  await expect(rate).toHaveValue('2e−4');
  await expect(page.getByRole('slider', { name: /^Learning rate/ })).toBeFocused();
  await expect(page).toHaveURL(/method\.name=grpo&optimizer\.learningRate=0\.0002/);
  await expect(page.getByRole('button', { name: /^Learning rate 2e−4.*reset$/ })).toBeVisible();
  await page.getByRole('button', { name: 'undo' }).click();
  await expect(rate).toHaveValue('3e−4');
  await expect(line).toContainText('use it');
});

test('an offline method takes the tries that are there', async ({ page }) => {
  await page.goto(`${SMALL_RUN}&method.name=dpo`);
  await runButton(page).click();
  await expect(page.locator('.status-stage')).toHaveText(/^Finished after \d+ steps?$/, {
    timeout: 60_000,
  });
  const loss = page.getByRole('figure', { name: 'Loss' });
  await loss.getByRole('button', { name: 'Loss: numbers as a table' }).click();
  const first = await loss.locator('tbody td:nth-child(2)').first().innerText();
  expect(Number(first)).toBeCloseTo(Math.LN2, 3); // the policy is the reference still
});
