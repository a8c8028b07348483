import { NO_COSTS, type Costs, type Stage } from '../data/results';

type Open<T> = { -readonly [Name in keyof T]: T[Name] extends object ? Open<T[Name]> : T[Name] };
type OpenCosts = Open<Costs>;

/** What a run has cost so far; stages count into `costs` and say when they are at work. */
export class Ledger {
  #costs: OpenCosts = structuredClone(NO_COSTS);
  #countedTo = performance.now();
  readonly #atWork: Record<Stage, number> = { pretrain: 0, rollout: 0, train: 0, evaluate: 0 }; // works under way
  #lastServed: Promise<unknown> = Promise.resolve();

  /** The costs up to now; the next look may change them. */
  get costs(): OpenCosts {
    const now = performance.now();
    const passed = (now - this.#countedTo) / 1000;
    this.#countedTo = now;
    const isAtWork = (stage: Stage): boolean => this.#atWork[stage] > 0;
    const { seconds } = this.#costs;
    for (const stage of Object.keys(seconds) as Stage[]) {
      if (isAtWork(stage)) seconds[stage] += passed;
    }
    if (isAtWork('train') && isAtWork('rollout')) this.#costs.overlapSeconds += passed;
    if (isAtWork('train') && isAtWork('evaluate')) this.#costs.evaluationOverlapSeconds += passed;
    return this.#costs;
  }

  /** Counts the time until `work` settles as the stage's; works of one stage side by side count once. */
  async during<T>(stage: Stage, work: Promise<T>): Promise<T> {
    this.#change(stage, 1);
    try {
      return await work;
    } finally {
      this.#change(stage, -1);
    }
  }

  /**
   * The same for what was asked of the rollout side, which answers one request after the other: the
   * time of a request begins when those before it are answered.
   */
  async served<T>(stage: Stage, request: Promise<T>): Promise<T> {
    const before = this.#lastServed;
    this.#lastServed = request.catch(() => {}); // the failure belongs to whoever asked
    await before;
    return this.during(stage, request);
  }

  #change(stage: Stage, by: 1 | -1): void {
    void this.costs; // what has passed was of the stages before
    this.#atWork[stage] += by;
  }

  /** Other rollouts: everything begins anew but the reference, which stays. */
  forgetRun(): void {
    const { pretrain } = this.costs.seconds;
    this.adopt({ ...NO_COSTS, seconds: { ...NO_COSTS.seconds, pretrain } });
  }

  /** Training begins anew on the same rollouts. */
  forgetTraining(): void {
    const { costs } = this;
    costs.trainedTokens = 0;
    costs.overlapSeconds = 0;
    costs.evaluationOverlapSeconds = 0;
    costs.seconds.train = 0;
    costs.seconds.evaluate = 0;
  }

  forget(): void {
    this.adopt(NO_COSTS);
  }

  /** Counts on from what the run cost before it came here. */
  adopt(costs: Costs): void {
    this.#countedTo = performance.now();
    this.#costs = structuredClone(costs);
  }
}
