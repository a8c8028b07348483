import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { blind } from './blind';
import { expect, test } from './fixtures';
import { hasFocus, runButton, SOON, stage, weightsHash } from './runs';

const FILE = new URL('../public/recordings/first-visit.jsonl', import.meta.url);

interface Line {
  readonly kind?: string;
  readonly step?: number;
  readonly weightsHash?: string;
  readonly adapter?: { readonly name: string };
  readonly evaluation?: { readonly who: string; readonly greedy: { readonly success: number[] } };
}

/** The recording's own lines, read past all of the page's code. */
const LINES = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);
const END = LINES.at(-1)!;

/** Percent solved within all turns by its last evaluation of the policy or the reference. */
function recorded(who: 'reference' | 'policy'): number {
  const { evaluation } = LINES.findLast((line) => line.evaluation?.who === who)!;
  return Math.round(100 * evaluation!.greedy.success.at(-1)!);
}

const watchButton = (page: Page) => page.getByRole('button', { name: 'Watch a recorded run' });

async function watch(page: Page, speed: string): Promise<void> {
  await watchButton(page).first().click();
  await page.getByRole('combobox', { name: 'Speed of the recording' }).click();
  await page.getByRole('option', { name: speed }).click();
}

test('without WebGPU a recorded run can be watched to its end', async ({ page }) => {
  await blind(page, 'noWebgpu');
  await page.goto('');
  await expect(page.getByRole('alert')).toContainText('no WebGPU', SOON);
  await watch(page, 'at once');

  await expect(stage(page)).toHaveText(`Finished after ${END.step} steps`);
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByText('This is a recording of')).toContainText(LINES[0]!.adapter!.name);
  await expect(page.getByRole('button', { name: /^\d+ \+ \d+/ }).first()).toBeVisible();
  const race = page.getByRole('figure', { name: 'Solved within 5 turns' });
  await expect(race.locator('figcaption')).toContainText(
    `reference solves ${recorded('reference')} %; after training: DRIFT ${recorded('policy')} %`,
  );
  expect(recorded('policy')).toBeGreaterThanOrEqual(90);
  await expect(page.getByRole('figure', { name: 'Loss' })).toContainText(`${END.step} steps`);
  expect(await weightsHash(page)).toBe(END.weightsHash);

  for (const name of [/Start the race/, 'Ask both']) {
    await expect(page.getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true');
  }
  await expect(page.getByText('talking to it needs WebGPU')).toBeVisible();
});

test('a recording is paused, stepped and re-weighted like a run', async ({ page }) => {
  await blind(page, 'noAdapter');
  await page.goto('');
  await watch(page, '16×');
  await expect(page.getByRole('button', { name: /^\d+ \+ \d+/ }).first()).toBeVisible();
  await runButton(page, 'Pause').click();
  await expect(stage(page)).toHaveText(/^Paused at step \d+ of /);

  const score = page.locator('.row-score').first();
  const before = await score.innerText();
  await page.getByRole('slider', { name: /Repetition λ/ }).focus();
  await page.keyboard.press('Home');
  await expect(score).not.toHaveText(before, { timeout: 500 });

  const at = Number(/step (\d+)/.exec(await stage(page).innerText())![1]);
  await page.getByRole('combobox', { name: 'Speed of the recording' }).click();
  await page.getByRole('option', { name: 'at once' }).click();
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(stage(page)).toHaveText(`Paused at step ${at + 1} of ${END.step}`);
  await expect(page.getByText('to train it again needs WebGPU')).toBeVisible();
  await runButton(page, 'Go on').click();
  await expect(stage(page)).toHaveText(`Finished after ${END.step} steps`);
});

test('the focus is never lost on the way into a recording and out of it', async ({ page }) => {
  await blind(page, 'noWebgpu');
  await page.goto('');
  await expect(page.getByRole('alert')).toContainText('no WebGPU'); // it moves the button here
  await hasFocus(page);
  await watchButton(page).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'This is a recording' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Leave the recording' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
  await expect(page.getByRole('alert')).toContainText('no WebGPU');
});

test('a link keeps its settings while a recording is watched, and after', async ({ page }) => {
  await blind(page, 'noWebgpu');
  await page.goto('#v=1&preset=first-visit&drift.beta=0.5&seed=7');
  const beta = page.getByRole('textbox', { name: /Tilt β/ });
  await expect(beta).toHaveValue('0.5');
  await watch(page, 'at once');
  await expect(stage(page)).toHaveText(`Finished after ${END.step} steps`);
  await expect(beta).toHaveValue('0.1');
  expect(page.url()).toContain('seed=7&drift.beta=0.5');

  await page.getByRole('button', { name: 'Leave the recording' }).click();
  await expect(beta).toHaveValue('0.5');
  expect(page.url()).toContain('seed=7&drift.beta=0.5');
  await expect(page.getByRole('alert')).toContainText('no WebGPU');
});
