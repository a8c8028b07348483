import type { Costs, SessionEvent, StepReport } from '../data/results';
import type { EmitRunEvent, MetricBatch } from './contract';

const MS_BETWEEN_BATCHES = 100; // at most ten batches per second

type Progress = Extract<SessionEvent, { kind: 'progress' }>;

/**
 * Passes a run's events on: step reports, and progress with what the run has cost, at most ten times a
 * second. Uses no timer.
 */
export class MetricBatcher {
  #reports: StepReport[] = [];
  #stage: MetricBatch['stage'] = 'train';
  #progress: Progress | undefined;
  #sentAt = -Infinity;

  constructor(
    readonly emit: EmitRunEvent,
    readonly now: () => number,
    readonly costs: () => Costs,
  ) {}

  async accept(event: SessionEvent): Promise<void> {
    switch (event.kind) {
      case 'step':
        return this.#step(event.stage, event.report);
      case 'progress':
        return this.#progressed(event);
      case 'trajectories':
      case 'evaluation':
        return this.emit(event);
      default:
        event satisfies never;
    }
  }

  async #step(stage: MetricBatch['stage'], report: StepReport): Promise<void> {
    if (stage !== this.#stage) await this.flush();
    this.#stage = stage;
    this.#reports.push(report);
    await this.#flushIfDue();
  }

  async #progressed(event: Progress): Promise<void> {
    if (this.#progress && this.#progress.stage !== event.stage) await this.flush();
    this.#progress = event;
    await this.#flushIfDue();
  }

  async #flushIfDue(): Promise<void> {
    if (this.now() - this.#sentAt >= MS_BETWEEN_BATCHES) await this.flush();
  }

  /** Sends what is held and resolves when the other side has handled it. */
  async flush(): Promise<void> {
    const reports = this.#reports;
    const progress = this.#progress;
    this.#reports = [];
    this.#progress = undefined;
    this.#sentAt = this.now();
    if (reports.length > 0) {
      await this.emit({ kind: 'metrics', batch: columnsOf(this.#stage, reports) });
    }
    if (progress) await this.emit({ ...progress, costs: this.costs() });
  }
}

function columnsOf(stage: MetricBatch['stage'], reports: readonly StepReport[]): MetricBatch {
  const column = (value: (r: StepReport) => number): Float64Array<ArrayBuffer> =>
    Float64Array.from(reports, value);
  return {
    stage,
    step: column((r) => r.step),
    loss: column((r) => r.loss),
    nll: column((r) => r.nll),
    gradNorm: column((r) => r.gradNorm),
    learningRate: column((r) => r.learningRate),
    tokensPerSecond: column((r) => r.tokens / r.seconds),
    stepMs: column((r) => 1000 * r.seconds),
    gflops: column((r) => r.flops / r.seconds / 1e9),
  };
}
