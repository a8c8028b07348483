/**
 * DRIFT in rounds: the policy as it is becomes the next reference, and plays new prompts. The tilts
 * multiply: after n rounds the target is π_ref·exp(nR/β)/Z. Our extension; the published code does one.
 */
import { DRIFT } from './drift';
import type { Method } from './method';

export const ITERATED_DRIFT: Method = {
  ...DRIFT,
  name: 'iterated-drift',
  title: 'Iterated DRIFT',
  formula: ({ online }) =>
    `w = exp(R/β) / mean over the group of exp(R/β), tries sampled anew every ${online.refreshEvery} steps`,
  source: 'Mu et al. 2026, arXiv 2605.31455, in rounds',
  sentence:
    'DRIFT that looks again: every few steps the policy plays new prompts itself, and learns from those.',
  settings: ['online.refreshEvery', 'online.passes', ...DRIFT.settings],
  promptsPerRound({ online, rollout, optimizer }) {
    const rows = (online.refreshEvery * optimizer.batch) / optimizer.epochs;
    return Math.max(1, Math.round(rows / rollout.trajectories));
  },
};
