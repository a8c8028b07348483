/** Runs the project's TypeScript in Node by way of Vite, so that it and `.wgsl?raw` need no build. */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

export const ROOT = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

/**
 * Opens the sources; `ssrLoadModule('/src/…')` runs a module of theirs.
 *
 * @param {import('vite').ServerOptions} server
 */
export const openSources = (server = { middlewareMode: true, ws: false }) =>
  createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    appType: server.middlewareMode ? 'custom' : 'mpa',
    optimizeDeps: { noDiscovery: true },
    server: { hmr: false, watch: null, ...server },
  });

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
