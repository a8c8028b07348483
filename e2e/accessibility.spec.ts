import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SIZES = [
  { name: 'a desktop', width: 1280, height: 800 },
  { name: 'a phone', width: 360, height: 740 },
] as const;

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, width, height } of SIZES) {
    test(`no accessibility rule is broken on ${name}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      await page.goto('');
      await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();

      const { violations, passes } = await new AxeBuilder({ page }).withTags(RULES).analyze();

      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
      );
      expect(found).toEqual([]);
      expect(passes.length).toBeGreaterThan(10); // the rules did see a page
    });
  }
}

for (const width of [320, 360]) {
  test(`nothing is wider than a page of ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 740 });
    await page.goto('');
    await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();

    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(width);
  });
}
