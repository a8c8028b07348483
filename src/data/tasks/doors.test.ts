import { describe, expect, it } from 'vitest';
import { rng } from '../../shared/rng';
import { CHANCES, DOORS, everyOutcome } from './doors';

describe('doors', () => {
  it.each([
    [1, 3],
    [3, 15], // 1 + 2 + 4 · 3
  ])('has in %i turns %i different outcomes at each prompt', (turns, count) => {
    const { promptOf, offsets, tokens, solvedAt, turns: given } = everyOutcome(turns);
    expect(promptOf).toHaveLength(CHANCES.length * count);
    const rows = Array.from(promptOf, (_, r) => tokens.slice(offsets[r], offsets[r + 1]).join());
    expect(new Set(rows).size).toBe(rows.length);
    given.forEach((n, r) =>
      expect(solvedAt[r] === n || (solvedAt[r] === 0 && n === turns)).toBe(true),
    );
  });

  it('is played at first with the chances stated (seed 2)', () => {
    const prompts = DOORS.prompts('train', CHANCES.length, 0);
    const asked = CHANCES.map(() => 0);
    const solved = CHANCES.map(() => 0);
    for (let i = 0; i < 40_000; i++) {
      const { tokens } = DOORS.dialogue(rng(2, 0, i));
      asked[tokens[0]!]! += 1;
      const { correct } = DOORS.judge(prompts[tokens[0]!]!, [tokens[1]!]);
      if (correct) solved[tokens[0]!]! += 1;
    }
    CHANCES.forEach((p, i) => expect(Math.abs(solved[i]! / asked[i]! - p)).toBeLessThan(0.03));
  });
});
