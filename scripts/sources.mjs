/** Runs the project's TypeScript and `.wgsl?raw` in Node by way of Vite. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

/**
 * Opens the sources; `ssrLoadModule('/src/…')` runs a module of theirs.
 *
 * @param {import('vite').ServerOptions} server
 * @param {string[]} unready modules of packages that a browser does not take as they are
 */
export async function openSources(server = { middlewareMode: true, ws: false }, unready = []) {
  const { createServer } = await import('vite');
  return createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    appType: server.middlewareMode ? 'custom' : 'mpa',
    optimizeDeps: { noDiscovery: true, include: unready },
    server: { hmr: false, watch: null, ...server },
  });
}

const BUILDS = join(ROOT, 'node_modules/.cache/built');
const DAY_MS = 86_400_000;

/**
 * Imports a module from the one file it was built into when the sources last changed: a command starts
 * in 0.2 s then, and in 1.3 s by way of Vite.
 *
 * @param {string} entry path under the project's folder
 */
export async function importBuilt(entry) {
  const file = join(BUILDS, `${stateOfSources(ROOT)}-${basename(entry, '.ts')}.mjs`);
  if (!existsSync(file)) {
    const partial = `${file}.${process.pid}.mjs`; // another process may be building the same
    await buildForNode(entry, partial);
    renameSync(partial, file);
    for (const old of readdirSync(BUILDS).map((name) => join(BUILDS, name))) {
      const made = statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (made < Date.now() - DAY_MS) rmSync(old, { force: true });
    }
  }
  return import(pathToFileURL(file).href);
}

/**
 * A name for what the sources are now: another one after any file was changed, added, moved or removed.
 *
 * @param {string} root
 */
export function stateOfSources(root) {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...filesIn(root, 'src'), ...filesIn(root, 'shaders')]) {
    const { mtimeMs, size } = statSync(join(root, path));
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} root
 * @param {string} folder
 */
const filesIn = (root, folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

/**
 * Builds a module and all it imports as one file for Node; only `webgpu`, which is native, stays out.
 *
 * @param {string} entry path under the project's folder
 * @param {string} file where to
 */
export async function buildForNode(entry, file) {
  const { build } = await import('vite');
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: entry,
      outDir: dirname(file),
      emptyOutDir: false,
      rolldownOptions: {
        external: ['webgpu'],
        output: { entryFileNames: basename(file), codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  });
}

/**
 * Runs the same command in a process that sees the software GPU of an installed Chromium, and ends
 * with it. Vulkan's loader reads the variables only when a process starts. Returns where there is none.
 */
export async function relaunchOnSoftwareGpu() {
  if (process.env.VK_DRIVER_FILES) return; // chosen by the caller, or by us a moment ago
  const { findBrowser, softwareGpuVariables } = await import('./browser.mjs');
  const browser = findBrowser();
  const variables = browser ? softwareGpuVariables(browser) : {};
  if (!variables.VK_DRIVER_FILES) return;
  const child = spawn(process.execPath, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...variables },
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  const ended = await new Promise((resolve) => {
    child.on('close', (status, signal) =>
      resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)),
    );
  });
  process.exit(Number(ended));
}

/**
 * Leaves when standard output has taken everything: a pipe is written to asynchronously.
 *
 * @param {number} code
 * @returns {Promise<never>}
 */
export async function leave(code) {
  await new Promise((resolve) => process.stdout.write('', resolve));
  return process.exit(code);
}
