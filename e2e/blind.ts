import type { Page } from '@playwright/test';

/** What the trainer's worker finds where WebGPU should be. Each is a statement that runs there first. */
export const BLIND = {
  noWebgpu: "Object.defineProperty(navigator, 'gpu', { value: undefined });",
  noAdapter: 'GPU.prototype.requestAdapter = () => Promise.resolve(null);',
  silentAdapter: 'GPU.prototype.requestAdapter = () => new Promise(() => {});',
} as const;

/** Makes the page one whose GPU cannot be used; call before opening it. */
export async function blind(page: Page, how: keyof typeof BLIND): Promise<void> {
  await page.route(/trainer\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${BLIND[how]}\n${await response.text()}` });
  });
}
