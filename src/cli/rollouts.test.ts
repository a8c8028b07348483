import { expect, it } from 'vitest';
import { DEFAULT_RUN } from '../config/runConfig';
import { TASKS } from '../data/tasks/registry';
import { encodeRollouts, rolloutLines, type PackedRollouts } from '../formats/rolloutJsonl';
import { scoreEpisodes } from '../method/episodes';
import { rng } from '../shared/rng';
import { weighText } from './weigh';

/** Trajectories of random answers, one in five unreadable, as the rollout would pack them. */
function randomRollouts(seed: number): PackedRollouts & { turns: number[] } {
  const random = rng(seed);
  const rows = Array.from({ length: 24 }, (_, row) => {
    const answers: string[] = [];
    let solvedAt = 0;
    while (solvedAt === 0 && answers.length < 5) {
      answers.push(random.pick(['', '11', '12', '13', '42']));
      if (answers.at(-1) === '42') solvedAt = answers.length;
    }
    return { prompt: row % 3, sample: Math.floor(row / 3), answers, solvedAt };
  });
  return {
    prompts: [0, 1, 2].map((i) => ({ id: `p${i}`, gold: '42' })),
    promptOf: rows.map((r) => r.prompt),
    sampleOf: rows.map((r) => r.sample),
    offsets: Array.from({ length: rows.length + 1 }, (_, i) => 2 * i),
    tokens: new Int32Array(2 * rows.length),
    turnOf: Uint8Array.from({ length: 2 * rows.length }, (_, i) => i % 2),
    logp: new Float32Array(2 * rows.length),
    solvedAt: rows.map((r) => r.solvedAt),
    answers: rows.map((r) => r.answers),
    turns: rows.map((r) => r.answers.length),
  };
}

it.each([1, 2, 3])(
  'an exported file weighs as its trajectories do, to the bit, seed %i',
  (seed) => {
    const drift = { ...DEFAULT_RUN.drift, lambda: 0.7, formatPenalty: -0.13 };
    const rollouts = randomRollouts(seed);
    const text = encodeRollouts(
      rolloutLines(rollouts, {
        vocabulary: TASKS.get('facts')!.vocabulary,
        maxTurns: 5,
        formatPenalty: drift.formatPenalty,
      }),
    );
    const weighed = weighText(text, 'rollouts.jsonl', drift)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { return: number; weight: number });
    const scores = scoreEpisodes(rollouts, drift);
    expect(weighed.map((w) => w.return)).toEqual([...scores.returns]);
    expect(weighed.map((w) => w.weight)).toEqual([...scores.weights]);
  },
);
