/** Says on which GPU kernels are tested, under Node and in the browser; fails where there is none. */
import { chromium } from '@playwright/test';
import { BROWSER_FLAGS, installBrowser } from './browser.mjs';
import { writeCounts } from './counts.mjs';

/**
 * @param {GPUAdapter | null} adapter
 * @returns {string | undefined}
 */
const describe = (adapter) =>
  adapter
    ? [adapter.info.vendor, adapter.info.architecture, adapter.info.description].join(' ').trim()
    : undefined;

async function dawnAdapter() {
  const { create } = await import('webgpu');
  const gpu = create([]); // kept until the end: Dawn dies with it
  return { name: describe(await gpu.requestAdapter()), gpu };
}

/** @param {import('@playwright/test').Browser} browser */
async function chromiumAdapter(browser) {
  const page = await browser.newPage();
  await page.route('**', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto('http://localhost/'); // WebGPU exists on secure origins only
  return page.evaluate(async () => {
    const info = (await navigator.gpu?.requestAdapter())?.info;
    return info && `${info.vendor} ${info.architecture} ${info.description}`.trim();
  });
}

const executablePath = installBrowser();
const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
console.log(`Browser: ${executablePath}, version ${browser.version()}`);
console.log(`Flags: ${BROWSER_FLAGS.join(' ')}`);
const inBrowser = await chromiumAdapter(browser);
await browser.close();
const { name: inNode } = await dawnAdapter();

const none = 'none: tests of the kernels cannot run';
console.log(`GPU adapter in the browser: ${inBrowser ?? none}`);
console.log(`GPU adapter under Node (Dawn): ${inNode ?? none}`);
const failed = [inBrowser, inNode].filter((name) => name === undefined).length;
writeCounts('adapters', { passed: 2 - failed, failed });
process.exit(failed > 0 ? 1 : 0); // Dawn keeps the process alive
