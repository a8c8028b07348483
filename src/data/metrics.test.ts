import { describe, expect, it } from 'vitest';
import { scoreSuccess } from './metrics';

const trajectories = (rows: readonly { solved: boolean; answers: string[] }[]) => ({
  turns: Int32Array.from(rows, (r) => r.answers.length),
  solvedAt: Int32Array.from(rows, (r) => (r.solved ? r.answers.length : 0)),
  answers: rows.map((r) => r.answers),
});

describe('scoreSuccess', () => {
  const scores = scoreSuccess(
    trajectories([
      { solved: true, answers: ['5'] },
      { solved: true, answers: ['4', '5'] },
      { solved: false, answers: ['4', '4', '4'] },
      { solved: false, answers: ['', '', '6'] },
    ]),
    4,
  );

  it('success is cumulative', () => expect(scores.success).toEqual([0.25, 0.5, 0.5, 0.5]));

  it('correction rate is among those still wrong, NaN where nobody answered', () => {
    expect(scores.correctionRate).toEqual([1 / 4, 1 / 3, 0, NaN]);
  });

  it('unique answers are counted in trajectories of two turns or more', () => {
    expect(scores.uniqueAnswerRatio).toBe((2 + 1 + 2) / (2 + 3 + 3));
    expect(scoreSuccess(trajectories([{ solved: true, answers: ['5'] }]), 1)).toEqual({
      success: [1],
      correctionRate: [1],
      uniqueAnswerRatio: 1,
      solvedAt: [1],
    });
  });
});
