import type { StateCreator } from 'zustand/vanilla';
import { PlaygroundError } from '../shared/errors';
import { rolloutKey } from './rolloutSlice';
import type { PlaygroundState } from './store';

export interface InspectSlice {
  /** Row of the trajectory that the inspector shows. */
  readonly inspected: number | undefined;
  /** Log-probs of that row under the policy as trained so far, nats, 0 on context [N], or why there are none. */
  readonly inspectedLogp: readonly number[] | PlaygroundError | undefined;
  inspect(row: number | undefined): void;
  /** Asks the policy about the inspected row; between runs, once it has been trained on such rows. */
  scoreInspected(): Promise<void>;
}

export const createInspectSlice: StateCreator<PlaygroundState, [], [], InspectSlice> = (
  set,
  get,
) => ({
  inspected: undefined,
  inspectedLogp: undefined,

  inspect(row) {
    set({ inspected: row, inspectedLogp: undefined });
    void get().scoreInspected();
  },

  async scoreInspected() {
    const { inspected: row, rollouts, ranWith, metrics, phase, watching } = get();
    if (row === undefined || !rollouts || !ranWith || watching || metrics.length === 0) return;
    if (phase.name === 'running' || rolloutKey(rollouts.config) !== rolloutKey(ranWith)) return;
    const { tokens, turnOf, offsets } = rollouts.trajectories;
    const [from, to] = [offsets[row]!, offsets[row + 1]!];
    const request = {
      who: 'policy' as const,
      tokens: [...tokens.subarray(from, to)],
      turnOf: [...turnOf.subarray(from, to)],
    };
    const answer = await get()
      .withClient(ranWith, (client) => client.score(request))
      .catch(PlaygroundError.from);
    const now = get();
    if (now.inspected === row && now.ranWith === ranWith && now.phase === phase)
      set({ inspectedLogp: answer });
  },
});
