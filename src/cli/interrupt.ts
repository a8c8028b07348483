const PATIENCE_MS = 1000; // both the terminal and a parent process may pass on one key press

/** Ctrl-C, or SIGTERM, as a request to end at the next safe point; a later second one ends at once. */
export class Interrupt {
  #requestedAt: number | undefined;
  /** Called once, by the request. */
  stop: () => void;

  constructor(stop: () => void = () => {}) {
    this.stop = stop;
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  get isRequested(): boolean {
    return this.#requestedAt !== undefined;
  }

  readonly #onSignal = (): void => {
    const now = performance.now();
    if (this.#requestedAt === undefined) {
      this.#requestedAt = now;
      process.stderr.write('\ndrift: stopping; interrupt again to leave without saving.\n');
      this.stop();
    } else if (now - this.#requestedAt > PATIENCE_MS) process.exit(130);
  };

  /** Signals do again what they did before. */
  close(): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }
}
