import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BROWSER_FLAGS, softwareGpuVariables, installBrowser } from './scripts/browser.mjs';
import { contentSecurityPolicy, retireServiceWorker } from './scripts/vitePlugins.mjs';

/** Works offline after the first visit: every file of the build is fetched then and kept, recordings once watched. */
const offline = VitePWA({
  injectRegister: false, // src/offline.ts does it, with a trusted URL
  manifest: false, // public/manifest.webmanifest
  workbox: {
    globPatterns: ['**/*'],
    globIgnores: ['recordings/*'],
    runtimeCaching: [
      {
        urlPattern: ({ url }) => url.pathname.includes('/recordings/'),
        handler: 'StaleWhileRevalidate',
        options: { cacheName: 'recordings' },
      },
    ],
    maximumFileSizeToCacheInBytes: 256 * 2 ** 20,
    clientsClaim: true, // the first visit can already go on offline
    skipWaiting: false, // a page keeps the version it was opened with
    inlineWorkboxRuntime: true,
  },
});

/** Tests that start processes, or the engine under Node. */
const COMMANDS = ['{src/cli,bench}/**/*.test.ts'];

/**
 * `.gpu.test.ts` runs in Chromium. The project `dawn` runs the kernels' own under Node, for a machine with
 * a GPU and no browser; `npm test` leaves it out, as the command line's tests run the engine there.
 */
function testProjects(): TestProjectInlineConfiguration[] {
  const browser = installBrowser();
  return [
    {
      extends: true,
      test: {
        name: 'commands',
        include: COMMANDS,
        env: softwareGpuVariables(browser),
      },
    },
    {
      extends: true,
      test: {
        name: 'node',
        include: ['{src,scripts}/**/*.test.ts'],
        exclude: ['**/*.gpu.test.ts', ...COMMANDS],
      },
    },
    {
      extends: true,
      test: {
        name: 'dawn',
        include: ['src/{gpu,kernels,model}/**/*.gpu.test.ts'],
        env: process.env.VK_DRIVER_FILES ? {} : softwareGpuVariables(browser),
      },
    },
    {
      extends: true,
      test: {
        name: 'browser',
        include: ['src/**/*.gpu.test.ts', 'src/**/*.dom.test.tsx'],
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions: { executablePath: browser, args: BROWSER_FLAGS } }),
          instances: [{ browser: 'chromium' }],
        },
      },
    },
  ];
}

export default defineConfig({
  base: './', // the build works from any folder of any static host
  appType: 'mpa', // a missing file is a 404, as on a static host
  plugins: [react(), offline, contentSecurityPolicy(), retireServiceWorker()],
  worker: { format: 'es' },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  ...(process.env.VITEST
    ? {
        test: {
          projects: testProjects(),
          maxWorkers: 2,
          setupFiles: ['src/shared/testing/equality.ts'],
          // Seconds on an idle machine; but kernels compile, and all projects share its cores.
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      }
    : {}),
});
