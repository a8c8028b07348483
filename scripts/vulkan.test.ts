import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { mayHaveGpu } from './vulkan.mjs';

const root = mkdtempSync(join(tmpdir(), 'vulkan-'));
afterAll(() => rmSync(root, { recursive: true }));

it('finds a driver where it is described, and believes a variable that names one', () => {
  const drivers = join(root, 'second/vulkan/icd.d');
  mkdirSync(drivers, { recursive: true });
  const env = { HOME: root, XDG_DATA_DIRS: `${root}/first:${root}/second` };
  const without = mayHaveGpu(env, 'linux'); // true on a machine whose own driver lies in /etc
  writeFileSync(join(drivers, 'gpu_icd.json'), '{}');
  expect(mayHaveGpu(env, 'linux')).toBe(true);
  rmSync(join(drivers, 'gpu_icd.json'));
  expect(mayHaveGpu(env, 'linux')).toBe(without);
  expect(mayHaveGpu({ ...env, VK_DRIVER_FILES: 'anything' }, 'linux')).toBe(true);
  expect(mayHaveGpu(env, 'darwin')).toBe(true);
});
