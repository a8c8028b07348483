import type { RunConfig } from '../config/runConfig';
import type { Trajectories } from '../data/trajectories';
import { referenceKey } from './referenceStage';
import { Countdown } from './runControl';
import { Paused, type Shared } from './surroundings';
import type { TrainingPlan } from './trainingPlan';

/** Settings that decide the rollouts, as a key. */
const rolloutKey = (config: RunConfig): string =>
  JSON.stringify([referenceKey(config), config.seed, config.rollout]);

/** Second stage: plays prompt groups and keeps them while the settings allow. */
export class RolloutStage {
  readonly #shared: Shared;
  #played: { readonly key: string; readonly parts: Trajectories[] } | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Keeps the rollouts so far if they are this configuration's; returns whether they are. */
  take(config: RunConfig): boolean {
    const key = rolloutKey(config);
    if (this.#played?.key === key) return true;
    this.#played = { key, parts: [] };
    return false;
  }

  /** Uses these trajectories for `config`, made elsewhere or earlier. */
  adopt(config: RunConfig, trajectories: Trajectories): void {
    this.#played = { key: rolloutKey(config), parts: [trajectories] };
  }

  forget(): void {
    this.#played = undefined;
  }

  /**
   * Plays the groups that are missing, as many at once as `rows` decode rows hold, and hands every
   * part to the plan, which training follows.
   *
   * @param isLeading whether this stage's progress is the run's
   */
  async play(
    config: RunConfig,
    prompts: number,
    rows: number,
    isLeading: () => boolean,
    plan?: TrainingPlan,
  ): Promise<void> {
    const { env, control, ledger } = this.#shared;
    const parts = this.#played?.parts ?? [];
    const done = (): number => parts.reduce((n, part) => n + part.prompts.length, 0);
    const { trajectories: K, turns, temperature, topK, topP } = config.rollout;
    const chunk = Math.max(1, Math.floor(rows / K));
    const clock = new Countdown(done());
    for (const part of parts.slice(plan?.parts)) plan?.add(part);
    const before = ledger.costs.seconds.rollout;
    while (done() < prompts) {
      if (control.pauseRequested) throw new Paused();
      const firstPrompt = done();
      const played = await env.rollouts.chunk({
        seed: config.seed,
        firstPrompt,
        prompts: Math.min(chunk, prompts - firstPrompt),
        trajectories: K,
        turns,
        temperature,
        topK,
        topP,
      });
      parts.push(played.trajectories);
      ledger.costs.sampledTokens += played.sampledTokens;
      ledger.costs.sequentialPasses += played.passes;
      ledger.costs.seconds.rollout = before + clock.seconds;
      plan?.add(played.trajectories);
      await env.emit({ kind: 'trajectories', batch: played.trajectories });
      if (isLeading()) {
        await env.emit({
          kind: 'progress',
          stage: 'rollout',
          done: done(),
          total: config.rollout.prompts,
          secondsLeft: clock.secondsLeft(done(), prompts),
        });
      }
      if (played.trajectories.prompts.length === 0) break; // the split has no more prompts
    }
    plan?.finish();
  }
}
