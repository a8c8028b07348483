/**
 * The whole model in float64 from plain loops: forward, and the analytic gradient of every parameter.
 * Shares no code with the kernels or their references, so that it can be wrong only by itself.
 *
 * Source: Touvron et al. 2023 (LLaMA), in the layout of Hugging Face `LlamaForCausalLM`; Su et al. 2021
 * (RoPE, rotate-half), Ainslie et al. 2023 (grouped queries), Shazeer 2020 (SwiGLU), Zhang & Sennrich
 * 2019 (RMSNorm).
 */
import type { ModelConfig } from '../config/runConfig';
import {
  add,
  attention,
  attentionBackward,
  linear,
  linearBackward,
  rmsnorm,
  rmsnormBackward,
  rotate,
  sigmoid,
  type Frame,
  type Numbers,
} from './ops.ref';

type Params = ReadonlyMap<string, Numbers>;

export interface RefModel extends ModelConfig {
  readonly vocabulary: number;
}

/** Packed sequences, end to end, and the tokens whose logits are trained. */
export interface RefBatch {
  readonly tokens: ArrayLike<number>; //       [N]
  readonly starts: ArrayLike<number>; //       [B] index of each sequence's first token, ascending from 0
  readonly positions: ArrayLike<number>; //    [M] index of the token whose logits are scored
  readonly targets: ArrayLike<number>; //      [M] token id
  readonly coefficients: ArrayLike<number>; // [M] c of loss = Σ c·nll
}

interface RefScores {
  readonly loss: number;
  readonly nll: Numbers; //    [M] nats
  readonly logits: Numbers; // [M,V]
}

const layerNames = (l: number) => {
  const name = (rest: string): string => `model.layers.${l}.${rest}.weight`;
  return {
    norm1: name('input_layernorm'),
    q: name('self_attn.q_proj'),
    k: name('self_attn.k_proj'),
    v: name('self_attn.v_proj'),
    o: name('self_attn.o_proj'),
    norm2: name('post_attention_layernorm'),
    gate: name('mlp.gate_proj'),
    up: name('mlp.up_proj'),
    down: name('mlp.down_proj'),
  };
};

function layerForward(f: Frame, params: Params, l: number, x: Numbers) {
  const { C, D, position, base } = f;
  const name = layerNames(l);
  const w = (part: keyof typeof name): Numbers => params.get(name[part])!;
  const xn1 = rmsnorm(x, w('norm1'));
  const heads = {
    q: linear(xn1, w('q'), C),
    k: linear(xn1, w('k'), C),
    v: linear(xn1, w('v'), C),
  };
  rotate(heads.q, position, D, base, 1);
  rotate(heads.k, position, D, base, 1);
  const att = attention(f, heads);
  const mid = add(x, linear(att, w('o'), f.H * D));
  const xn2 = rmsnorm(mid, w('norm2'));
  const gate = linear(xn2, w('gate'), C);
  const up = linear(xn2, w('up'), C);
  const hidden = gate.map((g, i) => g * sigmoid(g) * up[i]!);
  const out = add(mid, linear(hidden, w('down'), w('down').length / C));
  return { x, xn1, heads, att, mid, xn2, gate, up, hidden, out };
}

/** Adds to the layer's gradients; returns dx. */
function layerBackward(
  f: Frame,
  params: Params,
  grads: Params,
  l: number,
  kept: ReturnType<typeof layerForward>,
  dout: Numbers,
): Numbers {
  const { D, position, base } = f;
  const { gate, up, hidden } = kept;
  const name = layerNames(l);
  const back = (part: keyof typeof name, dy: Numbers, x: Numbers): Numbers => {
    const w = params.get(name[part])!;
    return linearBackward(dy, x, w, x.length / f.N, grads.get(name[part])!);
  };
  const backNorm = (part: 'norm1' | 'norm2', dy: Numbers, x: Numbers): Numbers =>
    rmsnormBackward(dy, x, params.get(name[part])!, grads.get(name[part])!);

  const dhidden = back('down', dout, hidden);
  const dup = dhidden.map((d, i) => d * gate[i]! * sigmoid(gate[i]!));
  const dgate = dhidden.map((d, i) => {
    const s = sigmoid(gate[i]!);
    return d * up[i]! * (s + gate[i]! * s * (1 - s));
  });
  const dxn2 = add(back('gate', dgate, kept.xn2), back('up', dup, kept.xn2));
  const dmid = add(dout, backNorm('norm2', dxn2, kept.mid));

  const dheads = attentionBackward(f, kept.heads, back('o', dmid, kept.att));
  rotate(dheads.q, position, D, base, -1);
  rotate(dheads.k, position, D, base, -1);
  const { xn1 } = kept;
  const dqk = add(back('q', dheads.q, xn1), back('k', dheads.k, xn1));
  const dxn1 = add(dqk, back('v', dheads.v, xn1));
  return add(dmid, backNorm('norm1', dxn1, kept.x));
}

const gather = (x: Numbers, C: number, rows: ArrayLike<number>): Numbers =>
  Float64Array.from(
    { length: rows.length * C },
    (_, i) => x[rows[Math.floor(i / C)]! * C + (i % C)]!,
  );

function frameOf(model: RefModel, { tokens, starts }: RefBatch): Frame {
  const { channels: C, heads: H, kvHeads: Hkv, ropeBase: base } = model;
  const N = tokens.length;
  const start = Array.from({ length: N }, (_, n) =>
    Math.max(...Array.from(starts).filter((first) => first <= n)),
  );
  return { N, C, H, Hkv, D: C / H, base, start, position: start.map((first, n) => n - first) };
}

const headName = ({ tiedHead }: RefModel): string =>
  tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight';

function forward(model: RefModel, params: Params, batch: RefBatch) {
  const f = frameOf(model, batch);
  const x0 = gather(params.get('model.embed_tokens.weight')!, f.C, batch.tokens);
  const layers: ReturnType<typeof layerForward>[] = [];
  for (let l = 0; l < model.layers; l++) {
    layers.push(layerForward(f, params, l, layers.at(-1)?.out ?? x0));
  }
  const scored = gather(layers.at(-1)?.out ?? x0, f.C, batch.positions);
  const xn = rmsnorm(scored, params.get('model.norm.weight')!);
  const logits = linear(xn, params.get(headName(model))!, f.C);
  const { nll, probabilities } = crossEntropy(logits, batch.targets, model.vocabulary);
  const loss = nll.reduce((sum, x, m) => sum + batch.coefficients[m]! * x, 0);
  return { f, layers, scored, xn, logits, probabilities, nll, loss };
}

function crossEntropy(logits: Numbers, targets: ArrayLike<number>, V: number) {
  const nll = new Float64Array(targets.length);
  const probabilities = new Float64Array(logits.length);
  for (let m = 0; m < nll.length; m++) {
    const row = logits.subarray(m * V, (m + 1) * V);
    const top = Math.max(...row);
    const lse = top + Math.log(row.reduce((sum, z) => sum + Math.exp(z - top), 0));
    probabilities.set(
      row.map((z) => Math.exp(z - lse)),
      m * V,
    );
    nll[m] = lse - row[targets[m]!]!;
  }
  return { nll, probabilities };
}

/** Scores a batch: loss, nll of each trained token, and the logits they come from. */
export function scoreRef(model: RefModel, params: Params, batch: RefBatch): RefScores {
  const { loss, nll, logits } = forward(model, params, batch);
  return { loss, nll, logits };
}

/** As `scoreRef`, with the gradient of the loss for every tensor of `params`, under the same names. */
export function transformerRef(
  model: RefModel,
  params: Params,
  batch: RefBatch,
): RefScores & { readonly grads: Map<string, Numbers> } {
  const { f, layers, scored, xn, logits, probabilities, nll, loss } = forward(model, params, batch);
  const { C } = f;
  const V = model.vocabulary;
  const grads = new Map(Array.from(params, ([name, x]) => [name, new Float64Array(x.length)]));

  const dlogits = probabilities.map((p, i) => {
    const m = Math.floor(i / V);
    return batch.coefficients[m]! * (p - (i % V === batch.targets[m] ? 1 : 0));
  });
  const head = headName(model);
  const dxn = linearBackward(dlogits, xn, params.get(head)!, C, grads.get(head)!);
  const norm = 'model.norm.weight';
  const dscored = rmsnormBackward(dxn, scored, params.get(norm)!, grads.get(norm)!);
  let dx: Numbers = new Float64Array(f.N * C);
  dscored.forEach((d, i) => (dx[batch.positions[Math.floor(i / C)]! * C + (i % C)]! += d));
  for (let l = layers.length - 1; l >= 0; l--) {
    dx = layerBackward(f, params, grads, l, layers[l]!, dx);
  }
  const dembed = grads.get('model.embed_tokens.weight')!;
  dx.forEach((d, i) => (dembed[batch.tokens[Math.floor(i / C)]! * C + (i % C)]! += d));
  return { loss, nll, logits, grads };
}
