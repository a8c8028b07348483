import type { RunPhase, StageName } from '../../state/runSlice';

export const STAGES: Readonly<Record<StageName, string>> = {
  pretrain: 'Pretraining the reference',
  rollout: 'Rolling out',
  train: 'Training',
  evaluate: 'Evaluating',
};

/** Whether the page waits for the GPU to answer. */
export const isOpening = (phase: RunPhase): boolean =>
  phase.name === 'preparing' || (phase.name === 'running' && phase.stage === undefined);

/** The phase in a few words. */
export function stageText(phase: RunPhase): string {
  switch (phase.name) {
    case 'idle':
      return 'Ready';
    case 'preparing':
      return 'Getting ready';
    case 'running':
      if (phase.pausing) return 'Pausing';
      return phase.stage ? STAGES[phase.stage] : 'Getting ready';
    case 'paused':
      return `Paused at step ${phase.end.step} of ${phase.end.totalSteps}`;
    case 'finished':
      return `Finished after ${phase.end.step} steps`;
    case 'failed':
      return 'Stopped by a failure';
    default:
      return phase satisfies never;
  }
}
