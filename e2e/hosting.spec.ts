import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { expect, test as base } from './fixtures';
import { finished, losses, runButton, SMALL_RUN, weightsHash } from './runs';

const BUILD = join(import.meta.dirname, '../dist');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** What a strict host sends with every file: isolation, and the whole policy as a header. */
const STRICT = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
    'trusted-types app-worker',
};

interface Host {
  readonly folder: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A static host of the build: files as they are, 404 for the rest. */
async function serve({ folder, headers }: Host): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const inside = pathname.startsWith(folder) ? pathname.slice(folder.length) : '..';
    const path = normalize(inside || 'index.html');
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    readFile(join(BUILD, path)).then(
      (content) => response.writeHead(200, { ...headers, 'Content-Type': type }).end(content),
      () => response.writeHead(404, headers).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const test = base.extend<{ host: Host }>({
  host: [{ folder: '/', headers: {} }, { option: true }],
  baseURL: async ({ host }, provide) => {
    const server = await serve(host);
    await provide(`http://localhost:${(server.address() as AddressInfo).port}${host.folder}`);
    server.closeAllConnections();
    server.close();
  },
});

let plain: { readonly hash: string; readonly curve: string[] };

test.describe.configure({ mode: 'serial' }); // the second compares with the first

test('it trains at the root of a host that sends no headers', async ({ page }) => {
  await page.goto(SMALL_RUN);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await runButton(page).click();
  await finished(page, 4);
  plain = { hash: await weightsHash(page), curve: await losses(page) };
});

test.describe('on a strict host', () => {
  test.use({ host: { folder: '/deep/er/%C3%B6rtchen/', headers: STRICT } });

  test('it trains, isolated, in any folder, to the same bits', async ({ page }) => {
    await page.goto(SMALL_RUN);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await runButton(page).click();
    await finished(page, 4);
    expect({ hash: await weightsHash(page), curve: await losses(page) }).toEqual(plain);
  });
});
