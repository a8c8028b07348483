import type { TaskSpec } from '../config/taskSpec';
import type {
  AdapterReport,
  ChatAnswer,
  ChatRequest,
  Evaluation,
  KernelTime,
} from '../data/results';
import type { Played } from './rollout';
import type { ChunkRequest, EvaluateRequest, RolloutPort, RolloutSetup } from './rolloutService';

/**
 * A rollout side that asks nothing of the reference twice: what it plays depends on the request alone.
 * For several runs from one reference; whatever a policy is asked passes through.
 */
export class RememberedRollouts implements RolloutPort {
  readonly #port: RolloutPort;
  readonly #chunks = new Map<string, Played>();
  readonly #evaluations = new Map<string, Evaluation>();

  constructor(port: RolloutPort) {
    this.#port = port;
  }

  openTask = (spec: TaskSpec): Promise<void> => this.#port.openTask(spec);

  open(setup: RolloutSetup): Promise<AdapterReport> {
    this.#chunks.clear();
    this.#evaluations.clear();
    return this.#port.open(setup);
  }

  chunk(request: ChunkRequest): Promise<Played> {
    return remembered(this.#chunks, request, () => this.#port.chunk(request));
  }

  evaluate(request: EvaluateRequest): Promise<Evaluation> {
    return remembered(this.#evaluations, request, () => this.#port.evaluate(request));
  }

  chat = (request: ChatRequest, policy?: Float32Array<ArrayBuffer>): Promise<ChatAnswer> =>
    this.#port.chat(request, policy);
  score: RolloutPort['score'] = (from, policy) => this.#port.score(from, policy);
  profile = (): Promise<KernelTime[]> => this.#port.profile();
  abort = (): Promise<void> => this.#port.abort();
  close = (): Promise<void> => this.#port.close();
}

/** The answer to a request about the reference, from memory where it was asked before. */
async function remembered<T>(
  memory: Map<string, T>,
  request: { readonly policy?: Float32Array<ArrayBuffer> },
  ask: () => Promise<T>,
): Promise<T> {
  if (request.policy) return ask();
  const key = JSON.stringify(request);
  const known = memory.get(key);
  if (known !== undefined) return known;
  const answer = await ask();
  memory.set(key, answer);
  return answer;
}
