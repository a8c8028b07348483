import type { Response } from '@playwright/test';
import { expect, test } from './fixtures';

test('the page opens, names itself and offers to run', async ({ page }) => {
  await page.goto('');

  await expect(page).toHaveTitle('DRIFT Playground');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('DRIFT Playground');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
});

test('no build file is larger than the page needs', async ({ page }) => {
  const scripts: Response[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith('.js')) scripts.push(response);
  });
  await page.goto('');
  await page.waitForLoadState('networkidle');

  const bodies = await Promise.all(scripts.map((script) => script.body())); // may still be arriving
  const total = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(total).toBeGreaterThan(0);
  expect(total, 'bytes of script before the first click').toBeLessThan(1_500_000);
});

test.describe('without a network', () => {
  test.use({ serviceWorkers: 'allow' });

  test('the page opens again, with its references and what was watched', async ({
    page,
    context,
  }) => {
    await page.goto('');
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (navigator.serviceWorker.controller) return;
      await new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
      });
    });
    await page.evaluate(async () => (await fetch('recordings/collapse.jsonl')).text());
    const keptNow = (): Promise<string[]> =>
      page.evaluate(async () => {
        const names = await caches.keys();
        const requests = await Promise.all(
          names.map(async (name) => (await caches.open(name)).keys()),
        );
        return requests.flat().map(({ url }) => new URL(url).pathname);
      });
    await expect
      .poll(async () => (await keptNow()).filter((path) => path.endsWith('.jsonl')))
      .toHaveLength(1); // the one that was watched
    const kept = await keptNow();
    expect(kept.filter((path) => path.endsWith('.safetensors'))).not.toEqual([]);

    await context.setOffline(true);
    await page.reload();

    await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
    const status = await page.evaluate(
      async (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)),
      kept,
    );
    expect(new Set(status)).toEqual(new Set([200]));
  });
});
