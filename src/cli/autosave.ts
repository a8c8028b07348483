const SAVE_EVERY_MS = 10_000; // what a crash may cost
const MOST_SHARE = 1 / 20; //    of the time may go into saving

/** Says when the next checkpoint of a run is due. */
export class Autosave {
  readonly #now: () => number;
  #savedAt: number;
  #tookMs = 0;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
    this.#savedAt = now();
  }

  get isDue(): boolean {
    return this.#now() - this.#savedAt >= Math.max(SAVE_EVERY_MS, this.#tookMs / MOST_SHARE);
  }

  /** Saves, and waits for longer until the next time where that takes long. */
  async save(write: () => Promise<void>): Promise<void> {
    const begun = this.#now();
    await write();
    this.#savedAt = this.#now();
    this.#tookMs = this.#savedAt - begun;
  }
}
