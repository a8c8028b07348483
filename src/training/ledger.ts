import type { Costs, Stage } from '../data/results';

type Count = keyof Omit<Costs, 'seconds'>;

const fresh = (): Record<Count, number> & { seconds: Record<Stage, number> } => ({
  sampledTokens: 0,
  trainedTokens: 0,
  sequentialPasses: 0,
  roundTrips: 0,
  seconds: { pretrain: 0, rollout: 0, train: 0, evaluate: 0 },
});

/** What a run has cost so far; stages write into `costs`. */
export class Ledger {
  costs = fresh();

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
  }

  forget(): void {
    this.costs = fresh();
  }

  /** Counts on from what the run cost before it came here. */
  adopt(costs: Costs): void {
    this.costs = { ...costs, seconds: { ...costs.seconds } };
  }
}
