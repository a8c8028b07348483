/** `npm start`: installs what is missing, serves the page, opens it. Options: --port N, --no-open. */
import util from 'node:util';
import { fail, setUp } from './setup.mjs';

function readOptions() {
  try {
    const { values } = util.parseArgs({
      options: { port: { type: 'string' }, 'no-open': { type: 'boolean', default: false } },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port === undefined || (Number.isInteger(port) && port > 0 && port < 65_536)) {
      return { port, open: !values['no-open'] };
    }
    return fail(`--port takes a number from 1 to 65535, not ${values.port}.`);
  } catch {
    return fail('Usage: npm start -- [--port N] [--no-open]');
  }
}

/** A machine without a screen has nothing to open a page in. */
function hasScreen() {
  const { CI, DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME } = process.env;
  return !CI && (process.platform !== 'linux' || (DISPLAY ?? WAYLAND_DISPLAY ?? WSL_DISTRO_NAME));
}

setUp();
const { port, open } = readOptions();
const { createServer } = await import('vite');
// A port that was asked for is that port or none; otherwise the next free one does.
const server = await createServer({
  server: { port: port ?? 5173, strictPort: port !== undefined },
});
try {
  await server.listen();
} catch (cause) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  fail(`The page cannot be served: ${reason.replace(/\.$/, '')}; choose another with --port N.`);
}
console.log(`\n  DRIFT Playground: ${server.resolvedUrls?.local[0]}   (Ctrl+C stops it)\n`);
if (open && hasScreen()) server.openBrowser();
