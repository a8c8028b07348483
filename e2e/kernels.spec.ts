import { expect, test } from './fixtures';

test('the quickest kernels are found when asked for, kept and used', async ({ page }) => {
  const details = page.getByRole('button', { name: 'Details' });
  const quickest = page.getByRole('button', { name: 'Find the quickest' });
  const times = page.getByRole('table', { name: 'Times of the kernels’ forms' });
  const chosen = times.getByRole('row', { name: /yes$/ });
  await page.goto('');
  await details.click();
  await expect(page.getByText('one invocation a row, usual for such an adapter')).toBeVisible({
    timeout: 60_000,
  });
  await quickest.click();
  await expect(chosen).toHaveCount(3, { timeout: 60_000 }); // one form of each kind
  const measured = await times.innerText();

  await page.reload();
  await details.click();
  await expect(
    page.getByText(/^one invocation a row, measured (just now|\d+ min ago)$/),
  ).toBeVisible({
    timeout: 60_000,
  });
  expect(await times.innerText()).toBe(measured); // nothing was measured again
});
