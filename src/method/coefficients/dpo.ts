/**
 * Direct preference optimization on pairs from the same group: the best try against the worst, the
 * second best against the second worst, and so on while their returns differ. Needs no reward model,
 * only who did better.
 *
 * Differs: pairs are made from returns, not by people; a step's two tries are whole episodes.
 */
import { groupRows, type Episodes, type Scores } from '../episodes';
import { logRatios, RETURN, sigmoid, type Method, type StepColumns } from './method';

/** [better, worse] row of each pair; no row is in two. */
function pairs(episodes: Episodes, { returns }: Scores): [number, number][] {
  return groupRows(episodes).flatMap((rows) => {
    const ranked = rows.toSorted((i, j) => returns[j]! - returns[i]! || i - j);
    const half = Math.floor(ranked.length / 2);
    return ranked
      .slice(0, half)
      .map((better, k): [number, number] => [better, ranked[ranked.length - 1 - k]!])
      .filter(([better, worse]) => returns[better]! > returns[worse]!);
  });
}

/** β(Δ⁺ − Δ⁻) of each pair of rows 2j, 2j + 1; Δ = log π_θ − log π_ref of the whole try. [B/2] */
const margins = (step: StepColumns, beta: number): Float64Array => {
  const ratios = logRatios(step, step.reference);
  return Float64Array.from(
    { length: ratios.length / 2 },
    (_, j) => beta * (ratios[2 * j]! - ratios[2 * j + 1]!),
  );
};

export const DPO: Method = {
  name: 'dpo',
  title: 'DPO',
  formula: 'c = ±β·σ(−β(Δ⁺ − Δ⁻)), Δ = log π_θ − log π_ref of a try; + for the better of two',
  source: 'Rafailov et al. 2023, arXiv 2305.18290',
  sentence: 'Of two tries at a prompt, the better is made likelier and the worse less likely.',
  settings: ['preference.beta', ...RETURN],
  isSigned: true,
  trainsAllTurns: true,
  needsReference: () => true,
  averaging: () => ({ sequence: 'sum', batchRule: 'rows' }),
  pairs,
  rowWeights(episodes, scores) {
    const weights = new Float64Array(scores.returns.length);
    for (const [better, worse] of pairs(episodes, scores)) {
      weights[better] = 1;
      weights[worse] = -1;
    }
    return weights;
  },
  tokenWeights(step, { preference: { beta } }) {
    const pull = margins(step, beta).map((margin) => 2 * beta * sigmoid(-margin)); // two rows a pair
    return (row) => step.weights[row]! * pull[row >> 1]!;
  },
  loss(step, { preference: { beta } }) {
    const each = margins(step, beta).map((margin) => Math.log1p(Math.exp(-margin)));
    return each.reduce((sum, x) => sum + x, 0) / each.length;
  },
};
