/** The only description of the worker boundaries: types, no code. */
import type { RunConfig } from '../config/runConfig';
import type { Trajectories } from '../data/trajectories';

/** What the GPU is and what the run will take from it. */
export interface AdapterReport {
  readonly name: string; // e.g. "NVIDIA H100" or "SwiftShader"
  readonly isSoftware: boolean;
  readonly features: readonly string[]; // optional features in use
}

/** Bytes of GPU memory a configuration needs, planned before anything is allocated. */
export interface MemoryPlan {
  readonly parts: readonly { readonly label: string; readonly bytes: number }[];
  readonly totalBytes: number;
  readonly parameters: number; // trainable numbers of the model
}

export interface Prepared {
  readonly adapter: AdapterReport;
  readonly memory: MemoryPlan;
  /** Optimizer steps the whole run will take; an upper bound until the rollouts are known. */
  readonly totalSteps: number;
}

export type Stage = 'pretrain' | 'rollout' | 'train' | 'evaluate';

/** Columns of equal length, one row per optimizer step. Buffers are transferred, not copied. */
export interface MetricBatch {
  readonly stage: 'pretrain' | 'train';
  readonly step: Float64Array<ArrayBuffer>; //             1-based
  readonly loss: Float64Array<ArrayBuffer>; //             weighted, as descended
  readonly nll: Float64Array<ArrayBuffer>; //              nats per trained token, unweighted
  readonly gradNorm: Float64Array<ArrayBuffer>; //         before the clip
  readonly learningRate: Float64Array<ArrayBuffer>;
  readonly tokensPerSecond: Float64Array<ArrayBuffer>; //  tokens through the trunk
  readonly stepMs: Float64Array<ArrayBuffer>;
}

/** Success of one policy on the evaluation prompts, one way of decoding. */
export interface EvalScores {
  readonly success: readonly number[]; //        [turns] share solved by turn 1 … T (cumulative)
  readonly correctionRate: readonly number[]; // [turns] solved at turn t / attempted at t; NaN if none; t = 1 is first-try success
  readonly uniqueAnswerRatio: number; //         distinct answers / answers, over trajectories of ≥ 2 turns; 1 if none
}

export interface Evaluation {
  readonly who: 'reference' | 'policy';
  readonly step: number; // optimizer steps behind the policy; 0 for the reference
  readonly prompts: number;
  readonly greedy: EvalScores;
  readonly sampled: EvalScores; // temperature 1
  /** Nats per answer token, KL(policy ‖ reference) on the sampled trajectories; absent for the reference. */
  readonly kl?: number;
}

/** What a run has cost so far. */
export interface Costs {
  readonly sampledTokens: number;
  readonly trainedTokens: number; // tokens through the trunk while training
  readonly sequentialPasses: number; // decode passes that had to wait for the one before
  readonly seconds: Readonly<Record<Stage, number>>;
}

/** What the workers say unasked. Closed union: consumers switch on `kind` exhaustively. */
export type RunEvent =
  | {
      readonly kind: 'progress';
      readonly stage: Stage;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | undefined; // undefined until it can be told
    }
  /** New complete groups of reference trajectories, in prompt order. */
  | { readonly kind: 'trajectories'; readonly batch: Trajectories }
  | { readonly kind: 'metrics'; readonly batch: MetricBatch }
  | { readonly kind: 'evaluation'; readonly evaluation: Evaluation };

/** Awaiting it waits until the other thread has handled the event. */
export type EmitRunEvent = (event: RunEvent) => void | Promise<void>;

export interface RunEnd {
  readonly reason: 'finished' | 'paused';
  readonly step: number; // optimizer steps taken
  readonly totalSteps: number;
  readonly costs: Costs;
  /** SHA-256 of the policy's parameters, hexadecimal. */
  readonly weightsHash: string;
}

/** One exchange with a policy, teacher-led: the turns so far and who shall answer next. */
export interface ChatRequest {
  readonly who: 'reference' | 'policy';
  readonly prompt: readonly number[]; //              token ids
  readonly answers: readonly (readonly number[])[]; // earlier answers, each followed by feedback
  readonly temperature: number; //                    0 = greedy
  readonly draw: number; //                           which random draw, for temperature > 0
}

export interface ChatAnswer {
  readonly tokens: readonly number[];
  readonly logp: readonly number[]; // nats per token
}

/**
 * What the main thread can ask of the two workers together. One instance per page; every promise
 * rejects with a PlaygroundError, also when a worker dies.
 */
export interface PlaygroundClient {
  /** Plans memory, opens devices, loads the reference. Refuses with 'over-limit' before allocating. */
  prepare(config: RunConfig): Promise<Prepared>;
  /** Samples the first `prompts` groups of the rollout, which a later run keeps. */
  preview(config: RunConfig, prompts: number): Promise<void>;
  /**
   * Goes through the stages that are missing: rollouts are kept while `task`, `seed`, `reference`,
   * `model` and `rollout` are unchanged; training goes on where it was paused while the whole config
   * is unchanged and restarts from the reference otherwise. Every event is handled before it resolves.
   */
  run(config: RunConfig, options?: { readonly maxSteps?: number }): Promise<RunEnd>;
  /** Asks the run in progress to end at its next safe point (≤ 200 ms). */
  pause(): Promise<void>;
  /** Most optimizer steps per second; Infinity is full speed. Acts at once. */
  setSpeed(stepsPerSecond: number): Promise<void>;
  /** Forgets rollouts and training; keeps devices and the loaded reference. */
  reset(): Promise<void>;
  /** Greedy or sampled answer of a policy to a conversation so far. */
  chat(request: ChatRequest): Promise<ChatAnswer>;
  /** Ends both workers; pending calls reject with 'aborted'. */
  close(): void;
}

/** Opens the workers; the caller owns the client and closes it. */
export type OpenPlayground = (emit: EmitRunEvent) => Promise<PlaygroundClient>;
