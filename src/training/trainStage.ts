import type { RunConfig } from '../config/runConfig';
import type { StepReport } from '../data/results';
import { trainedCounts } from '../method/mask';
import type { PackedRows } from './batches';
import type { Judge } from './judge';
import type { Capacities } from './memory';
import { referenceKey } from './referenceStage';
import type { Player } from './rolloutStage';
import { Countdown } from './runControl';
import { emitStep, type Shared } from './surroundings';
import type { StepRows, Trainer, TrainerCheckpoint } from './trainer';
import type { TrainerDevice } from './trainerDevice';
import { TrainingPlan, type PlannedStep } from './trainingPlan';

/** Settings that decide training, as a key: all but the evaluation's. */
export const trainKey = (config: RunConfig): string =>
  JSON.stringify({ ...config, eval: undefined });

export interface Training {
  readonly key: string;
  readonly trainer: Trainer;
  readonly plan: TrainingPlan;
}

/** What training starts from. */
export interface Start {
  readonly key: string; // of what was opened: reference and buffers
  readonly capacities: Capacities;
  readonly reference: Float32Array<ArrayBuffer>; // [P]
}

/** Third stage: trains the policy as its plan says, and goes on where it was paused. */
export class TrainStage {
  readonly #shared: Shared;
  readonly #device: TrainerDevice;
  readonly #judge: Judge;
  #training: Training | undefined;
  #spare: { readonly key: string; readonly trainer: Promise<Trainer> } | undefined;
  #adopted: { readonly key: string; readonly checkpoint: TrainerCheckpoint } | undefined;
  #isResting = true;

  constructor(shared: Shared, device: TrainerDevice, judge: Judge) {
    this.#shared = shared;
    this.#device = device;
    this.#judge = judge;
  }

  /** The training in progress, if there is one. */
  get current(): Training | undefined {
    return this.#training;
  }

  /** Goes on from a checkpoint of the same configuration instead of starting from the reference. */
  adopt(config: RunConfig, checkpoint: TrainerCheckpoint): void {
    this.drop();
    this.#adopted = { key: trainKey(config), checkpoint };
  }

  /** The training of this configuration, begun anew unless it is in progress. */
  async start(config: RunConfig, from: Start): Promise<Training> {
    const key = trainKey(config);
    this.#isResting = false;
    if (this.#training?.key === key && !this.#training.trainer.hasRunAway) return this.#training;
    this.drop();
    const plan = new TrainingPlan(config);
    const trainer = await this.warm(config, from);
    this.#spare = undefined;
    if (this.#adopted?.key === key) {
      trainer.resume(this.#adopted.checkpoint);
    } else {
      trainer.load(from.reference);
      this.#shared.ledger.forgetTraining();
    }
    this.#training = { key, trainer, plan };
    return this.#training;
  }

  /** A fresh trainer, made ahead: its kernels compile while the reference is sampled. */
  warm(config: RunConfig, { key: opened, capacities }: Start): Promise<Trainer> {
    const { beta1, beta2, epsilon, weightDecay, clip } = config.optimizer;
    const rules = { beta1, beta2, epsilon, weightDecay, clip };
    const key = opened + JSON.stringify(rules);
    if (this.#training?.key === trainKey(config)) return Promise.resolve(this.#training.trainer);
    if (this.#spare?.key !== key) {
      this.#dropSpare();
      const trainer = this.#device.createTrainer(capacities, rules);
      trainer.catch(() => {}); // awaited when training starts
      this.#spare = { key, trainer };
    }
    return this.#spare.trainer;
  }

  #dropSpare(): void {
    this.#spare?.trainer.then(
      (trainer) => trainer.destroy(),
      () => {},
    );
    this.#spare = undefined;
  }

  /** Gives the policy in training up. */
  drop(): void {
    this.#training?.trainer.destroy();
    this.#training = undefined;
    this.#judge.forgetPolicies();
  }

  /** Another reference, or other buffers: nothing made for the former ones is of use. */
  dropAll(): void {
    this.drop();
    this.#dropSpare();
  }

  /** The device goes, and with it everything on it. */
  deviceGone(): void {
    this.drop();
    this.#spare = undefined;
  }

  /** Forgets training and what it would have gone on from. */
  reset(): void {
    this.drop();
    this.#adopted = undefined;
  }

  /** The policy after every step that the plan knows; undefined when training rests before that. */
  async nextPlayer({ trainer, plan }: Training): Promise<Player | undefined> {
    while (trainer.step < plan.knownSteps) {
      if (this.#isResting) return undefined;
      await plan.more();
    }
    const { step } = trainer;
    return { step, policy: await trainer.snapshot() };
  }

  /** Takes at most `maxSteps` further steps of the plan, waiting for its rollouts where need be. */
  async train(config: RunConfig, training: Training, maxSteps: number): Promise<void> {
    this.#judge.begin();
    try {
      await this.#steps(config, training, maxSteps);
    } finally {
      this.#isResting = true;
      training.plan.interrupt();
    }
  }

  /** Asks policy and reference what the method wants to know of a step. */
  async #work(
    { from, needsPolicy, mismatched, work }: PlannedStep,
    trainer: Trainer,
  ): Promise<StepRows> {
    const { env, ledger } = this.#shared;
    const ask = (rows: PackedRows): Promise<Float32Array> =>
      ledger.during('train', trainer.logProbs(rows));
    if (!needsPolicy) return work();
    const policy = await ask(from);
    if (!mismatched) return work(policy);
    const reference = await ledger.served('train', env.rollouts.score(mismatched));
    const counts = trainedCounts(mismatched.offsets, mismatched.trained);
    return work(policy, { counts, policy: await ask(mismatched), reference });
  }

  /** Submits the next step of the plan; resolves when the one after it may be submitted. */
  async #submit({ trainer, plan }: Training): Promise<{ report: Promise<StepReport> }> {
    const { ledger } = this.#shared;
    const step = trainer.step + 1;
    const work = await this.#work(plan.step(step), trainer);
    const submitted = await ledger.during('train', trainer.submit(work, plan.rate(step)));
    const report = ledger.during('train', submitted.report);
    report.catch(() => {}); // awaited one step late
    return { report };
  }

  /** Evaluates the policy after a step; training goes on meanwhile if stages are to overlap. */
  async #evaluate(config: RunConfig, { trainer }: Training): Promise<void> {
    this.#judge.reference(config, referenceKey(config));
    this.#judge.policy(config, trainer.step, await trainer.snapshot());
    await this.#judged(config);
  }

  /** Waits for evaluations under way where stages are not to overlap. */
  async #judged({ engine }: RunConfig): Promise<void> {
    if (!engine.overlap) await this.#shared.control.unlessPaused(this.#judge.settled());
  }

  async #steps(config: RunConfig, training: Training, maxSteps: number): Promise<void> {
    const { trainer, plan } = training;
    const { env, control, ledger } = this.#shared;
    const last = trainer.step + maxSteps;
    const clock = new Countdown(trainer.step);
    let pending: Promise<StepReport> | undefined;
    let isDue = false;
    const takePending = async (): Promise<void> => {
      if (!pending) return;
      const report = await pending;
      pending = undefined;
      if (plan.isComplete) this.#judge.reference(config, referenceKey(config)); // nothing waits for it
      ledger.costs.trainedTokens += report.tokens;
      await emitStep(env, 'train', report, plan.totalSteps, clock);
    };
    const isDone = (): boolean => plan.isComplete && trainer.step === plan.totalSteps;
    if (!config.engine.overlap) this.#judge.reference(config, referenceKey(config));
    await this.#judged(config); // those that a pause has cut short, too
    while (trainer.step < last && !isDone() && !control.pauseRequested) {
      if (!plan.has(trainer.step + 1)) {
        await takePending();
        if (!plan.has(trainer.step + 1) && !plan.isComplete) await plan.more();
        continue;
      }
      await control.pace();
      if (control.pauseRequested) break;
      const { report } = await this.#submit(training);
      plan.interrupt(); // the sampler may be waiting for this step
      await takePending();
      pending = report;
      const { every } = config.eval;
      isDue = every > 0 && trainer.step % every === 0;
      if (!isDue && !isDone()) continue;
      if (!config.engine.overlap) await takePending();
      await this.#evaluate(config, training);
    }
    await takePending();
    if (isDone()) await this.#judge.settled();
    else if (isDue && trainer.step === last) await control.unlessPaused(this.#judge.settled());
  }
}
