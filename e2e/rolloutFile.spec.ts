import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { finished, runButton, SMALL_RUN, weightsHash } from './runs';

const choose = (page: Page, name: string, text: string) =>
  page
    .locator('input[type=file][accept^=".jsonl"]')
    .setInputFiles({ name, mimeType: 'application/jsonl', buffer: Buffer.from(text) });

test('saved tries are opened again, by hand or dropped, and train the same policy', async ({
  page,
}) => {
  await page.goto(SMALL_RUN);
  await runButton(page).click();
  await finished(page, 4);
  const hash = await weightsHash(page);
  await page.getByRole('button', { name: 'Tries from a file, or into one' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'save these 32 tries' }).click();
  const text = await readFile(await (await saved).path(), 'utf8');
  expect(text.trimEnd().split('\n')).toHaveLength(32);

  await page.goto('about:blank');
  await page.goto(SMALL_RUN.replace('prompts=8', 'prompts=64'));
  await page.getByRole('button', { name: 'Tries from a file, or into one' }).click();
  await choose(page, 'mine.jsonl', text);
  await expect(page.getByText('Taken from mine.jsonl')).toBeVisible();
  await expect(page).toHaveURL(/rollout\.prompts=8/);
  await runButton(page).click();
  await finished(page, 4);
  expect(await weightsHash(page)).toBe(hash);
  await runButton(page, 'Again').click();
  await finished(page, 4);
  expect(await weightsHash(page)).toBe(hash);

  const broken = text.split('\n');
  broken[2] = broken[2]!.slice(0, 80);
  await choose(page, 'bad.jsonl', broken.join('\n'));
  await expect(page.getByRole('alert')).toContainText('bad.jsonl:3: not a line of JSON');
  await choose(page, 'empty.jsonl', '\n');
  await expect(page.getByRole('alert')).toContainText('empty.jsonl is empty');
  const moved = text.replace(/"prompt_id":"[^"]*"/, '"prompt_id":"1 + 1"');
  await choose(page, 'other.jsonl', moved);
  await expect(page.getByRole('alert')).toContainText('other.jsonl:1: field prompt_id');
  await expect(page.getByText('Taken from mine.jsonl')).toBeVisible(); // nothing is lost
  await page.getByRole('button', { name: 'Dismiss' }).first().click();

  await page.getByRole('button', { name: 'Tries from a file, or into one' }).click(); // shut
  await page.evaluate((content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], 'dropped.jsonl'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
  }, text);
  await expect(page.getByText('Taken from dropped.jsonl')).toBeVisible();
});
