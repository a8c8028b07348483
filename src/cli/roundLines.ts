import type { RunConfig } from '../config/runConfig';
import { concatTrajectories, selectTrajectories, type Trajectories } from '../data/trajectories';
import { playedPrompts, roundPrompts } from '../method/coefficients/methods';
import { isDrawnPlainly } from '../method/rolloutMetrics';
import type { RunFolder } from './runFolder';

/** Writes a line of metrics for each round of a run whose policy plays while it learns. */
export class RoundLines {
  readonly #folder: RunFolder;
  readonly #config: RunConfig;
  #waiting: Trajectories[] = []; // of the round in progress
  #played = 0; // prompts

  /** @param played before the run was interrupted; their whole rounds have lines already */
  constructor(folder: RunFolder, config: RunConfig, played: Trajectories | undefined) {
    this.#folder = folder;
    this.#config = config;
    if (!played) return;
    this.#played = played.prompts.length;
    const whole = this.#played - (this.#played % roundPrompts(config));
    const rows = [...played.promptOf.keys()].filter((r) => played.promptOf[r]! >= whole);
    if (rows.length > 0) this.#waiting.push(selectTrajectories(played, rows));
  }

  /** Takes in the next groups, which the policy of optimizer step `step` has played. */
  add(part: Trajectories, step: number): void {
    const config = this.#config;
    this.#waiting.push(part);
    this.#played += part.prompts.length;
    const isWhole = this.#played % roundPrompts(config) === 0;
    if (!isWhole && this.#played < playedPrompts(config)) return;
    const round = concatTrajectories(this.#waiting);
    this.#folder.addRollouts(config, round, isDrawnPlainly(config), step);
    this.#waiting = [];
  }
}
