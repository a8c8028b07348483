import { describe, expect, it } from 'vitest';
import { numericGradient, relativeDistance } from '../kernels/testing/close';
import { MODEL_CASES, type ModelCase } from './testing/cases';
import { scoreRef, transformerRef } from './transformer.ref';

const GRADIENT = 1e-6; // relative distance; central differences lose half the digits of float64

const EVERY = 5; // elements of a large tensor; no width is a multiple of it
const LARGE = 256; // elements

const EMBED = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

/** The case with each of its tensors changed. */
const mapParams = ({ params, ...rest }: ModelCase, change: (x: number) => number): ModelCase => ({
  ...rest,
  params: new Map(Array.from(params, ([name, x]) => [name, x.map(change)])),
});

describe.each(MODEL_CASES)('transformerRef: $name', (c) => {
  const { model, params, batch } = c;
  const { grads, loss, nll } = transformerRef(model, params, batch);

  it.each(Array.from(params.keys()))('the gradient of %s matches central differences', (name) => {
    const tensor = params.get(name)!;
    const some = (_: number, i: number): boolean => tensor.length < LARGE || i % EVERY === 0;
    const lossWith = (values: Float64Array): number => {
      let next = 0;
      const changed = tensor.map((x, i) => (some(x, i) ? values[next++]! : x));
      return scoreRef(model, new Map(params).set(name, changed), batch).loss;
    };
    const numeric = numericGradient(lossWith, tensor.filter(some));

    expect(relativeDistance(grads.get(name)!.filter(some), numeric)).toBeLessThan(GRADIENT);
  });

  it('is certain of nothing when every parameter is 0', () => {
    const { params: zeros } = mapParams(c, () => 0);

    const { nll: uniform } = scoreRef(model, zeros, batch);

    expect(uniform.every((x) => Math.abs(x - Math.log(model.vocabulary)) < 1e-14)).toBe(true);
  });

  it('is the sum of its sequences, wherever they lie in the pack', () => {
    // The last sequence alone: tokens 6 … 11, whose scored tokens are the last two.
    const alone = {
      tokens: Array.from(batch.tokens).slice(6),
      starts: [0],
      positions: [0, 3, 5],
      targets: Array.from(batch.targets).slice(4),
      coefficients: [0, 0.125, 1.5],
    };

    const { nll: last } = scoreRef(model, params, alone);

    expect(relativeDistance(last, nll.subarray(4))).toBeLessThan(1e-14);
  });

  it('sees no token after the scored one', () => {
    const later = Array.from(batch.tokens);
    later[11] = (later[11]! + 1) % model.vocabulary;

    const { nll: changed } = scoreRef(model, params, { ...batch, tokens: later });

    expect(changed.subarray(0, 6)).toEqual(nll.subarray(0, 6));
    expect(changed[6]).not.toBe(nll[6]);
  });

  it('is linear in the coefficients', () => {
    const coefficients = Array.from(batch.coefficients, (x) => 2 * x);

    const doubled = transformerRef(model, params, { ...batch, coefficients });

    expect(doubled.loss).toBe(2 * loss);
    for (const [name, g] of grads) {
      expect(doubled.grads.get(name)).toEqual(g.map((x) => 2 * x));
    }
  });
});

it('a tied head is an untied one whose gradient goes to the embedding', () => {
  const { model, params, batch } = MODEL_CASES[0]!;
  const untied = new Map(params).set(HEAD, params.get(EMBED)!);

  const tied = transformerRef(model, params, batch);
  const apart = transformerRef({ ...model, tiedHead: false }, untied, batch);

  expect(tied.loss).toBe(apart.loss);
  const sum = apart.grads.get(EMBED)!.map((x, i) => x + apart.grads.get(HEAD)![i]!);
  expect(relativeDistance(tied.grads.get(EMBED)!, sum)).toBeLessThan(1e-14);
});

it('attention over equal values is that value, at any position', () => {
  // One token repeated, so that only the angles of queries and keys differ.
  const { model, params, batch } = MODEL_CASES[1]!;
  const tokens = Array.from(batch.tokens, () => 3);

  const { logits } = scoreRef(model, params, { ...batch, tokens });

  const V = model.vocabulary;
  for (let m = 1; m < batch.positions.length; m++) {
    const row = logits.subarray(m * V, (m + 1) * V);
    expect(relativeDistance(row, logits.subarray(0, V))).toBeLessThan(1e-13);
  }
});
