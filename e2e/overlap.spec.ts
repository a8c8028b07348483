import { expect, test } from './fixtures';
import { finished, runButton, weightsHash } from './runs';

const RUN =
  '#v=1&preset=first-visit&rollout.prompts=48&rollout.turns=2&eval.prompts=8&eval.every=4';

test('stages overlap unless told, to the same weights, and the page says what that saves', async ({
  page,
}) => {
  const times = page.locator('.stage-times');
  await page.goto(RUN);
  await expect(times).toContainText('Stages will overlap');
  await runButton(page).click();
  await finished(page, 12);
  await expect(times).toContainText(/Stages overlapped for .* s: they took .* add up to .* s\./);
  await expect(times).toContainText('Run it again with Overlap stages off, then on,');
  const hash = await weightsHash(page);

  await page.getByRole('switch', { name: 'Overlap stages' }).click();
  await runButton(page).click();
  await expect(times).toContainText('Stages ran one after the other');
  await finished(page, 12);
  await expect(times).toContainText('Run it again with Overlap stages on to measure');
  await page.getByRole('switch', { name: 'Overlap stages' }).click();
  await runButton(page).click();
  await expect(times).toContainText('Stages overlapped');
  await finished(page, 12);
  await expect(times).toContainText(
    /Measured: .* s with overlap, .* s without, .* s (saved|lost)\./,
  );
  expect(await weightsHash(page)).toBe(hash);

  await page.getByRole('combobox', { name: 'Method' }).click();
  await page.getByRole('option', { name: /^GRPO/ }).click();
  await runButton(page).click();
  await expect(times).toContainText(
    /as many tries and epochs, rollouts and training took .* s by GRPO and .* s by DRIFT with overlap, .* s (less|more)\..*of GRPO: run it again/,
    { timeout: 60_000 },
  );
});
