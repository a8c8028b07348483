#!/usr/bin/env node
/** Runs src/cli/main.ts in Node. */
import { join } from 'node:path';
import { importBuilt, leave, relaunchOnSoftwareGpu, ROOT } from './sources.mjs';
import { mayHaveGpu } from './vulkan.mjs';

// `npm run` moves to the package's folder; the files on the command line are the caller's.
const {
  npm_package_json: manifest,
  npm_lifecycle_event: event,
  INIT_CWD: callerFolder,
} = process.env;
if (event === 'drift' && manifest === join(ROOT, 'package.json') && callerFolder) {
  process.chdir(callerFolder);
}

// Started by a `drift` that is gone, killed perhaps: nobody waits for the rest.
process.on('disconnect', () => process.exit(1));

process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader, `head` perhaps, has seen enough
  throw error;
});

const { main } = await importBuilt('src/cli/main.ts');
const host = { mayHaveGpu, relaunchOnSoftwareGpu, root: ROOT };
await leave(await main(process.argv.slice(2), host));
