import { evaluationTurns, type RunConfig } from '../config/runConfig';
import type { EvaluateRequest } from './rolloutService';
import { Countdown } from './runControl';
import type { Shared } from './surroundings';

/**
 * Evaluates snapshots on the other device. Requests wait for each other there; training waits for them
 * only by `settled`. Results of a run that has been given up are dropped.
 */
export class Judge {
  readonly #shared: Shared;
  #reference: { readonly key: string; readonly done: Promise<void> } | undefined;
  #policies: Promise<void>[] = [];
  #generation = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Evaluates the reference, once for the same one and the same prompts. */
  reference(config: RunConfig, reference: string): void {
    const key = JSON.stringify([reference, requestOf(config, 0)]);
    if (this.#reference?.key === key) return;
    this.#reference = { key, done: this.#ask(requestOf(config, 0)) };
  }

  /** Evaluates a snapshot of the policy [P]. */
  policy(config: RunConfig, step: number, policy: Float32Array<ArrayBuffer>): void {
    this.#policies.push(this.#ask({ ...requestOf(config, step), policy }));
  }

  #ask(request: EvaluateRequest): Promise<void> {
    const { env, ledger } = this.#shared;
    const generation = this.#generation;
    const asked = env.rollouts.evaluate(request);
    const done = ledger.served('evaluate', asked).then(async (evaluation) => {
      if (request.policy && generation !== this.#generation) return;
      await env.emit({ kind: 'evaluation', evaluation });
    });
    done.catch(() => {}); // awaited by settled()
    return done;
  }

  /** Waits for all that is under way, and says how far it is. */
  async settled(): Promise<void> {
    const { emit } = this.#shared.env;
    const pending = [this.#reference?.done, ...this.#policies];
    const total = pending.length;
    const clock = new Countdown(0);
    let done = 0;
    await Promise.all(
      pending.map(async (judgment) => {
        await judgment;
        done += 1;
        const secondsLeft = clock.secondsLeft(done, total);
        await emit({ kind: 'progress', stage: 'evaluate', done, total, secondsLeft });
      }),
    );
    this.#policies = this.#policies.filter((judgment) => !pending.includes(judgment));
  }

  /** The policy in training is given up. */
  forgetPolicies(): void {
    this.#generation += 1;
    this.#policies = [];
  }

  /** Everything is given up, the reference's evaluation too. */
  forget(): void {
    this.forgetPolicies();
    this.#reference = undefined;
  }
}

function requestOf(config: RunConfig, step: number): EvaluateRequest {
  const { split, prompts } = config.eval;
  return { seed: config.seed, split, prompts, turns: evaluationTurns(config), step };
}
