/** How a row is sampled. */
export interface SampleRefOptions {
  readonly temperature: number; // below 1e-6: greedy
  readonly topK: number; //        0 = off
  readonly topP: number; //        1 = off
}

export interface SampleRef {
  readonly id: number;
  readonly logp: number; // nats, at temperature 1 and without truncation
}

/** softmax(logits / temperature). */
function softmax(logits: readonly number[], temperature: number): number[] {
  const top = Math.max(...logits);
  const weights = logits.map((z) => Math.exp((z - top) / temperature));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

/**
 * Draws from one row by the inverse of its distribution function.
 *
 * Source: Fan et al. 2018 (top-k), Holtzman et al. 2020 (top-p). A token is kept if fewer than topK
 * tokens are ranked before it and these have less than topP of the probability; logits rank first,
 * then lower ids.
 *
 * @param u in [0,1)
 */
export function sampleRef(
  row: ArrayLike<number>,
  { temperature, topK, topP }: SampleRefOptions,
  u: number,
): SampleRef {
  const logits = Array.from(row);
  const ranked = logits.map((_, v) => v).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const logp = (id: number): number => Math.log(softmax(logits, 1)[id]!);
  if (temperature < 1e-6) return { id: ranked[0]!, logp: logp(ranked[0]!) };

  const prob = softmax(logits, temperature);
  const kept = new Set<number>();
  let before = 0;
  ranked.forEach((v, rank) => {
    const inTopK = topK === 0 || rank < topK;
    const inTopP = topP >= 1 || before < topP;
    if (inTopK && inTopP) kept.add(v);
    before += prob[v]!;
  });

  const share = prob.map((p, v) => (kept.has(v) ? p : 0));
  const total = share.reduce((a, b) => a + b);
  let sum = 0;
  let id = 0;
  for (let v = 0; v < share.length && sum <= u * total; v++) {
    if (share[v]! > 0) id = v;
    sum += share[v]!;
  }
  return { id, logp: logp(id) };
}
