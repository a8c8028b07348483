import { expect, test } from './fixtures';
import { finished, hasFocus, runButton, stage, UNWATCHED_RUN } from './runs';

test('pause, step and go on act at once, by keyboard', async ({ page }) => {
  await page.goto(`${UNWATCHED_RUN}&optimizer.epochs=6`);
  await expect(runButton(page)).toBeVisible(); // then its keys act, too
  await hasFocus(page);
  await page.keyboard.press('Control+Enter');
  await expect(stage(page)).toHaveText('Training', { timeout: 60_000 });

  const pressed = Date.now();
  await page.keyboard.press('Control+Enter');
  await expect(stage(page)).toHaveText(/Paus/);
  expect(Date.now() - pressed).toBeLessThan(500); // 200 ms, and what Playwright's own polling takes
  await expect(stage(page)).toHaveText(/^Paused at step \d+ of 24$/);

  const at = Number(/step (\d+)/.exec(await stage(page).innerText())![1]);
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(stage(page)).toHaveText(`Paused at step ${at + 1} of 24`);

  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByRole('button', { name: 'Measure' }).click();
  const times = page.getByRole('table', { name: 'Where the time of a training step goes' });
  await expect(times.getByRole('row', { name: /^matmul_backward/ })).toBeVisible();
  await page.keyboard.press('Escape');

  await runButton(page, 'Go on').click();
  await finished(page, 24);
});

test('a slider re-weights the tries within a frame, without sampling', async ({ page }) => {
  await page.goto('');
  await expect(page.getByRole('button', { name: /^\d+ \+ \d+/ }).first()).toBeVisible();
  const score = page.locator('.row-score').first();
  const before = await score.innerText();
  const gamma = page.getByRole('slider', { name: /Repetition λ/ });
  await gamma.focus();
  await page.keyboard.press('Home');
  await expect(score).not.toHaveText(before, { timeout: 500 });
});

test('speed is changed while it runs', async ({ page }) => {
  await page.goto(`${UNWATCHED_RUN}&optimizer.epochs=6`);
  await page.getByRole('combobox', { name: /speed/i }).click();
  await page
    .getByRole('option', { name: /1 step/ })
    .first()
    .click();
  await runButton(page).click();
  await expect(stage(page)).toHaveText('Training', { timeout: 60_000 });
  await page.getByRole('combobox', { name: /speed/i }).click();
  await page.getByRole('option', { name: /full/ }).click();
  await finished(page, 24);
});
