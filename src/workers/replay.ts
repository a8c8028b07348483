import { NO_COSTS } from '../data/results';
import { PlaygroundError } from '../shared/errors';
import { invariant } from '../shared/invariant';
import type { EmitRunEvent, RecordedRun, RunEnd } from './contract';
import { MetricBatcher } from './metricBatcher';

/** Recorded seconds per second at most: every event still waits its turn, so that the page can draw. */
const TOP_PACE = 1e6;

/** Says again what a recorded run said, at its pace or another. */
export class Replay {
  readonly #run: RecordedRun;
  readonly #metrics: MetricBatcher;
  #next = 0; //   index of the event that comes next
  #clock = 0; //  seconds of the recording that have gone by
  #groups = 0; // prompt groups so far
  #step = 0; //   optimizer steps so far
  #costs = NO_COSTS;
  #pace = 1; //   recorded seconds per second
  #isPausing = false;
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(run: RecordedRun, emit: EmitRunEvent) {
    this.#run = run;
    this.#metrics = new MetricBatcher(
      emit,
      () => performance.now(),
      () => this.#costs,
    );
  }

  /** Says without waiting what comes until `prompts` groups are there. */
  async preview(prompts: number): Promise<void> {
    while (this.#groups < prompts && this.#next < this.#run.events.length) await this.#say();
    await this.#metrics.flush();
  }

  /** Goes on, at most `maxSteps` optimizer steps further. */
  async run(maxSteps: number): Promise<RunEnd> {
    const { events, end } = this.#run;
    const last = this.#step + maxSteps;
    this.#isPausing = this.#isClosed;
    while (this.#next < events.length && (this.#step < last || this.#step === end.totalSteps)) {
      await this.#until(events[this.#next]!.at);
      if (this.#isPausing) break;
      await this.#say();
    }
    await this.#metrics.flush();
    if (this.#isClosed) throw new PlaygroundError('aborted', 'The recording was closed.');
    if (this.#next === events.length) return end;
    // Only the last weights' hash was recorded.
    return { ...end, reason: 'paused', step: this.#step, costs: this.#costs, weightsHash: '' };
  }

  async #say(): Promise<void> {
    const recorded = this.#run.events[this.#next++];
    invariant(recorded !== undefined, 'A replay went past its end.');
    const { at, event, costs } = recorded;
    this.#clock = Math.max(this.#clock, at);
    this.#costs = costs ?? this.#costs;
    if (event.kind === 'trajectories') this.#groups += event.batch.prompts.length;
    if (event.kind === 'step' && event.stage === 'train') this.#step = event.report.step;
    if (event.kind !== 'progress' || event.secondsLeft === undefined) {
      return this.#metrics.accept(event);
    }
    return this.#metrics.accept({ ...event, secondsLeft: event.secondsLeft / this.#pace });
  }

  /** Waits until the recording's clock shows `at`, or a pause. */
  async #until(at: number): Promise<void> {
    while (!this.#isPausing && this.#clock < at) {
      const pace = this.#pace;
      const since = performance.now();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, (1000 * (at - this.#clock)) / pace);
      });
      const seconds = (performance.now() - since) / 1000;
      this.#clock = Math.min(at, this.#clock + pace * seconds);
    }
  }

  /** Recorded seconds per second from now on. */
  setPace(pace: number): void {
    this.#pace = Math.min(pace, TOP_PACE);
    this.#wake();
  }

  /** Ends the run in progress at the next event. */
  pause(): void {
    this.#isPausing = true;
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
  }

  /** Back to the beginning. */
  rewind(): void {
    this.#next = 0;
    this.#clock = 0;
    this.#groups = 0;
    this.#step = 0;
    this.#costs = NO_COSTS;
  }
}
