/** What a run reports, as plain data: shared by training, the worker boundary and the page. */
import type { ReduceVariant, StoreVariant, TileVariant, Variants } from '../shared/kernelForms';
import type { SuccessScores } from './metrics';
import type { Trajectories } from './trajectories';

export type Stage = 'pretrain' | 'rollout' | 'train' | 'evaluate';

export interface Evaluation {
  readonly who: 'reference' | 'policy';
  readonly step: number; // optimizer steps behind the policy; 0 for the reference
  readonly prompts: number;
  readonly greedy: SuccessScores;
  readonly sampled: SuccessScores; // temperature 1
  readonly entropy: number; // nats per answer token, estimated on the sampled trajectories
  /** Nats per answer token, KL(policy ‖ reference) on the sampled trajectories; absent for the reference. */
  readonly kl?: number;
}

/** What one optimizer step was like. */
export interface StepReport {
  readonly step: number; // 1-based
  readonly loss: number; // Σ c·nll, as descended
  readonly nll: number; // mean nats per trained token
  readonly gradNorm: number; // before the clip
  readonly learningRate: number;
  readonly tokens: number; // through the trunk
  readonly flops: number; //  multiply-adds × 2 of its kernels, where they state them
  readonly seconds: number; // since the step before ended, or since this one began
}

/** What a run says unasked, in the order in which it happens. */
export type SessionEvent =
  | {
      readonly kind: 'progress';
      readonly stage: Stage;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | undefined; // undefined until it can be told
    }
  /** New complete groups, in prompt order. */
  | {
      readonly kind: 'trajectories';
      readonly batch: Trajectories;
      /** Optimizer steps behind the policy that played them; absent where only the reference plays. */
      readonly step?: number;
    }
  | { readonly kind: 'step'; readonly stage: 'pretrain' | 'train'; readonly report: StepReport }
  | { readonly kind: 'evaluation'; readonly evaluation: Evaluation };

/** All dispatches of one kernel in a step. */
export interface KernelTime {
  readonly label: string;
  readonly dispatches: number;
  readonly ms: number; // together
  readonly flops: number; // 0 where the kernel states none
  readonly bytes: number; // of its tensors, each counted once
}

/** Where the time of a step goes, kernel by kernel, the dearest first; what the adapter could do at best. */
export interface StepProfile {
  readonly kernels: readonly KernelTime[]; //  of a training step
  readonly decoding: readonly KernelTime[]; // of one in which all rows sample their context's last token
  readonly roof: {
    readonly gflops: number; // independent multiply-adds
    readonly gigabytesPerSecond: number; // copied: read and written
  };
}

/** What a run has cost so far. */
export interface Costs {
  readonly sampledTokens: number;
  readonly trainedTokens: number; // tokens through the trunk while training
  readonly sequentialPasses: number; // decode passes that had to wait for the one before
  readonly roundTrips: number; //       times that sampling waited for new weights of the policy
  /** Seconds in which each stage was at work. */
  readonly seconds: Readonly<Record<Stage, number>>;
  /** Seconds in which tries were played while the policy trained on earlier ones. */
  readonly overlapSeconds: number;
  /** Seconds in which a snapshot was evaluated while the policy trained on. */
  readonly evaluationOverlapSeconds: number;
}

/** Of a run that has not begun. */
export const NO_COSTS: Costs = {
  sampledTokens: 0,
  trainedTokens: 0,
  sequentialPasses: 0,
  roundTrips: 0,
  overlapSeconds: 0,
  evaluationOverlapSeconds: 0,
  seconds: { pretrain: 0, rollout: 0, train: 0, evaluate: 0 },
};

/** Bytes of GPU memory a configuration needs, planned before anything is allocated. */
export interface MemoryPlan {
  readonly parts: readonly { readonly label: string; readonly bytes: number }[];
  readonly totalBytes: number;
  readonly largestBufferBytes: number;
  readonly parameters: number; // trainable numbers of the model
}

/** What the GPU is. */
export interface AdapterReport {
  readonly name: string; // e.g. "NVIDIA H100" or "SwiftShader"
  readonly isSoftware: boolean;
  readonly features: readonly string[]; // optional features in use
  readonly kernels?: KernelForms; // absent in older recordings
}

/**
 * Why kernels have the form they have: that of the settings, the quickest measured on this adapter, or
 * what suits its kind of adapter and the model's size.
 */
export type FormOrigin = 'set' | 'measured' | 'usual';

/** The forms of a run's kernels; with the adapter they decide its bits. */
export interface KernelForms extends Variants {
  readonly tileFrom: FormOrigin;
  readonly reduceFrom: FormOrigin;
  readonly storeFrom: FormOrigin;
}

/** The kernels' forms timed on one adapter, and the quickest of each. */
export interface Calibration extends Variants {
  readonly adapter: string; // its name
  readonly version: number; // of the kernels that were timed
  readonly at: string; // ISO 8601
  /** Milliseconds of the same work in each form; absent where the adapter cannot, or only very slowly. */
  readonly tileMs: Readonly<Partial<Record<TileVariant, number>>>;
  readonly reduceMs: Readonly<Partial<Record<ReduceVariant, number>>>;
  readonly storeMs: Readonly<Partial<Record<StoreVariant, number>>>;
}

/** One exchange with a policy, which answers next. */
export interface ChatRequest {
  readonly who: 'reference' | 'policy';
  readonly tokens: readonly number[]; // the conversation so far: prompt, answers, feedback on each
  readonly temperature: number; //       0 = greedy
  readonly draw: number; //              which random draw, for temperature > 0
}

/** A conversation whose answers a policy is asked about. */
export interface ScoreRequest {
  readonly who: 'reference' | 'policy';
  readonly tokens: readonly number[]; // [N]
  readonly turnOf: readonly number[]; // [N] 0 = context, t = token of answer t
}

export interface ChatAnswer {
  readonly tokens: readonly number[];
  readonly logp: readonly number[]; // nats per token
}

/** Turns of the games in which theory is shown beside training. */
export const THEORY_TURNS = [1, 3] as const;

/** What is trained towards where everything can be enumerated. */
export interface TheorySettings {
  readonly beta: number;
  readonly K: number; // tries per group
  readonly turns: (typeof THEORY_TURNS)[number];
  readonly trained: 'all' | 'last'; // answers of a try
}

/** How far that is: probability of solving each prompt, enumerated. */
export interface TheoryPoint {
  readonly step: number;
  readonly reference: readonly number[];
  readonly policy: readonly number[];
}
