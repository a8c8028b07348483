/** The only description of the worker boundaries: types, no code. */
import type { RunConfig } from '../config/runConfig';
import type { TaskSpec } from '../config/taskSpec';
import type {
  AdapterReport,
  Calibration,
  ChatAnswer,
  ChatRequest,
  Costs,
  Evaluation,
  MemoryPlan,
  ScoreRequest,
  SessionEvent,
  Stage,
  StepProfile,
  TheoryPoint,
  TheorySettings,
} from '../data/results';
import type { Trajectories } from '../data/trajectories';

export type {
  AdapterReport,
  Calibration,
  ChatAnswer,
  ChatRequest,
  Costs,
  Evaluation,
  MemoryPlan,
  ScoreRequest,
  Stage,
  StepProfile,
  TheoryPoint,
  TheorySettings,
};

export interface Prepared {
  readonly adapter: AdapterReport;
  readonly memory: MemoryPlan;
  /** Optimizer steps the whole run will take; an upper bound until the rollouts are known. */
  readonly totalSteps: number;
  /** The forms of the kernels as they were timed on this adapter, now or earlier; keep it. */
  readonly calibration?: Calibration;
}

export interface OpenedRollouts {
  readonly config: RunConfig;
  readonly trajectories: Trajectories;
}

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
  readonly gflops: Float64Array<ArrayBuffer>; //           GFLOP/s of the stated operations; 0 = unknown
}

/** What the workers say unasked. Closed union: consumers switch on `kind` exhaustively. */
export type RunEvent =
  | Exclude<SessionEvent, { kind: 'step' | 'progress' }>
  | (Extract<SessionEvent, { kind: 'progress' }> & { readonly costs: Costs }) // of the run so far
  | { readonly kind: 'metrics'; readonly batch: MetricBatch };

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

/**
 * What the main thread can ask of the two workers together. One instance per page; every promise
 * rejects with a PlaygroundError, also when a worker dies.
 */
export interface PlaygroundClient {
  /** Makes the task of a file known to both workers; comes before any configuration that names it. */
  openTask(spec: TaskSpec): Promise<void>;
  /** Hands over what was measured on an adapter earlier; comes before any configuration. */
  adoptCalibration(calibration: Calibration): Promise<void>;
  /** Times the kernels' forms at the sizes of these settings. Between runs; the next one uses the quickest. */
  calibrate(config: RunConfig): Promise<Calibration>;
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
  /** Lets the next run train anew, even of the whole config that was trained last; tries of the reference stay. */
  forgetTraining(): Promise<void>;
  /** Forgets rollouts and training; keeps devices and the loaded reference. */
  reset(): Promise<void>;
  /** Greedy or sampled answer of a policy to a conversation so far. */
  chat(request: ChatRequest): Promise<ChatAnswer>;
  /**
   * Uses the tries of a rollout file in place of sampled ones for runs of the configuration that it
   * returns: that given, with as many prompts and tries as the file has. Other rollouts and training are
   * forgotten; a file that is refused changes nothing.
   */
  openRollouts(config: RunConfig, text: string, file: string): Promise<OpenedRollouts>;
  /** Log-prob in nats, at temperature 1, of every token of the answers; 0 on context. [N] */
  score(request: ScoreRequest): Promise<readonly number[]>;
  /** Where the time of a training and a decoding step goes, under which roof. Between runs, after at least one step. */
  profile(): Promise<StepProfile>;
  /** Ends both workers; pending calls reject with 'aborted'. */
  close(): void;
}

/** What the trainer worker can be asked: the client's calls, after `open`, once and first. */
export interface TrainerApi extends Omit<PlaygroundClient, 'close'> {
  /**
   * @param rolloutPort leads to the rollout worker; taken over
   * @param referencesUrl folder of the shipped references
   */
  open(rolloutPort: MessagePort, referencesUrl: string, emit: EmitRunEvent): Promise<void>;
}

/** What the rollout worker can be asked by the page: to serve the trainer. */
export interface RolloutApi {
  /** Answers on this port from now on. Takes it over. */
  serve(port: MessagePort): void;
}

/** Opens the workers, or what stands in for them; the caller owns the client and closes it. */
export type OpenPlayground = (emit: EmitRunEvent) => Promise<PlaygroundClient>;

/** What the theory worker can be asked, one call at a time; it has a device of its own. */
export interface TheoryApi {
  /** Opens the device and pretrains the reference; once and first. */
  open(): Promise<void>;
  /** Takes so many steps towards these settings, the policy going on from where it is. */
  train(settings: TheorySettings, steps: number): Promise<TheoryPoint>;
  /** Makes the policy the reference again. */
  reset(): Promise<void>;
}

/** The theory worker as the page has it; calls reject with a PlaygroundError, also when it dies. */
export interface TheoryClient extends Omit<TheoryApi, 'open'> {
  /** Ends the worker; a pending call rejects with 'aborted'. */
  close(): void;
}

/** Opens the theory worker; the caller owns the client and closes it. */
export type OpenTheory = () => Promise<TheoryClient>;

/** A run that was recorded earlier, to be played back. */
export interface RecordedRun {
  readonly preset: string; // that it was started from
  readonly config: RunConfig;
  readonly prepared: Prepared;
  /** SHA-256 of the reference's parameters, hexadecimal. */
  readonly referenceHash: string;
  /** Optimizer steps per second while it trained. */
  readonly stepsPerSecond: number;
  readonly durationSeconds: number; // from the first event to the end
  readonly events: readonly RecordedEvent[];
  readonly end: RunEnd;
}

export interface RecordedEvent {
  readonly at: number; // seconds since the first event
  readonly event: SessionEvent;
  readonly costs: Costs | undefined; // of the run so far, where the event raises them
}

/** Loads the recording of a preset that comes with the page. */
export type LoadRecording = (preset: string) => Promise<RecordedRun>;
