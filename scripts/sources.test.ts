import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { stateOfSources } from './sources.mjs';

const root = mkdtempSync(join(tmpdir(), 'drift-sources-'));
afterAll(() => rmSync(root, { recursive: true }));

it('tells sources apart after any change of a file', () => {
  const at = (path: string): string => join(root, path);
  mkdirSync(at('src/kernels'), { recursive: true });
  mkdirSync(at('shaders'));
  for (const path of ['package-lock.json', 'src/main.ts', 'shaders/a.wgsl']) {
    writeFileSync(at(path), 'one');
  }
  const states = [stateOfSources(root)];
  expect(stateOfSources(root)).toBe(states[0]);

  const changes = [
    () => writeFileSync(at('src/main.ts'), 'longer'),
    () => utimesSync(at('shaders/a.wgsl'), 1, 1),
    () => writeFileSync(at('src/kernels/b.ts'), ''),
    () => renameSync(at('src/kernels/b.ts'), at('src/kernels/c.ts')),
    () => rmSync(at('src/kernels/c.ts')),
    () => utimesSync(at('package-lock.json'), 1, 1),
  ];
  for (const change of changes) {
    change();
    states.push(stateOfSources(root));
  }
  expect(new Set(states).size).toBe(states.length - 1); // a file that came and went is no change
});
