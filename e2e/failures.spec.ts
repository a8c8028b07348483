import type { Page } from '@playwright/test';
import { blind } from './blind';
import { expect, test } from './fixtures';
import { finished, losses, runButton, SMALL_RUN, SOON } from './runs';

const INK = 500; // pixels of axes and a line, at least

/** How many pixels of a line chart are not clear. */
const inkOf = (page: Page, name: string) =>
  page
    .getByRole('figure', { name })
    .locator('canvas')
    .evaluateAll((canvases: HTMLCanvasElement[]) =>
      canvases
        .map((canvas) => canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height))
        .reduce((n, { data }) => n + data.filter((x, i) => i % 4 === 3 && x > 0).length, 0),
    );

const alert = (page: Page) => page.getByRole('alert');

test('without WebGPU one sentence says so and what to do', async ({ page }) => {
  await blind(page, 'noWebgpu');
  await page.goto('');
  await expect(alert(page)).toContainText('no WebGPU', SOON);
  await expect(alert(page)).toContainText('Chrome');
  await expect(page.locator('.status-stage')).toHaveText('Stopped by a failure');
});

test('without an adapter one sentence says so', async ({ page }) => {
  await blind(page, 'noAdapter');
  await page.goto('');
  await expect(alert(page)).toContainText('no GPU adapter', SOON);
});

test('an adapter that never answers is said within three seconds, and given up', async ({
  page,
}) => {
  await blind(page, 'silentAdapter');
  await page.goto('');
  await expect(page.getByText('The GPU takes its time')).toBeVisible(SOON);
  await expect(page.locator('.status-stage')).toHaveText('Waiting for the GPU');
  await expect(alert(page)).toContainText('no GPU adapter', { timeout: 12_000 });
  await expect(page.getByText('The GPU takes its time')).toBeHidden();
});

test('the software adapter is named for what it is', async ({ page }) => {
  await page.goto('');
  await expect(page.getByText('No GPU here')).toBeVisible();
});

test('a configuration too large is refused, names the setting, and the page goes on', async ({
  page,
}) => {
  await page.goto(
    '#v=1&preset=first-visit&reference.source=pretrain&model.layers=16&model.channels=1024' +
      '&model.heads=16&model.kvHeads=16&model.mlp=4096',
  );
  const notice = page.getByRole('alert').or(page.getByRole('status'));
  await runButton(page).click();
  await expect(notice.filter({ hasText: /make model\.\w+/ }).first()).toBeVisible();

  await page.goto('about:blank');
  await page.goto(SMALL_RUN);
  await runButton(page).click();
  await finished(page, 4);
});

test('a GPU process that crashes while training is said, and Run opens the GPU again', async ({
  browser,
  page,
  faults,
}) => {
  await page.goto(`${SMALL_RUN}&optimizer.epochs=32`);
  await runButton(page).click();
  await expect.poll(() => inkOf(page, 'Loss')).toBeGreaterThan(INK);
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess').catch(() => {}); // it cannot answer any more
  await expect(alert(page)).toContainText('The GPU was taken away', { timeout: 10_000 });
  await expect(alert(page)).toContainText('Press Run');
  await expect(page.getByRole('button', { name: /^\d+ \+ \d+/ }).first()).toBeVisible(); // the tries
  faults.length = 0; // the browser reports the crash
  await expect.poll(() => inkOf(page, 'Loss')).toBeGreaterThan(INK); // the crash took the canvas along

  await page.goto(SMALL_RUN);
  await runButton(page).click();
  await expect(alert(page)).toBeHidden();
  await finished(page, 4);
});

test('a loss that is no number stops at the last good step, and the page goes on', async ({
  page,
}) => {
  const wild =
    '&optimizer.epochs=6&optimizer.learningRate=0.1&optimizer.warmup=0&optimizer.clip=1000' +
    '&optimizer.beta2=0&optimizer.epsilon=1e-12';
  await page.goto(`${SMALL_RUN}${wild}`);
  await runButton(page).click();
  await expect(alert(page)).toContainText('no longer a number', { timeout: 60_000 });
  await expect(alert(page)).toContainText('Lower the learning rate');
  const step = Number(/not a number at step (\d+)/.exec(await alert(page).innerText())![1]);
  const curve = await losses(page);
  expect(curve).toHaveLength(step - 1); // the curve up to the last good step
  await expect(page.getByRole('button', { name: /^\d+ \+ \d+/ }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Ask both' }).click(); // the policy is still there
  await expect(page.locator('.conversation .chip')).toHaveCount(2);

  const hidden = page.waitForFunction(() => !document.querySelector('[role=alert]')); // every frame
  await runButton(page).click(); // unchanged: from the start, to the same end
  await hidden;
  await expect(alert(page)).toContainText(`step ${step}`, { timeout: 60_000 });
  await expect(page.getByRole('figure', { name: 'Loss' }).locator('tbody tr')).toHaveCount(
    step - 1,
  );

  await page.evaluate((hash) => (location.hash = hash), SMALL_RUN);
  await runButton(page).click();
  await finished(page, 4);
});
