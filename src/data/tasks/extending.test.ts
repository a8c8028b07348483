import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Schema from '../../config/runConfig';
import { STREAM, rng } from '../../shared/rng';
import { followGuide } from '../../shared/testing/guide';
import type * as Registry from './registry';
import { testTask } from './testing/laws';

const REGISTRY = 'src/data/tasks/registry.ts';
const copy = followGuide('src/data/tasks/differences.ts', REGISTRY);
afterAll(() => rmSync(copy, { recursive: true }));

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
