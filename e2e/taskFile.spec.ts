import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures';

const CAPITALS = readFileSync('public/tasks/capitals.json');

test('a task file is opened, shared by its hash, and asked for by whoever opens the link', async ({
  page,
  context,
}) => {
  await page.goto('#v=1&preset=first-visit&seed=3');
  await page.getByRole('button', { name: 'Bring your own task' }).click();
  await page.getByRole('button', { name: 'try the capitals' }).click();
  await expect(page.getByRole('combobox', { name: 'Task' })).toHaveText(/Capitals/);
  await expect(page).toHaveURL(/task=file-[0-9a-f]{16}/);

  const other = await context.newPage();
  await other.goto(page.url());
  const notice = other.getByRole('status').filter({ hasText: 'This link needs its task file' });
  await expect(notice).toBeVisible();
  await expect(other.getByRole('combobox', { name: 'Task' })).toHaveText(/Sums/);
  await notice.locator('input[type=file]').setInputFiles('public/tasks/capitals.json');
  await expect(notice).toBeHidden();
  await expect(other.getByRole('combobox', { name: 'Task' })).toHaveText(/Capitals/);
  await expect(other.getByRole('textbox', { name: 'Seed', exact: true })).toHaveCount(0); // folded away
  expect(other.url()).toBe(page.url());

  await other.reload();
  await expect(other.getByRole('combobox', { name: 'Task' })).toHaveText(/Capitals/);
  await expect(notice).toBeHidden();
});

test('a bad file is refused with line and field, and nothing is lost', async ({ page }) => {
  await page.goto('#v=1&preset=first-visit&drift.beta=0.2');
  await page.getByRole('button', { name: 'Bring your own task' }).click();
  const choose = page.locator('.task-file input[type=file]');
  const bad = { name: 'mine.json', mimeType: 'application/json' };
  await choose.setInputFiles({ ...bad, buffer: Buffer.from('{"drift_task": 1') });
  await expect(page.getByRole('alert')).toContainText(/mine\.json:1: not JSON/);
  await expect(page.getByRole('alert')).toBeInViewport({ ratio: 1 }); // the control is far below
  const text = CAPITALS.toString().replace('"berlin"', '"<img src=x onerror=alert(1)>"');
  await choose.setInputFiles({ ...bad, buffer: Buffer.from(text) });
  await expect(page.getByRole('alert')).toContainText(/mine\.json:\d+: field prompts\.1\.accept/);
  await expect(page).toHaveURL(/drift\.beta=0\.2/);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a task without a ready-made reference says so and offers to pretrain one', async ({
  page,
}) => {
  await page.goto(
    '#v=1&preset=first-visit&model.layers=1&reference.steps=3&reference.batch=4&rollout.prompts=2&rollout.trajectories=2&eval.prompts=4&seed=3',
  );
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const panel = page.getByRole('alert').filter({ hasText: 'no ready-made reference' });
  await panel.getByRole('button', { name: 'Pretrain one here and run' }).click();
  await expect(page.getByText(/Finished after/).first()).toBeVisible({ timeout: 90_000 });
});
