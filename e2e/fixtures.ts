import { test as base, type Page } from '@playwright/test';

export { expect } from '@playwright/test';

/** Makes a page or a worker report the WebGPU errors that no scope caught. Runs there, as text. */
function reportGpuFaults(): void {
  if (!('GPUAdapter' in globalThis)) return;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...descriptor) {
    const device = await requestDevice.apply(this, descriptor);
    device.addEventListener('uncapturederror', ({ error }) => {
      console.error(`Uncaptured WebGPU error: ${error.message}`);
    });
    return device;
  };
}

/** Makes the page report what its security policy refused. Runs there. */
function reportViolations(): void {
  addEventListener('securitypolicyviolation', (event) => {
    console.error(`Policy violation: ${event.violatedDirective} ${event.blockedURI}`);
  });
}

async function reportSilentFaults(page: Page): Promise<void> {
  await page.addInitScript(reportViolations);
  await page.addInitScript(reportGpuFaults);
  // An init script does not reach workers, so theirs comes with their file.
  await page.route(/\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${reportGpuFaults})();\n${await response.text()}` });
  });
}

/** Everything that went wrong on a page, in words. */
function collectFaults(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.stack ?? error.message}`));
  page.on('crash', () => faults.push('the page crashed'));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') faults.push(`request failed: ${request.url()} ${reason}`);
  });
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) {
      faults.push(`request to another origin: ${request.url()}`);
    }
  });
  page.context().on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
  });
  return faults;
}

interface Fixtures {
  /** What went wrong so far. A test that provokes a fault empties it; anything left fails the test. */
  faults: string[];
}

/** Playwright's test, failed by any error, policy violation or foreign request on its page. */
export const test = base.extend<Fixtures>({
  faults: [
    async ({ page, baseURL }, use) => {
      await reportSilentFaults(page);
      const faults = collectFaults(page, new URL(baseURL ?? '').origin);
      await use(faults);
      await page.unrouteAll({ behavior: 'ignoreErrors' }); // a worker may still be on its way
      base.expect(faults, 'faults of the page').toEqual([]);
    },
    { auto: true },
  ],
});
