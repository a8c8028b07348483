import { evaluationTurns, type RunConfig } from '../config/runConfig';
import type { Evaluation } from '../data/results';
import type { EvaluateRequest } from './rolloutService';
import { Countdown } from './runControl';
import type { Shared } from './surroundings';

interface Judgment {
  readonly evaluation: Promise<Evaluation>;
  readonly told: Promise<void>;
}

/**
 * Evaluates snapshots on the other device. Requests wait for each other there; training waits for them
 * only by `settled`. Results of a run that has been given up are dropped.
 */
export class Judge {
  readonly #shared: Shared;
  #reference: (Judgment & { readonly key: string }) | undefined;
  #isReferenceTold = false; // in this run
  #policies: Promise<void>[] = [];
  #generation = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** A run begins, perhaps after others that whoever listens has forgotten. */
  begin(): void {
    this.#isReferenceTold = false;
  }

  /** Tells how the reference does, once in a run; evaluated is it once for the same one and the same prompts. */
  reference(config: RunConfig, reference: string): void {
    const request = requestOf(config, 0);
    const key = JSON.stringify([reference, request]);
    const known = this.#reference;
    if (known?.key !== key) this.#reference = { key, ...this.#ask(request) };
    else if (!this.#isReferenceTold) {
      this.#reference = { ...known, told: known.told.then(() => this.#tell(known.evaluation)) };
      this.#reference.told.catch(() => {}); // awaited by settled()
    }
    this.#isReferenceTold = true;
  }

  /** Evaluates a snapshot of the policy [P]. */
  policy(config: RunConfig, step: number, policy: Float32Array<ArrayBuffer>): void {
    const generation = this.#generation;
    const isWanted = (): boolean => generation === this.#generation;
    this.#policies.push(this.#ask({ ...requestOf(config, step), policy }, isWanted).told);
  }

  #ask(request: EvaluateRequest, isWanted = (): boolean => true): Judgment {
    const { env, ledger } = this.#shared;
    const evaluation = ledger.served('evaluate', env.rollouts.evaluate(request));
    const told = evaluation.then(() => (isWanted() ? this.#tell(evaluation) : undefined));
    told.catch(() => {}); // awaited by settled()
    return { evaluation, told };
  }

  async #tell(evaluation: Promise<Evaluation>): Promise<void> {
    await this.#shared.env.emit({ kind: 'evaluation', evaluation: await evaluation });
  }

  /** Waits for all that is under way, and says how far it is. */
  async settled(): Promise<void> {
    const { emit } = this.#shared.env;
    const pending = [this.#reference?.told, ...this.#policies];
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
