#!/usr/bin/env node
/** Runs src/cli/main.ts in Node by way of Vite, so that TypeScript and `.wgsl?raw` need no build. */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { mayHaveGpu } from './vulkan.mjs';

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

// `npm run` moves to the package's folder; the files on the command line are the caller's.
const {
  npm_package_json: manifest,
  npm_lifecycle_event: event,
  INIT_CWD: callerFolder,
} = process.env;
if (event === 'drift' && manifest === join(root, 'package.json') && callerFolder) {
  process.chdir(callerFolder);
}

// Started by a `drift` that is gone, killed perhaps: nobody waits for the rest.
process.on('disconnect', () => process.exit(1));

process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader, `head` perhaps, has seen enough
  throw error;
});

/**
 * Runs the same command in a process that sees the software GPU of an installed Chromium, and ends
 * with it. Vulkan's loader reads the variables only when a process starts. Returns where there is none.
 */
async function relaunchOnSoftwareGpu() {
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

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
const { main } = await server.ssrLoadModule('/src/cli/main.ts');
const code = await main(process.argv.slice(2), { mayHaveGpu, relaunchOnSoftwareGpu });
await server.close();

// A pipe is written to asynchronously: leave when it has taken everything.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(code);
