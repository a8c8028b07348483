import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const SHADERS = new URL('../../shaders/', import.meta.url);
const KERNELS = new URL('./', import.meta.url);
const NOT_OPS = new Set(['lib', 'roof', 'testing']); // roof: measures adapters, src/gpu/roof.ts
const MOST_LINES = 150;

const foldersOf = (root: URL): string[] =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_OPS.has(entry.name))
    .map((entry) => entry.name);

const OPS = foldersOf(SHADERS);

it('every kernel folder has its shaders, and the other way round', () => {
  expect(OPS.length).toBeGreaterThan(0);
  expect(foldersOf(KERNELS)).toEqual(OPS);
});

describe.each(OPS)('%s', (op) => {
  const folder = new URL(`${op}/`, SHADERS);

  it.each(['.ts', '.ref.ts', '.ref.test.ts', '.gpu.test.ts'])(`has ${op}%s`, (suffix) => {
    expect(existsSync(new URL(`${op}/${op}${suffix}`, KERNELS))).toBe(true);
  });

  it.each(readdirSync(folder))('%s opens with its label, is short and is wrapped', (file) => {
    const wgsl = readFileSync(new URL(file, folder), 'utf8');
    const wrapper = readFileSync(new URL(`${op}/${op}.ts`, KERNELS), 'utf8');

    const label = `${op}_${file.replace(/\.wgsl$/, '')}`;
    expect(wgsl.startsWith(`// ${label}: `)).toBe(true);
    expect(wgsl.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
    expect(wrapper).toContain(`shaders/${op}/${file}?raw`);
    expect(wrapper).toContain(`'${label}'`);
  });
});
