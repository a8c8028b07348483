import type { MethodName } from '../../config/runConfig';
import type { Episodes, Scores } from '../episodes';

/**
 * A way of learning from fixed trajectories. All descend L = Σ_i Σ_t c_{i,t}·CE_{i,t} over the same
 * tokens; a method decides only the row weight in c.
 */
export interface Method {
  readonly name: MethodName;
  readonly title: string;
  /** The row weight, in plain text. */
  readonly formula: string;
  readonly source: string;
  /** What it does, for a newcomer. */
  readonly sentence: string;
  /** Weight of each trajectory in the loss; 0 leaves it out. [B] */
  rowWeights(episodes: Episodes, scores: Scores): Float64Array;
}
