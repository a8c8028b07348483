import type { RunConfig } from '../config/runConfig';
import type { Trajectories } from '../data/trajectories';
import { isRefreshed, methodOf, playedPrompts, roundPrompts } from '../method/coefficients/methods';
import { scatter } from './batches';
import { answerRows } from './evaluate';
import { referenceKey } from './referenceStage';
import { Countdown } from './runControl';
import { Paused, type Shared } from './surroundings';
import type { TrainingPlan } from './trainingPlan';

/**
 * Settings that decide the rollouts of the reference, as a key. Whether stages overlap is one: the same
 * tries are played again, so that a run's times are its own.
 */
export const rolloutKey = (config: RunConfig): string =>
  JSON.stringify([referenceKey(config), config.seed, config.rollout, config.engine.overlap]);

/** The policy in training, for those who sample from it. */
export interface Player {
  readonly step: number; // optimizer steps behind it
  readonly policy: Float32Array<ArrayBuffer>; // [P]
}

/** How far to play, and for whom. */
export interface Game {
  readonly prompts: number;
  /** Rows that are decoded at once. */
  readonly rows: number;
  /** Whether this stage's progress is the run's. */
  readonly isLeading: () => boolean;
  /** What trains on the trajectories. */
  readonly plan?: TrainingPlan;
  /** The policy after every step that the plan knows; undefined when training rests before that. */
  readonly nextPlayer?: () => Promise<Player | undefined>;
}

/** Second stage: plays prompt groups and keeps them while the settings allow. */
export class RolloutStage {
  readonly #shared: Shared;
  #played: { readonly key: string; readonly parts: Trajectories[] } | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Keeps the rollouts so far if their key is the same; returns whether it is. */
  take(key: string): boolean {
    if (this.#played?.key === key) return true;
    this.#played = { key, parts: [] };
    return false;
  }

  /** Uses these trajectories under a key, made elsewhere or earlier. */
  adopt(key: string, trajectories: Trajectories): void {
    this.#played = { key, parts: [trajectories] };
  }

  forget(): void {
    this.#played = undefined;
  }

  /**
   * Plays the groups that are missing and hands every part to the plan, which training follows. Where
   * the method refreshes, the first round is the reference's, and each further one waits for training.
   */
  async play(config: RunConfig, game: Game): Promise<void> {
    const { env, control, ledger } = this.#shared;
    const { prompts, plan } = game;
    const parts = this.#played?.parts ?? [];
    const done = (): number => parts.reduce((n, part) => n + part.prompts.length, 0);
    const clock = new Countdown(done());
    for (const part of parts.slice(plan?.parts)) plan?.add(await this.#scored(part, config));
    let player: Player | undefined;
    while (done() < prompts) {
      if (control.pauseRequested) throw new Paused();
      const firstPrompt = done();
      const { round, within, left } = roundAt(firstPrompt, prompts, config);
      if (plan && round > 0 && (within === 0 || !player)) {
        player = await game.nextPlayer?.();
        if (!player) return; // training rests
      }
      const asked = env.rollouts.chunk({
        ...chunkOf(config, firstPrompt, Math.min(left, chunkPrompts(config, game.rows))),
        ...(player && { policy: player.policy }),
        withReference: isRefreshed(config) && needsReference(config),
      });
      const played = await ledger.served('rollout', asked);
      parts.push(played.trajectories);
      ledger.costs.sampledTokens += played.sampledTokens;
      ledger.costs.sequentialPasses += played.passes;
      if (player && within === 0) ledger.costs.roundTrips += 1;
      plan?.add(played.trajectories);
      const step = plan && isRefreshed(config) ? { step: player?.step ?? 0 } : {};
      await env.emit({ kind: 'trajectories', batch: played.trajectories, ...step });
      if (game.isLeading()) {
        await env.emit({
          kind: 'progress',
          stage: 'rollout',
          done: done(),
          total: playedPrompts(config),
          secondsLeft: clock.secondsLeft(done(), prompts),
        });
      }
      if (played.trajectories.prompts.length === 0) break; // the split has no more prompts
    }
    plan?.finish();
  }

  /** With log-probs under the reference, where the method asks for them and the part lacks them. */
  async #scored(part: Trajectories, config: RunConfig): Promise<Trajectories> {
    const isOwn = !isRefreshed(config); // the reference played them, unless they came from elsewhere
    const isKnown = part.reference !== undefined || (isOwn && !part.logp.some(Number.isNaN));
    if (!needsReference(config) || isKnown) return part;
    const { env, ledger } = this.#shared;
    const rows = answerRows(part);
    const logp = await ledger.served('rollout', env.rollouts.score(rows));
    const reference = scatter(rows.trained, logp);
    return { ...part, reference, logp: isOwn ? reference : part.logp };
  }
}

const needsReference = (config: RunConfig): boolean =>
  methodOf(config).needsReference?.(config) ?? false;

/** Where a prompt stands in its round, and how many are left of that. */
function roundAt(
  prompt: number,
  prompts: number,
  config: RunConfig,
): { readonly round: number; readonly within: number; readonly left: number } {
  if (!isRefreshed(config)) return { round: 0, within: prompt, left: prompts - prompt };
  const size = roundPrompts(config);
  const within = prompt % size;
  const left = Math.min(size - within, prompts - prompt);
  return { round: Math.floor(prompt / size), within, left };
}

/** Prompts whose tries fit into so many rows. */
const chunkPrompts = ({ rollout }: RunConfig, rows: number): number =>
  Math.max(1, Math.floor(rows / rollout.trajectories));

const chunkOf = (config: RunConfig, firstPrompt: number, prompts: number) => {
  const { seed, rollout } = config;
  const { trajectories, turns, temperature, topK, topP } = rollout;
  const again = playedPrompts(config) > rollout.prompts && { among: rollout.prompts };
  return { seed, firstPrompt, prompts, trajectories, turns, temperature, topK, topP, ...again };
};
