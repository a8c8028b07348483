/** Follows docs/extending.md in a copy of the sources. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Schema from '../../config/runConfig';
import { STREAM, rng } from '../../shared/rng';
import type * as Registry from './registry';
import { testTask } from './testing/laws';

const CACHE = resolve('.cache'); // Vitest compiles nothing below node_modules
mkdirSync(CACHE, { recursive: true });
const copy = mkdtempSync(join(CACHE, 'extending-'));
afterAll(() => rmSync(copy, { recursive: true }));

/** What the guide says to write into a file. */
function block(kind: 'ts' | 'diff', file: string): string {
  const [, text] = readFileSync('docs/extending.md', 'utf8').split(`\`\`\`${kind} ${file}\n`);
  return text!.slice(0, text!.indexOf('```'));
}

/** A text with a line taken out for each `-` and the `+` lines after it, or before all, put in. */
function patched(text: string, diff: string): string {
  return diff
    .split('\n')
    .reduce((lines, change) => {
      const line = change.slice(1);
      if (change.startsWith('-')) {
        if (!lines.includes(line))
          throw new Error(`The guide takes out what is not there: ${line}`);
        return lines.map((l) => (l === line ? REMOVED : l));
      }
      if (!change.startsWith('+')) return lines;
      if (!lines.includes(REMOVED)) return [line, ...lines];
      return lines.map((l) => (l === REMOVED ? line : l));
    }, text.split('\n'))
    .join('\n');
}
const REMOVED = '\0';

cpSync('src', join(copy, 'src'), { recursive: true });
const FILE = 'src/data/tasks/differences.ts';
const REGISTRY = 'src/data/tasks/registry.ts';
writeFileSync(join(copy, FILE), block('ts', FILE));
writeFileSync(
  join(copy, REGISTRY),
  patched(readFileSync(REGISTRY, 'utf8'), block('diff', REGISTRY)),
);

const { TASKS } = (await import(join(copy, REGISTRY))) as typeof Registry;
const { RunConfig, taskTitle } = (await import(
  join(copy, 'src/config/runConfig.ts')
)) as typeof Schema;

describe('the task of the guide', () => {
  testTask(TASKS.get('differences')!);

  it('is a setting like the others, with its title', () => {
    expect(RunConfig.parse({ task: 'differences' }).task).toBe('differences');
    expect(taskTitle('differences')).toBe('Differences');
    expect(RunConfig.safeParse({ task: 'quotients' }).success).toBe(false);
  });

  it('has players that know it and slip', () => {
    const task = TASKS.get('differences')!;
    const shortest = task.promptTokens + task.answerTokens;
    const atOnce = Array.from({ length: 4000 }, (_, row) =>
      task.dialogue(rng(0, STREAM.corpus, row)),
    ).filter((d) => d.tokens.length === shortest);
    expect(Math.abs(atOnce.length / 4000 - 0.7)).toBeLessThan(0.03);
  });
});
