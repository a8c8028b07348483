/**
 * Kahneman–Tversky optimization: tries are good or bad, without pairs; gains and losses over what the
 * policy does on average saturate.
 *
 * Differs: good means solved; the reference point z₀ is taken from each try under the prompt of the
 * next other one in the step.
 */
import { mean } from '../mean';
import { logRatios, sigmoid, type Method, type StepColumns } from './method';

/** σ(β(Δ − z₀)) for good tries, σ(β(z₀ − Δ)) for bad ones; Δ = log π_θ − log π_ref of the try. [B] */
function values(step: StepColumns, beta: number): Float64Array {
  const { mismatched } = step;
  const average = mismatched ? mean(logRatios(mismatched, mismatched.reference)) : 0;
  const z0 = Math.max(0, average);
  return logRatios(step, step.reference).map((delta, row) =>
    sigmoid(Math.sign(step.weights[row]!) * beta * (delta - z0)),
  );
}

export const KTO: Method = {
  name: 'kto',
  title: 'KTO',
  formula: 'c = ±λ·β·v(1 − v), v = σ(±β(Δ − z₀)), Δ = log π_θ − log π_ref of a try; + if solved',
  source: 'Ethayarajh et al. 2024, arXiv 2402.01306',
  sentence:
    'Solved tries are made likelier and failed ones less likely, each until it has moved enough.',
  settings: ['preference.beta', 'preference.desirable', 'preference.undesirable'],
  isSigned: true,
  trainsAllTurns: true,
  needsMismatched: true,
  needsReference: () => true,
  averaging: () => ({ sequence: 'sum', batchRule: 'rows' }),
  rowWeights: ({ solvedAt }, _, { preference: { desirable, undesirable } }) =>
    Float64Array.from(solvedAt, (turn) => (turn > 0 ? desirable : -undesirable)),
  tokenWeights(step, { preference: { beta } }) {
    const v = values(step, beta);
    return (row) => step.weights[row]! * beta * v[row]! * (1 - v[row]!);
  },
  loss: (step, { preference: { beta } }) =>
    mean(values(step, beta).map((v, row) => Math.abs(step.weights[row]!) * (1 - v))),
};
