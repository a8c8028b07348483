import type { Costs, Stage } from '../data/results';

type Count = keyof Omit<Costs, 'seconds'>;

const fresh = (): Record<Count, number> & { seconds: Record<Stage, number> } => ({
  sampledTokens: 0,
  trainedTokens: 0,
  sequentialPasses: 0,
  roundTrips: 0,
  overlapSeconds: 0,
  seconds: { pretrain: 0, rollout: 0, train: 0, evaluate: 0 },
});

/** What a run has cost so far; stages write into `costs`. */
export class Ledger {
  costs = fresh();
  #atWork = 0; // stages: playing, training
  #bothSince = 0;

  /** Notes that a stage is at work until the returned call; time in which both are is counted. */
  enter(): () => void {
    this.#atWork += 1;
    if (this.#atWork === 2) this.#bothSince = performance.now();
    return () => {
      if (this.#atWork === 2) {
        this.costs.overlapSeconds += (performance.now() - this.#bothSince) / 1000;
      }
      this.#atWork -= 1;
    };
  }

  /** Other rollouts: everything begins anew but the reference, which stays. */
  forgetRun(): void {
    const { pretrain } = this.costs.seconds;
    this.costs = fresh();
    this.costs.seconds.pretrain = pretrain;
  }

  /** Training begins anew on the same rollouts. */
  forgetTraining(): void {
    this.costs.trainedTokens = 0;
    this.costs.seconds.train = 0;
    this.costs.overlapSeconds = 0;
  }

  forget(): void {
    this.costs = fresh();
  }

  /** Counts on from what the run cost before it came here. */
  adopt(costs: Costs): void {
    this.costs = { ...costs, seconds: { ...costs.seconds } };
  }
}
