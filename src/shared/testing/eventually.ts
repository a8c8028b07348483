import { vi } from 'vitest';

const BUSY_MS = 60_000; // on an idle machine it takes milliseconds

/** Waits until `check` throws no more. */
export const eventually = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: BUSY_MS, interval: 10 });
