import { defineConfig } from '@playwright/test';
import { BROWSER_FLAGS, installBrowser } from './scripts/browser.mjs';

// One port for this process and the workers it starts; another for a run beside it.
const PORT = (process.env['E2E_PORT'] ??= String(20_000 + (process.pid % 10_000)));
const FOLDER = '/some/folder/'; // the build must not care where it is put

const TIMED = /(controls|firstVisit)\.spec\.ts/;

/** End-to-end tests open the built page, as any static host would serve it. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'node_modules/.cache/e2e',
  workers: 2,
  projects: [
    { name: 'page', testIgnore: TIMED },
    { name: 'timed', testMatch: TIMED, workers: 1, dependencies: ['page'] }, // with the machine to itself
  ],
  timeout: 120_000,
  expect: { timeout: 30_000 }, // a busy machine draws late
  globalTimeout: 900_000,
  forbidOnly: !!process.env.CI,
  use: {
    baseURL: `http://localhost:${PORT}${FOLDER}`,
    launchOptions: { executablePath: installBrowser(), args: BROWSER_FLAGS },
    serviceWorkers: 'block', // but for the tests of offline use: it would hide requests
    screenshot: 'only-on-failure', // `npx playwright test --trace on` shows more, at twice the time
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --base ${FOLDER} --port ${PORT} --strictPort`,
    url: `http://localhost:${PORT}${FOLDER}`,
    reuseExistingServer: false,
  },
});
