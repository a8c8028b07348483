/** `npm run bench`: compares engines in a browser, or with --node under Node; --help says more. */
import { setUp } from './setup.mjs';

setUp();
const { leave, openSources, relaunchOnSoftwareGpu } = await import('./sources.mjs');
const { mayHaveGpu } = await import('./vulkan.mjs');

const HERE = new Set(['--node', '--software']); // the rest is for bench/options.ts
const given = process.argv.slice(2);
const args = given.filter((arg) => !HERE.has(arg));
const isNode = given.includes('--node');

const TENSORFLOW = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-core/dist/register_all_gradients',
  '@tensorflow/tfjs-backend-webgpu',
];
const sources = await (isNode ? openSources() : openSources({ port: 5500 }, TENSORFLOW));
const { main } = await sources.ssrLoadModule('/bench/main.ts');

/** @typedef {import('../bench/run').BenchOptions} BenchOptions */

/** @param {BenchOptions} options */
async function measureInNode(options) {
  if (!mayHaveGpu()) await relaunchOnSoftwareGpu(); // asking Dawn would only make it complain
  const node = await sources.ssrLoadModule('/bench/node.ts');
  return node.measureInNode(options, relaunchOnSoftwareGpu);
}

/** @param {BenchOptions} options */
async function measureInBrowser({ say, ...options }) {
  const { chromium } = await import('@playwright/test');
  const { benchFlags, installBrowser } = await import('./browser.mjs');
  await sources.listen();
  const browser = await chromium.launch({
    executablePath: installBrowser(),
    args: benchFlags(given.includes('--software')),
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() !== 'debug') say(message.text()); // Vite's own
    });
    page.on('pageerror', (error) => say(String(error)));
    await page.goto(`${sources.resolvedUrls?.local[0]}bench/index.html`);
    await page.waitForFunction(() => 'runBench' in globalThis);
    return await page.evaluate(
      ([chosen, runtime]) => globalThis.runBench(chosen, runtime),
      /** @type {const} */ ([options, `Chromium ${browser.version()}`]),
    );
  } finally {
    await browser.close();
  }
}

const code = await main(args, isNode ? measureInNode : measureInBrowser);
await sources.close();
await leave(code);
