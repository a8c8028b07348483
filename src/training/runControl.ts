/** Pause and pace of a run: what the visitor may change while steps go on. */
export class RunControl {
  #pauseRequested = false;
  #msPerStep = 0;
  #wake: () => void = () => {};
  #onPause: (() => void)[] = [];
  #last = -Infinity;

  /** Forgets an earlier pause: a run begins. */
  begin(): void {
    this.#pauseRequested = false;
    this.#onPause = [];
    this.#last = -Infinity;
  }

  /** Asks the run in progress to end at its next safe point. */
  pause(): void {
    this.#pauseRequested = true;
    this.#wake();
    for (const resolve of this.#onPause) resolve();
  }

  get pauseRequested(): boolean {
    return this.#pauseRequested;
  }

  /** Waits for `work`, but not past a pause. */
  async unlessPaused(work: Promise<void>): Promise<void> {
    if (this.#pauseRequested) return;
    await Promise.race([work, new Promise<void>((resolve) => this.#onPause.push(resolve))]);
  }

  /** Most optimizer steps per second; Infinity is full speed. A pending wait is cut short. */
  setSpeed(stepsPerSecond: number): void {
    this.#msPerStep = 1000 / stepsPerSecond;
    this.#wake();
  }

  /** Waits until the next step is due, at most; at full speed it does not wait at all. */
  async pace(): Promise<void> {
    for (;;) {
      const wait = this.#last + this.#msPerStep - performance.now();
      if (wait <= 0 || this.#pauseRequested) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, wait);
      });
    }
    this.#last = performance.now();
  }
}

/** Time left of a stage, told from the pace since it began or was resumed. */
export class Countdown {
  readonly #begun = performance.now();
  readonly #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  /** Seconds until `total`, or undefined before anything is done. */
  secondsLeft(done: number, total: number): number | undefined {
    if (done <= this.#from) return undefined;
    const seconds = (performance.now() - this.#begun) / 1000;
    return (seconds / (done - this.#from)) * (total - done);
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }
}
