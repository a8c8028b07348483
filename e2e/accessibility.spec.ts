import { axe } from './axe';
import type { Page } from '@playwright/test';
import { blind } from './blind';
import { expect, test } from './fixtures';
import { finished, runButton, stage, UNWATCHED_RUN } from './runs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SCHEMES = ['light', 'dark'] as const;
const FORCED_COLORS_IN = /rest|finished|failure/; // the states that together hold every part of the page
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const NARROWEST = { width: 320, height: 200 }; // a desktop of 1280 × 800 at 400 %

/** What breaks a rule, one line each: any rule, or the one that colors decide. */
async function violations(page: Page, what: 'all' | 'contrast'): Promise<string[]> {
  const rules = axe(page);
  const found = await (
    what === 'all' ? rules.withTags(RULES) : rules.withRules('color-contrast')
  ).analyze();
  expect(found.passes.length).toBeGreaterThan(what === 'all' ? 10 : 0); // the rules did see a page
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

/** No rule is broken in any look, and a narrow page need not be scrolled sideways. */
async function expectAccessible(page: Page, state: string): Promise<void> {
  const found: string[] = [];
  const forced = FORCED_COLORS_IN.test(state) ? (['none', 'active'] as const) : (['none'] as const);
  const looks = SCHEMES.flatMap((colorScheme) =>
    forced.map((forcedColors) => ({ colorScheme, forcedColors })),
  );
  for (const [i, look] of looks.entries()) {
    await page.emulateMedia({ ...look, reducedMotion: 'reduce' });
    const name = `${state}, ${look.colorScheme}, forced colors ${look.forcedColors}`;
    found.push(
      ...(await violations(page, i === 0 ? 'all' : 'contrast')).map(
        (violation) => `${name}: ${violation}`,
      ),
    );
  }
  await page.setViewportSize(NARROWEST);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > NARROWEST.width) found.push(`${state}: ${wide} px wide`);
  await page.setViewportSize(DESKTOP);
  expect(found).toEqual([]);
}

async function chooseSpeed(page: Page, speed: RegExp): Promise<void> {
  await page.getByRole('combobox', { name: /speed/i }).click();
  await page.getByRole('option', { name: speed }).first().click();
}

test('no accessibility rule is broken in any state of a run', async ({ page }) => {
  test.setTimeout(240_000);
  await page.setViewportSize(DESKTOP);
  await page.goto(`${UNWATCHED_RUN}&optimizer.epochs=8`);
  await expect(runButton(page)).toBeVisible();
  await test.step('at rest', () => expectAccessible(page, 'at rest'));

  await chooseSpeed(page, /1 step/);
  await runButton(page).click();
  await expect(stage(page)).toHaveText('Training', { timeout: 60_000 });
  await test.step('running', () => expectAccessible(page, 'running'));
  await expect(stage(page)).toHaveText('Training'); // it did run all the while
  await chooseSpeed(page, /full/);
  await finished(page, 32);
  await test.step('finished', () => expectAccessible(page, 'finished'));

  await page
    .getByRole('button', { name: /^\d+ \+ \d+/ })
    .first()
    .click();
  await expect(page.getByRole('region', { name: /^Trajectory/ })).toBeVisible();
  await test.step('inspector open', () => expectAccessible(page, 'inspector open'));

  await page.getByRole('button', { name: 'Ask both' }).click();
  await expect(page.locator('.conversation .chip')).toHaveCount(2);
  await test.step('talk', () => expectAccessible(page, 'talk'));

  await page.evaluate(() => {
    location.hash =
      '#v=1&reference.source=pretrain&model.layers=24&model.channels=512&model.mlp=2048';
  });
  await runButton(page).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await test.step('failure', () => expectAccessible(page, 'failure'));
});

test('no accessibility rule is broken without WebGPU, or by a recording', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await blind(page, 'noWebgpu');
  await page.goto('');
  await expect(page.getByRole('alert')).toBeVisible();
  await test.step('no WebGPU', () => expectAccessible(page, 'no WebGPU'));

  await page.getByRole('button', { name: 'Watch a recorded run' }).click();
  await chooseSpeed(page, /at once/);
  await finished(page, 32);
  await test.step('recording', () => expectAccessible(page, 'recording'));
});

test('no accessibility rule is broken on a phone', async ({ page }) => {
  await page.setViewportSize(PHONE);
  await page.goto('');
  await expect(page.getByRole('button', { name: /^\d+ \+ \d+/ }).first()).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page, 'all'), colorScheme).toEqual([]);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(PHONE.width);
});
