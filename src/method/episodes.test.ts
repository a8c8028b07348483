import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN, type DriftConfig } from '../config/runConfig';
import { rng } from '../shared/rng';
import { groupRows, scoreEpisodes, summarizeScores, type Episodes } from './episodes';
import { weighRows, type RowRules } from './weights';
import type { RolloutRow } from './returns';

const DRIFT = DEFAULT_RUN.drift;

interface Episode {
  readonly prompt: number;
  readonly answers: readonly string[];
  readonly isSolved: boolean; // by its last answer
}

const pack = (episodes: readonly Episode[]): Episodes => ({
  promptOf: episodes.map((e) => e.prompt),
  turns: episodes.map((e) => e.answers.length),
  solvedAt: episodes.map((e) => (e.isSolved ? e.answers.length : 0)),
  answers: episodes.map((e) => e.answers),
});

const row = ({ prompt, answers, isSolved }: Episode, drift: DriftConfig): RolloutRow => ({
  prompt_id: prompt,
  turn_rewards: Object.fromEntries(
    answers.map((_, t) => [`t${t + 1}`, Number(isSolved && t === answers.length - 1)]),
  ),
  answer_norms: answers.filter((a) => a !== ''),
  format_penalty: answers.reduce((F, a) => (a === '' ? F + drift.formatPenalty : F), 0),
});

const episode = fc.record({
  prompt: fc.nat(4),
  answers: fc.array(fc.constantFrom('07', '08', '12', ''), { minLength: 1, maxLength: 5 }),
  isSolved: fc.boolean(),
});
const drift = fc.record({
  beta: fc.constantFrom(0.03, 0.1, 1),
  gamma: fc.constantFrom(0, 0.3, 0.9, 1),
  lambda: fc.constantFrom(0, 0.5),
  formatPenalty: fc.constantFrom(0, -0.1),
});

describe('scoreEpisodes', () => {
  it('gives what weighRows gives for the same trajectories in the format of the paper', () => {
    fc.assert(
      fc.property(fc.array(episode, { maxLength: 40 }), drift, (episodes, settings) => {
        const rules: RowRules = settings;
        const rows = weighRows(
          episodes.map((e) => row(e, settings)),
          rules,
        );
        const scores = scoreEpisodes(pack(episodes), settings);
        expect([...scores.discounted]).toEqual(rows.map((r) => r.discountedReturn));
        expect([...scores.formatPenalty]).toEqual(rows.map((r) => r.formatPenalty));
        expect([...scores.repeatPenalty]).toEqual(rows.map((r) => r.repeatPenalty));
        expect([...scores.returns]).toEqual(rows.map((r) => r.return));
        expect([...scores.weights]).toEqual(rows.map((r) => r.weight));
      }),
    );
  });

  it('charges unreadable answers, and does not call them repeats', () => {
    const { formatPenalty, repeatPenalty, returns } = scoreEpisodes(
      pack([{ prompt: 0, answers: ['', '07', '', '07', ''], isSolved: false }]),
      DRIFT,
    );
    expect(formatPenalty[0]).toBeCloseTo(-0.3, 15);
    expect(repeatPenalty[0]).toBe(0.25);
    expect(returns[0]).toBeCloseTo(-0.55, 15);
  });

  it('scores 2048 trajectories within a frame (seed 1)', () => {
    const random = rng(1);
    const e = pack(
      Array.from({ length: 2048 }, (_, i) => ({
        prompt: i >> 4,
        answers: Array.from({ length: 1 + random.int(5) }, () => String(random.int(9))),
        isSolved: random.uniform() < 0.5,
      })),
    );
    let fastest = Infinity; // a shared machine may be busy with something else for some of the tries
    for (let tries = 0; fastest >= 3 && tries < 200; tries++) {
      const start = performance.now();
      summarizeScores(e, scoreEpisodes(e, DRIFT));
      fastest = Math.min(fastest, performance.now() - start);
    }
    expect(fastest).toBeLessThan(3); // ms
  });
});

describe('summarizeScores', () => {
  const e = pack([
    { prompt: 7, answers: ['1'], isSolved: true },
    { prompt: 3, answers: ['1', '2'], isSolved: false },
    { prompt: 7, answers: ['1', '2'], isSolved: false },
    { prompt: 3, answers: ['1', '3'], isSolved: false },
    { prompt: 5, answers: ['1'], isSolved: true },
  ]);

  it('finds groups whose rows are not adjacent, by first appearance', () => {
    expect(groupRows(e)).toEqual([[0, 2], [1, 3], [4]]);
  });

  it('reads a set of weights out', () => {
    const summary = summarizeScores(e, { weights: Float64Array.of(1.5, 1, 0.5, 1, 1) });
    expect(summary.essFraction).toBeCloseTo((4 / 2.5 / 2 + 1 + 1) / 3, 12);
    expect(summary.essFractionPooled).toBeCloseTo(25 / 5.5 / 5, 12);
    expect(summary.weightMax).toBe(1.5);
    expect(summary.weightOnWrong).toBeCloseTo(2.5 / 5, 12);
    expect(summary.failedGroups).toBeCloseTo(1 / 3, 12);
    expect(summary.solvedGroups).toBeCloseTo(1 / 3, 12);
  });

  it('is NaN where there is nothing', () => {
    const nothing = summarizeScores(pack([]), { weights: new Float64Array() });
    expect(Object.values(nothing)).toEqual(Array(6).fill(NaN));
  });
});
