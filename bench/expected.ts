/** What arithmetic expects of a run's sizes: FLOPs and bytes in closed form, counted by hand. */
import { gradSlices } from '../src/model/backward';
import { paramLayout } from '../src/model/params';
import { shapeOf, type BenchConfig } from './workload';

/** K tries of one prompt, decoded together. */
export interface Tries {
  readonly K: number;
  readonly prompt: number; // tokens
  readonly answer: number; // tokens sampled for each try
}

/**
 * FLOPs of the matrix products and of attention for the answers to one prompt: the prompt goes through
 * the blocks once for all tries, every sampled token but a try's last once for its own; the head is
 * asked for each sampled token.
 */
export function answerFlops(
  { model, vocabulary: V }: BenchConfig,
  { K, prompt: P, answer: A }: Tries,
): number {
  const { layers: L, channels: C, mlp: F } = model;
  const blocks = L * (4 * C * C + 3 * C * F); // weights
  const later = A - 1; // tokens of a try that are fed, at positions P … P+A−2
  const keys = (P * (P + 1)) / 2 + K * (later * P + (later * (later + 1)) / 2);
  return 2 * blocks * (P + K * later) + 2 * V * C * K * A + 4 * L * C * keys;
}

/**
 * Bytes of a run on both devices: weights four times, gradient and both moments, slices; what a token
 * keeps in training and in scoring; what a try keeps, its cache above all. Integers, norms' factors,
 * log-probs read back and the chat's single row are left out.
 */
export function runBytes(config: BenchConfig, K: number, isSoftware: boolean): number {
  const { model, vocabulary: V, context: T, batch } = config;
  const { layers: L, channels: C, mlp: F } = model;
  const layout = paramLayout(shapeOf(config));
  const { matrices, vectors } = gradSlices(layout, isSoftware);
  const slices = matrices.count * matrices.stride + vectors.count * vectors.stride;
  const weights = layout.total * (4 + 3) + slices;
  const scored = (L + 1) * C + L * (7 * C + 3 * F) + C + V; // of a token, forward
  const gradients = 7 * C + 2 * F;
  const tries = 2 * L * T * C + 6 * C + 3 * F + C + V; // of a try
  return 4 * (weights + batch * T * (2 * scored + gradients) + K * tries);
}
