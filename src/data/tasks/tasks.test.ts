import { describe, expect, it } from 'vitest';
import { TASKS } from './registry';
import { testTask } from './testing/laws';

describe.each([...TASKS])('%s', (name, task) => {
  it('stands under its own name', () => expect(task.name).toBe(name));

  testTask(task);
});
