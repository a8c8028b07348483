import { expect, it } from 'vitest';
import { rng, STREAM } from '../../shared/rng';
import { sha256 } from '../../shared/sha256';
import type { Split } from '../task';
import { TASKS } from './registry';

const SPLITS: readonly Split[] = ['train', 'tune', 'test'];

/**
 * Shipped references were pretrained on these dialogues and recordings name these prompts: a change
 * here makes both untrue. SHA-256 of 2,000 dialogues of the corpus and 500 prompts of each split, seed 0.
 */
it.each([
  ['facts', 'b5338d023f35e18b77a7af20ac9605559bf2e253f9bd6274b9d4d3b22f171746'],
  ['boxes', '6ba2506229bdc671ff34e201987a9345baceaa5a09d8ea615da7549a73592fd5'],
])('%s says what it has always said', async (name, hash) => {
  const task = TASKS.get(name as 'facts')!;
  const dialogues = Array.from({ length: 2000 }, (_, row) =>
    task.dialogue(rng(0, STREAM.corpus, row)),
  );
  const text = JSON.stringify([dialogues, SPLITS.map((split) => task.prompts(split, 500, 0))]);
  expect(await sha256(new TextEncoder().encode(text))).toBe(hash);
});
