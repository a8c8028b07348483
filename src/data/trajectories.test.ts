import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FACTS } from './tasks/facts';
import {
  concatTrajectories,
  packEpisodes,
  selectTrajectories,
  trajectoryBuffers,
  type Episode,
  type Trajectories,
} from './trajectories';

const PROMPTS = FACTS.prompts('train', 4, 1);
const NO = FACTS.vocabulary.indexOf('NO');

/** The answer `S . . x y`: right, or off by one. */
function answer(promptIndex: number, isRight: boolean): number[] {
  const sum = Number(PROMPTS[promptIndex]!.gold) + (isRight ? 0 : 1);
  return [13, 14, 14, Math.floor(sum / 10), sum % 10];
}

/** An episode of `turns` answers, the last of them right or not. */
function episode(
  promptIndex: number,
  sampleIndex: number,
  turns: number,
  isSolved: boolean,
): Episode {
  const answers = Array.from({ length: turns }, (_, t) =>
    answer(promptIndex, isSolved && t === turns - 1),
  );
  return {
    promptIndex,
    sampleIndex,
    answers,
    logp: answers.map((tokens, t) => tokens.map((_, i) => -(t + 1) - i / 8)), // exact in float32
    verdicts: answers.map((tokens) => FACTS.judge(PROMPTS[promptIndex]!, tokens)),
  };
}

const episodes = fc.array(
  fc
    .tuple(fc.nat(3), fc.nat(15), fc.integer({ min: 1, max: 5 }), fc.boolean())
    .map((args) => episode(...args)),
  { minLength: 1, maxLength: 12 },
);

describe('packEpisodes', () => {
  it('writes prompt, answers and the feedback between them', () => {
    const t = packEpisodes(FACTS, PROMPTS, [episode(2, 5, 2, true), episode(0, 6, 1, false)]);
    const { tokens } = PROMPTS[2]!;
    expect([...t.tokens.subarray(0, 17)]).toEqual([
      ...tokens,
      ...answer(2, false),
      NO,
      ...answer(2, true),
    ]);
    expect([...t.turnOf.subarray(0, 17)]).toEqual([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 2, 2, 2, 2, 2,
    ]);
    expect([...t.logp.subarray(5, 13)]).toEqual([0, -1, -1.125, -1.25, -1.375, -1.5, 0, -2]);
    expect([...t.offsets]).toEqual([0, 17, 28]);
    expect([...t.promptOf]).toEqual([2, 0]);
    expect([...t.sampleOf]).toEqual([5, 6]);
    expect([...t.turns]).toEqual([2, 1]);
    expect([...t.solvedAt]).toEqual([2, 0]);
    expect(t.answers[0]![1]).toBe(PROMPTS[2]!.gold);
  });

  it('refuses an episode that goes on after its first correct answer', () => {
    const solved = episode(0, 0, 1, true);
    const goesOn = {
      ...solved,
      answers: [...solved.answers, ...solved.answers],
      verdicts: [...solved.verdicts, ...solved.verdicts],
    };
    expect(() => packEpisodes(FACTS, PROMPTS, [goesOn])).toThrow(
      expect.objectContaining({ code: 'bug' }),
    );
  });
});

describe('selectTrajectories and concatTrajectories', () => {
  const pack = (list: readonly Episode[]): Trajectories => packEpisodes(FACTS, PROMPTS, list);

  it('selecting rows is packing those episodes', () => {
    fc.assert(
      fc.property(episodes, fc.array(fc.nat(11), { maxLength: 20 }), (list, picks) => {
        const rows = picks.map((r) => r % list.length);
        expect(selectTrajectories(pack(list), rows)).toEqual(pack(rows.map((r) => list[r]!)));
      }),
    );
  });

  it('concatenating parts is packing all episodes, over the prompts of all parts', () => {
    fc.assert(
      fc.property(episodes, episodes, (first, second) => {
        const joined = concatTrajectories([pack(first), pack(second)]);
        const moved = second.map((e) => ({ ...e, promptIndex: e.promptIndex + PROMPTS.length }));
        const prompts = [...PROMPTS, ...PROMPTS];
        expect(joined).toEqual(packEpisodes(FACTS, prompts, [...first, ...moved]));
      }),
    );
  });

  it('taking a concatenation apart gives the parts back', () => {
    fc.assert(
      fc.property(episodes, episodes, (first, second) => {
        const joined = concatTrajectories([pack(first), pack(second)]);
        const rows = second.map((_, i) => first.length + i);
        const part = selectTrajectories(joined, rows);
        const promptOf = part.promptOf.map((p) => p - PROMPTS.length);
        expect({ ...part, promptOf, prompts: PROMPTS }).toEqual(pack(second));
      }),
    );
  });

  it('log-probs under the reference go along; where the reference sampled, they are its own', () => {
    const first = pack([episode(0, 0, 1, true), episode(1, 0, 2, false)]);
    const second = pack([episode(0, 1, 1, false)]);
    const scored = { ...first, reference: first.logp.map((x) => 2 * x) };
    const joined = concatTrajectories([scored, second]);
    expect(joined.reference).toEqual(Float32Array.of(...scored.reference, ...second.logp));
    const last = selectTrajectories(joined, [1]);
    expect(last.reference).toEqual(scored.reference.subarray(first.offsets[1]));
  });

  it('nothing is a valid number of rows', () => {
    expect(selectTrajectories(pack([episode(0, 0, 1, true)]), []).offsets).toEqual(
      Int32Array.of(0),
    );
    expect(concatTrajectories([]).offsets).toEqual(Int32Array.of(0));
  });
});

describe('trajectoryBuffers', () => {
  it('lists every buffer once, so that posting copies nothing', () => {
    const t = packEpisodes(FACTS, PROMPTS, [episode(0, 0, 2, true)]);
    const views = Object.values(t).filter((value) => ArrayBuffer.isView(value));
    const moved = structuredClone(t, { transfer: trajectoryBuffers(t) });
    expect(views.map((view) => view.byteLength)).toEqual(views.map(() => 0));
    expect(moved).toEqual(packEpisodes(FACTS, PROMPTS, [episode(0, 0, 2, true)]));
  });
});
