/**
 * `npm run bench:bundle`: one folder with everything the benchmark needs but a driver, for a GPU
 * server without a network, a browser, or Node. Option: --out FOLDER; bench-bundle unless told.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { fail, setUp } from './setup.mjs';

const MOST_MEGABYTES = 60;
const DAWN = 'node_modules/webgpu';

setUp();
const { values } = parseArgs({ options: { out: { type: 'string', default: 'bench-bundle' } } });
if (process.platform !== 'linux') fail('A bundle is made on Linux, for Linux servers.');
const out = resolve(values.out);
const { buildForNode } = await import('./sources.mjs');
const { findBrowser, softwareGpuVariables } = await import('./browser.mjs');

rmSync(out, { recursive: true, force: true });
await buildForNode('bench/bundled.ts', join(out, 'bench.mjs'));

/**
 * Packs a large file; run.sh unpacks it once.
 *
 * @param {string} from
 * @param {string} to path in the bundle, without .gz
 */
function pack(from, to) {
  mkdirSync(dirname(join(out, to)), { recursive: true });
  writeFileSync(join(out, `${to}.gz`), gzipSync(readFileSync(from), { level: 9 }));
}

const native = join(`dist/${process.platform}-${process.arch}`, 'dawn.node');
pack(process.execPath, 'node');
pack(join(DAWN, native), join(DAWN, native));
for (const file of ['index.js', 'package.json', 'LICENSE.md']) {
  copyFileSync(join(DAWN, file), join(out, DAWN, file));
}
const browser = findBrowser();
const loader = browser && loaderBeside(browser);
if (loader) {
  mkdirSync(join(out, 'lib'));
  copyFileSync(loader, join(out, 'lib/libvulkan.so.1'));
} else {
  console.log('No Vulkan loader found beside a Chromium: the server needs its own libvulkan.so.1.');
}
cpSync('scripts/bundle', out, { recursive: true });

/**
 * The Vulkan loader that ships with a Chromium.
 *
 * @param {string} path of the browser
 * @returns {string | undefined}
 */
function loaderBeside(path) {
  const folder = softwareGpuVariables(path, {}).LD_LIBRARY_PATH ?? dirname(path);
  return [join(folder, 'libvulkan.so.1')].find((file) => existsSync(file));
}

const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).map((name) =>
  statSync(join(out, name)),
);
const megabytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0) / 1e6;
console.log(`Wrote ${out}: ${megabytes.toFixed(1)} MB`);
if (megabytes > MOST_MEGABYTES) fail(`The bundle is larger than ${MOST_MEGABYTES} MB.`);
tryBundle();

/** Runs a copy of the bundle as a bare server would: it unpacks itself, and finds nothing else. */
function tryBundle() {
  const { VK_DRIVER_FILES } = browser ? softwareGpuVariables(browser, {}) : {};
  const copy = mkdtempSync(join(tmpdir(), 'bench-bundle-'));
  cpSync(out, copy, { recursive: true });
  const briefly = ['--configs', 'tiny', '--peers', 'none', '--seconds', '0.2'];
  const { status, stdout, stderr } = spawnSync(
    join(copy, 'run.sh'),
    VK_DRIVER_FILES ? [...briefly, '--tile', 'invocation'] : ['--help'], // the tile that compiles soonest
    { encoding: 'utf8', env: VK_DRIVER_FILES ? { VK_DRIVER_FILES } : {} },
  );
  rmSync(copy, { recursive: true });
  if (status !== 0 || !/tiny +train +drift|^Usage/m.test(stdout)) {
    fail(`The bundle does not run: ${stderr}${stdout}`);
  }
  console.log(
    VK_DRIVER_FILES ? 'It measured tiny.' : 'It starts; here is no driver to measure with.',
  );
}
