/**
 * Every way the playground can fail, as a closed set.
 * The UI maps a code to help text; nothing ever matches on message text.
 */
export type ErrorCode =
  | 'webgpu-unavailable' // no navigator.gpu, or no adapter
  | 'device-lost'
  | 'out-of-gpu-memory'
  | 'over-limit' // refused by the planner before anything was allocated
  | 'shader-invalid'
  | 'shape-mismatch'
  | 'config-invalid'
  | 'reference-missing' // no ready-made one fits; one can be pretrained
  | 'file-invalid'
  | 'non-finite-loss'
  | 'not-recorded' // asked of a recorded run, which computes nothing
  | 'aborted'
  | 'bug';

/** Plain values only: `facts` crosses worker boundaries and goes into bug reports. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly number[]>>;

/** A failure the playground expects and can explain. Anything else that is thrown is a bug. */
export class PlaygroundError extends Error {
  override readonly name = 'PlaygroundError';

  /** @param message one sentence: what happened, to what, and what would fix it. */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly facts: ErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Anything unexpected becomes a 'bug' and keeps its cause. */
  static from(cause: unknown): PlaygroundError {
    if (cause instanceof PlaygroundError) return cause;
    return new PlaygroundError('bug', `Unexpected failure: ${String(cause)}`, {}, { cause });
  }
}
