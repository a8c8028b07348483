#!/usr/bin/env node
/** Runs src/cli/main.ts in Node by way of Vite, so that TypeScript and `.wgsl?raw` need no build. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

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

process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader, `head` perhaps, has seen enough
  throw error;
});

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
const { main } = await server.ssrLoadModule('/src/cli/main.ts');
const code = await main(process.argv.slice(2));
await server.close();

// A pipe is written to asynchronously: leave when it has taken everything.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(code);
