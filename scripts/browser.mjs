/** Finds the Chromium that tests run in, and the software GPU driver that comes with it. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fail } from './setup.mjs';

const isRoot = process.getuid?.() === 0;

const COMMON_FLAGS = [
  '--headless=new',
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  ...(isRoot ? ['--no-sandbox'] : []),
];
const SOFTWARE_FLAG = '--use-webgpu-adapter=swiftshader';

/** WebGPU without a GPU, which draws no pages beside, and no traffic of the browser's own. */
export const BROWSER_FLAGS = [...COMMON_FLAGS, SOFTWARE_FLAG, '--disable-gpu-compositing'];

/**
 * For the benchmark: the GPU where there is one, and timestamps that are not rounded.
 *
 * @param {boolean} software whether to leave a GPU alone
 */
export const benchFlags = (software) => [
  ...COMMON_FLAGS,
  '--enable-webgpu-developer-features',
  ...(process.platform === 'linux' ? ['--enable-features=Vulkan'] : []),
  ...(software ? [SOFTWARE_FLAG] : []),
];

const DRIVER = 'vk_swiftshader_icd.json';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

/** Where browsers lie that are not on the PATH. */
const PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
    .map((name) => process.env[name])
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe')),
};

/**
 * What a browser says its version is, or undefined where it does not run.
 *
 * @param {string} path
 * @returns {string | undefined}
 */
function versionOf(path) {
  if (process.platform === 'win32') return existsSync(path) ? 'Chrome' : undefined; // --version opens a window there
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && /Chrom/.test(stdout) ? stdout.trim() : undefined;
}

/** @returns {string} where Playwright keeps, or would keep, its own Chromium */
function playwrightsOwn() {
  return createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
}

/**
 * The browser to test with: CHROME_PATH, an installed one, or Playwright's own; undefined if none.
 *
 * @returns {string | undefined}
 */
export function findBrowser() {
  const chosen = process.env.CHROME_PATH;
  if (chosen) {
    if (versionOf(chosen)) return chosen;
    fail(`CHROME_PATH is ${chosen}, which does not run as a Chrome or Chromium.`);
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const places = PLACES[/** @type {'darwin' | 'win32'} */ (process.platform)] ?? onPath;
  return [...places, playwrightsOwn()].find((path) => existsSync(path) && versionOf(path));
}

/**
 * @param {string} command
 * @param {string[]} options
 */
function succeeds(command, ...options) {
  console.log(`> ${command} ${options.join(' ')}`);
  return spawnSync(command, options, { stdio: 'inherit' }).status === 0;
}

/**
 * The browser to test with, installed first where there is none.
 *
 * @returns {string}
 */
export function installBrowser() {
  const present = findBrowser();
  if (present) return present;
  console.log('No Chrome or Chromium found: installing one (once) ...');
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const withLibraries = isRoot && process.platform === 'linux' ? ['--with-deps'] : [];
  succeeds(process.execPath, cli, 'install', '--no-shell', ...withLibraries, 'chromium');
  const downloaded = findBrowser();
  if (downloaded) return downloaded;
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    succeeds('apt-get', 'update');
    succeeds('apt-get', 'install', '--yes', '--no-install-recommends', 'chromium');
  }
  return (
    findBrowser() ??
    fail('The tests need Chrome or Chromium: install one, or set CHROME_PATH to where it is.')
  );
}

/**
 * The variables under which Dawn, in a Node process started with them, finds the software GPU that
 * ships beside a browser: the driver's description, and the Vulkan loader for machines without one.
 * Empty where the browser ships none, as on macOS.
 *
 * @param {string} browser path of the executable
 * @param {NodeJS.ProcessEnv} env in which a driver may be chosen already
 * @returns {Record<string, string>}
 */
export function softwareGpuVariables(browser, env = process.env) {
  const folder = [dirname(realpathSync(browser)), '/usr/lib/chromium', '/usr/lib64/chromium'].find(
    (place) => existsSync(join(place, DRIVER)),
  );
  if (folder === undefined) return {};
  const { VK_DRIVER_FILES, LD_LIBRARY_PATH } = env;
  return {
    VK_DRIVER_FILES: VK_DRIVER_FILES ?? join(folder, DRIVER),
    LD_LIBRARY_PATH: [LD_LIBRARY_PATH, folder].filter(Boolean).join(delimiter),
  };
}
