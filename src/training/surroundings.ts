import type { RunConfig } from '../config/runConfig';
import type { SessionEvent, Stage, StepReport } from '../data/results';
import type { Ledger } from './ledger';
import type { RolloutPort } from './rolloutService';
import type { Countdown, RunControl } from './runControl';

/** What a session needs from where it runs. */
export interface Surroundings {
  /** navigator.gpu or Dawn's; absent where there is none. */
  readonly webgpu: GPU | undefined;
  readonly rollouts: RolloutPort;
  /** Parameters [P] of the shipped reference; rejects with 'reference-missing' when none fits. */
  readonly loadReference: (config: RunConfig) => Promise<Float32Array<ArrayBuffer>>;
  readonly emit: (event: SessionEvent) => void | Promise<void>;
  /** Whether a GPU is measured when it is first seen; for an owner who keeps the answer. */
  readonly measuresKernels?: boolean;
}

/** What the stages of a session share. */
export interface Shared {
  readonly env: Surroundings;
  readonly control: RunControl;
  readonly ledger: Ledger;
}

/** Thrown inside a stage when a pause was asked for; never leaves the session. */
export class Paused extends Error {}

/** Says what an optimizer step was like and how far its stage is. */
export async function emitStep(
  { emit }: Surroundings,
  stage: Extract<Stage, 'pretrain' | 'train'>,
  report: StepReport,
  total: number,
  clock: Countdown,
): Promise<void> {
  const done = report.step;
  const secondsLeft = clock.secondsLeft(done, total);
  const progress = { kind: 'progress', stage, done, total, secondsLeft } as const;
  await Promise.all([emit({ kind: 'step', stage, report }), emit(progress)]);
}
