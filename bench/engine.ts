import type { DispatchCost } from '../src/gpu/plan';
import type { Phase, Workload } from './workload';

/** One phase of a workload, ready to be repeated on one engine. */
export interface Job {
  /**
   * Does the work `times` times and reads its result back, as a program that uses it would.
   * Training: that many optimizer steps, and the loss of each (nats per token). Decoding: that many
   * times NEW_TOKENS greedy tokens for every prompt, and the last ones, [DECODE_ROWS, NEW_TOKENS].
   */
  run(times: number): Promise<ArrayLike<number>>;
  /** Brings on what the engine would do by itself after some steps, such as choosing better kernels. */
  warm?(): Promise<void>;
  /** What every dispatch of one step costs, where an engine can tell. */
  profile?(): Promise<DispatchCost[]>;
  close(): void;
}

/** An engine that is measured. */
export interface Engine {
  readonly name: string;
  /** From weights in memory to a job that can run. */
  open(phase: Phase, work: Workload): Promise<Job>;
}

/** An engine with one device for all jobs. */
export interface Peer extends Engine {
  /** Opens the device, outside every timing. @throws where the engine cannot run on this adapter */
  prepare(webgpu: GPU): Promise<void>;
}
