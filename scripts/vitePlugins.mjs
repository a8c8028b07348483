/** The two Vite plugins of our own. */

/**
 * What the built page may do: load from where it lies, and nothing else. Scripts need a URL that
 * src/shared/trustedUrl.ts has looked at. A host that can set headers adds `frame-ancestors 'none'`.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types app-worker',
].join('; ');

/**
 * Puts the content security policy first in the built page; the development server needs inline
 * scripts and a socket, so it has none.
 *
 * @returns {import('vite').Plugin}
 */
export function contentSecurityPolicy() {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

const RETIREMENT = `
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(retire()));
async function retire() {
  for (const name of await caches.keys()) await caches.delete(name);
  await registration.unregister();
  for (const page of await clients.matchAll({ type: 'window' })) await page.navigate(page.url);
}
`;

/**
 * Makes the development server answer for /sw.js with a worker that removes itself, so that a
 * build once previewed on the same port does not hide the sources.
 *
 * @returns {import('vite').Plugin}
 */
export function retireServiceWorker() {
  return {
    name: 'retire-service-worker',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use('/sw.js', (_request, response) => {
        response.setHeader('Content-Type', 'text/javascript').end(RETIREMENT);
      });
    },
  };
}
