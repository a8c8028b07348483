import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { finished, hasFocus, SMALL_RUN } from './runs';

const MOST_TABS = 200; // the page has about 130 stops

interface Focused {
  readonly name: string;
  readonly isVisible: boolean; // it is in the viewport and has a focus ring
}

/** What has the focus, by its accessible name. Runs in the page. */
function focused(): Focused {
  const element = document.activeElement as HTMLElement;
  const name = element.getAttribute('aria-label') ?? element.innerText;
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const isInside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  const ring = getComputedStyle(
    element.matches('input[type=range]') ? element.parentElement! : element,
  );
  return {
    name: name.trim().replaceAll(/\s+/g, ' '),
    isVisible: isInside && ring.outlineStyle !== 'none',
  };
}

/** Presses Tab until something of this name has the focus; every stop on the way must be seen. */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press(key);
    const stop = await page.evaluate(focused);
    passed.push(stop.name);
    expect(stop, `focus after ${passed.join(' | ')}`).toMatchObject({ isVisible: true });
    if (name.test(stop.name)) return;
  }
  throw new Error(`Tab never reached ${name}: ${passed.join(' | ')}`);
}

test('the whole first experiment by keyboard alone', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(SMALL_RUN);
  await hasFocus(page);

  await tabTo(page, /^Skip to the experiment/);
  await tabTo(page, /Run$/);
  await page.keyboard.press('Enter');
  await finished(page, 4);
  expect((await page.evaluate(focused)).name).toMatch(/Again$/); // where it was
  await tabTo(page, /^Share/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Link copied' })).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await tabTo(page, /^Details/, 'Shift+Tab');

  await tabTo(page, /^\d+ \+ \d+/);
  await page.keyboard.press('Enter');
  const inspector = page.getByRole('region', { name: /^Trajectory/ });
  await expect(inspector).toBeFocused();
  await tabTo(page, /^Close the inspector/);
  await page.keyboard.press('Enter');
  await expect(inspector).toBeHidden();
  expect((await page.evaluate(focused)).name).toMatch(/^\d+ \+ \d+/);
  await page.keyboard.press('Enter');
  await expect(inspector).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(inspector).toBeHidden();

  const score = page.locator('.row-score').first();
  const before = (await score.textContent())!;
  await tabTo(page, /^Tilt β, return$/);
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowRight');
  await expect(score).not.toHaveText(before);
  await expect(page.getByRole('button', { name: /^Tilt β .* reset$/ })).toBeVisible();
  await tabTo(page, /^Reset Tilt β/);
  await page.keyboard.press('Enter');
  await expect(score).toHaveText(before);
  expect((await page.evaluate(focused)).name).toBe('Tilt β, return');
  await tabTo(page, /^Discount γ$/);

  await tabTo(page, /^Loss: numbers as a table/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Loss, table/); // can be scrolled
  await expect(page.getByRole('figure', { name: 'Loss' }).locator('tbody tr')).toHaveCount(4);

  await tabTo(page, /^Ask both/);
  await page.keyboard.press('Enter');
  await expect(page.locator('.conversation .chip')).toHaveCount(2);
  expect((await page.evaluate(focused)).name).toMatch(/^(No, try again|Start over)$/);
  await page.keyboard.press('Enter');
});

test('what leaves the page hands the focus on', async ({ page }) => {
  await page.goto(SMALL_RUN);
  await hasFocus(page);
  const focus = async (): Promise<Focused> => page.evaluate(focused);

  await tabTo(page, /^Prompts 8 ×/);
  await page.keyboard.press('Enter'); // and the tag is gone
  await expect
    .poll(focus)
    .toMatchObject({ name: expect.stringMatching(/^Tries/), isVisible: true });
  await tabTo(page, /^reset all/);
  await page.keyboard.press('Enter');
  await expect.poll(focus).toMatchObject({ name: 'Watch a recorded run', isVisible: true });

  await tabTo(page, /^make a lesson/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await page.keyboard.type('Mine');
  await page.keyboard.press('Escape');
  await expect.poll(focus).toMatchObject({ name: 'edit the lesson', isVisible: true });
  await tabTo(page, /^leave the lesson/);
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await focus()).isVisible).toBe(true);
  await expect(page.getByText('leave the lesson')).toBeHidden();
});
