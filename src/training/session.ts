import type { RunConfig } from '../config/runConfig';
import type {
  AdapterReport,
  ChatAnswer,
  ChatRequest,
  Costs,
  MemoryPlan,
  SessionEvent,
  Stage,
  StepReport,
} from '../data/results';
import type { Task } from '../data/task';
import { TASKS } from '../data/tasks/registry';
import type { Trajectories } from '../data/trajectories';
import { Gpu } from '../gpu/gpu';
import { initialParams, paramLayout } from '../model/params';
import { PlaygroundError } from '../shared/errors';
import { invariant } from '../shared/invariant';
import { sha256 } from '../shared/sha256';
import { Judge } from './judge';
import { capacitiesOf, planMemory, type Capacities } from './memory';
import { pretrain, PRETRAIN_RULES } from './pretrain';
import type { RolloutPort } from './rolloutService';
import { Countdown, RunControl } from './runControl';
import { Trainer, type TrainerCheckpoint } from './trainer';
import { plannedSteps, TrainingPlan } from './trainingPlan';

/** What a session needs from where it runs. */
export interface Surroundings {
  /** navigator.gpu or Dawn's; absent where there is none. */
  readonly webgpu: GPU | undefined;
  readonly rollouts: RolloutPort;
  /** Parameters [P] of the shipped reference; rejects with 'config-invalid' when none fits. */
  readonly loadReference: (config: RunConfig) => Promise<Float32Array<ArrayBuffer>>;
  readonly emit: (event: SessionEvent) => void | Promise<void>;
}

export interface SessionEnd {
  readonly reason: 'finished' | 'paused';
  readonly step: number;
  readonly totalSteps: number;
  readonly costs: Costs;
  readonly weightsHash: string;
}

/** Settings that decide the reference policy, as a key. */
const referenceKey = ({ task, seed, reference, model }: RunConfig): string =>
  JSON.stringify(reference.source === 'shipped' ? [task, model] : [task, model, reference, seed]);

/** Settings that decide the rollouts, as a key. */
const rolloutKey = (config: RunConfig): string =>
  JSON.stringify([referenceKey(config), config.seed, config.rollout]);

/** Settings that decide training, as a key: all but the evaluation's. */
const trainKey = (config: RunConfig): string => JSON.stringify({ ...config, eval: undefined });

interface Opened {
  readonly key: string;
  readonly task: Task;
  readonly capacities: Capacities;
  readonly memory: MemoryPlan;
  readonly adapter: AdapterReport;
  readonly reference: Float32Array<ArrayBuffer>;
}

type WritableCosts = { -readonly [K in keyof Omit<Costs, 'seconds'>]: number } & {
  seconds: Record<Stage, number>;
};

interface Training {
  readonly key: string;
  readonly trainer: Trainer;
  readonly plan: TrainingPlan;
}

/** Thrown inside a run when a pause was asked for; never leaves this file. */
class Paused extends Error {}

/**
 * The schedule of an experiment: reference, rollouts, weights, training, evaluation. Keeps what a
 * change of settings leaves valid, and goes on where it was paused.
 */
export class Session {
  readonly control = new RunControl();
  readonly #env: Surroundings;
  readonly #judge: Judge;
  #gpu: { readonly gpu: Gpu; readonly largestBufferBytes: number } | undefined;
  #opened: Opened | undefined;
  #pretraining: { readonly key: string; readonly trainer: Trainer } | undefined;
  #pretrained: { readonly key: string; readonly params: Float32Array<ArrayBuffer> } | undefined;
  #rollouts: { readonly key: string; readonly parts: Trajectories[] } | undefined;
  #training: Training | undefined;
  #spare: { readonly key: string; readonly trainer: Promise<Trainer> } | undefined;
  #adopted: { readonly key: string; readonly checkpoint: TrainerCheckpoint } | undefined;
  #costs = freshCosts();

  constructor(surroundings: Surroundings) {
    this.#env = surroundings;
    this.#judge = new Judge(surroundings);
  }

  /** Plans memory, opens the devices and loads, or pretrains, the reference. */
  async prepare(
    config: RunConfig,
  ): Promise<{ adapter: AdapterReport; memory: MemoryPlan; totalSteps: number }> {
    try {
      const { adapter, memory } = await this.#open(config);
      return { adapter, memory, totalSteps: plannedSteps(config) };
    } catch (cause) {
      if (!(cause instanceof Paused)) throw cause;
      throw new PlaygroundError('aborted', 'Pretraining was paused; press Run to go on.');
    }
  }

  /** Samples the first `prompts` groups, which a later run keeps. */
  async preview(config: RunConfig, prompts: number): Promise<void> {
    this.control.begin();
    await this.#pausable(async () => {
      const opened = await this.#open(config);
      this.#takeRollouts(config);
      await this.#rollOut(config, Math.min(prompts, config.rollout.prompts));
      this.#warmTrainer(config, opened);
    });
  }

  /** Goes through the stages that are missing, at most `maxSteps` optimizer steps further. */
  async run(config: RunConfig, maxSteps = Infinity): Promise<SessionEnd> {
    this.control.begin();
    await this.#pausable(async () => {
      const opened = await this.#open(config);
      this.#takeRollouts(config);
      const training = await this.#startTraining(config, opened);
      const stopBoth = (): Promise<void> => this.pause();
      await together(
        [
          this.#rollOut(config, config.rollout.prompts, training.plan),
          this.#train(config, training, maxSteps),
        ],
        stopBoth,
      );
    });
    return this.#end(config);
  }

  /** Uses these trajectories for `config`, made elsewhere or earlier, and samples only the rest. */
  adoptRollouts(config: RunConfig, trajectories: Trajectories): void {
    this.#rollouts = { key: rolloutKey(config), parts: [trajectories] };
  }

  /** Goes on from a checkpoint of the same configuration instead of starting from the reference. */
  adoptCheckpoint(config: RunConfig, checkpoint: TrainerCheckpoint): void {
    this.#dropTraining();
    this.#adopted = { key: trainKey(config), checkpoint };
  }

  /** Counts on from what the run cost before it came here. */
  adoptCosts(costs: Costs): void {
    this.#costs = { ...costs, seconds: { ...costs.seconds } };
  }

  /** What the run has cost so far. */
  get costs(): Costs {
    const { seconds, ...counts } = this.#costs;
    return { ...counts, seconds: { ...seconds, evaluate: seconds.evaluate + this.#judge.seconds } };
  }

  /** The reference policy's parameters [P], once it is loaded or pretrained. */
  get reference(): Float32Array<ArrayBuffer> | undefined {
    return this.#opened?.reference;
  }

  async #pausable(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const abandoned = cause instanceof PlaygroundError && cause.code === 'aborted';
      if (!(cause instanceof Paused) && !(abandoned && this.control.pauseRequested)) throw cause;
    }
  }

  #expectGoOn(): void {
    if (this.control.pauseRequested) throw new Paused();
  }

  // ---- reference ----

  async #open(config: RunConfig): Promise<Opened> {
    const key = referenceKey(config) + JSON.stringify([config.rollout, config.optimizer.batch]);
    if (this.#opened?.key === key) return this.#opened;
    const task = TASKS.get(config.task);
    invariant(task !== undefined, `There is no task ${config.task}.`);
    planMemory(capacitiesOf(config, task, false)); // refuses what no adapter could hold
    const { gpu } = this.#gpu ?? (await this.#openGpu(0));
    const capacities = capacitiesOf(config, task, gpu.isSoftware);
    const memory = planMemory(capacities);
    if (memory.largestBufferBytes > 128 * 2 ** 20) await this.#openGpu(memory.largestBufferBytes);
    const reference = await this.#reference(config, task, capacities);
    const { rollouts } = this.#env;
    const adapter = await rollouts.open({ task: task.name, capacities, reference });
    this.#dropTraining();
    this.#dropSpare();
    this.#opened = { key, task, capacities, memory, adapter, reference };
    return this.#opened;
  }

  async #openGpu(largestBufferBytes: number): Promise<{ gpu: Gpu }> {
    if (this.#gpu && this.#gpu.largestBufferBytes >= largestBufferBytes) return this.#gpu;
    this.#dropTraining();
    this.#spare = undefined; // its device goes
    this.#pretraining = undefined;
    this.#gpu?.gpu.destroy();
    this.#gpu = undefined;
    const gpu = await Gpu.open(this.#env.webgpu, { largestBufferBytes });
    this.#gpu = { gpu, largestBufferBytes };
    return this.#gpu;
  }

  async #reference(
    config: RunConfig,
    task: Task,
    capacities: Capacities,
  ): Promise<Float32Array<ArrayBuffer>> {
    if (config.reference.source === 'shipped') return this.#env.loadReference(config);
    const key = referenceKey(config);
    if (this.#pretrained?.key === key) return this.#pretrained.params;
    if (this.#pretraining?.key !== key) {
      this.#pretraining?.trainer.destroy();
      this.#pretraining = undefined;
      const { weightDecay } = config.reference;
      const rules = { ...PRETRAIN_RULES, weightDecay };
      const trainer = await this.#createTrainer(capacities, rules);
      trainer.load(initialParams(paramLayout(capacities.shape), config.seed));
      this.#pretraining = { key, trainer };
    }
    const { trainer } = this.#pretraining;
    const { steps } = config.reference;
    const clock = new Countdown(trainer.step);
    await pretrain(trainer, task, config, async (report) => {
      await this.#emitStep('pretrain', report, steps, clock);
      await this.control.pace();
      return !this.control.pauseRequested;
    });
    this.#costs.seconds.pretrain += clock.seconds;
    if (trainer.step < steps) throw new Paused();
    this.#pretrained = { key, params: await trainer.snapshot() };
    trainer.destroy();
    this.#pretraining = undefined;
    return this.#pretrained.params;
  }

  async #createTrainer(
    { shape, train }: Capacities,
    rules: Parameters<typeof Trainer.create>[3],
  ): Promise<Trainer> {
    invariant(this.#gpu !== undefined, 'A trainer was made before its device.');
    return Trainer.create(this.#gpu.gpu, shape, train, rules);
  }

  // ---- rollouts ----

  /** Keeps the rollouts so far if they are this configuration's. */
  #takeRollouts(config: RunConfig): void {
    const key = rolloutKey(config);
    if (this.#rollouts?.key === key) return;
    this.#rollouts = { key, parts: [] };
    const { pretrain: seconds } = this.#costs.seconds; // spent on the reference, which stays
    this.#costs = freshCosts();
    this.#costs.seconds.pretrain = seconds;
    this.#dropTraining();
  }

  /** Plays the groups that are missing and hands every part to the plan, which training follows. */
  async #rollOut(config: RunConfig, prompts: number, plan?: TrainingPlan): Promise<void> {
    const parts = this.#rollouts?.parts ?? [];
    const done = (): number => parts.reduce((n, part) => n + part.prompts.length, 0);
    const { trajectories: K, turns, temperature, topK, topP } = config.rollout;
    const chunk = Math.max(1, Math.floor(this.#opened!.capacities.decode.rows / K));
    const clock = new Countdown(done());
    for (const part of parts.slice(plan?.parts)) plan?.add(part);
    const report = async (): Promise<void> => {
      if (this.#training && this.#training.trainer.step > 0) return; // training's progress leads
      await this.#env.emit({
        kind: 'progress',
        stage: 'rollout',
        done: done(),
        total: config.rollout.prompts,
        secondsLeft: clock.secondsLeft(done(), prompts),
      });
    };
    const before = this.#costs.seconds.rollout;
    while (done() < prompts) {
      this.#expectGoOn();
      const firstPrompt = done();
      const played = await this.#env.rollouts.chunk({
        seed: config.seed,
        firstPrompt,
        prompts: Math.min(chunk, prompts - firstPrompt),
        trajectories: K,
        turns,
        temperature,
        topK,
        topP,
      });
      parts.push(played.trajectories);
      this.#costs.sampledTokens += played.sampledTokens;
      this.#costs.sequentialPasses += played.passes;
      this.#costs.seconds.rollout = before + clock.seconds;
      plan?.add(played.trajectories);
      await this.#env.emit({ kind: 'trajectories', batch: played.trajectories });
      await report();
      if (played.trajectories.prompts.length === 0) break; // the split has no more prompts
    }
    plan?.finish();
  }

  // ---- training ----

  async #startTraining(config: RunConfig, opened: Opened): Promise<Training> {
    const key = trainKey(config);
    if (this.#training?.key === key && !this.#training.trainer.hasRunAway) return this.#training;
    this.#dropTraining();
    const plan = new TrainingPlan(config);
    const trainer = await this.#warmTrainer(config, opened);
    this.#spare = undefined;
    if (this.#adopted?.key === key) {
      trainer.resume(this.#adopted.checkpoint);
    } else {
      trainer.load(opened.reference);
      this.#costs.trainedTokens = 0;
      this.#costs.seconds.train = 0;
    }
    this.#training = { key, trainer, plan };
    return this.#training;
  }

  /** A fresh trainer, made ahead: its kernels compile while the reference is sampled. */
  #warmTrainer(config: RunConfig, { key: opened, capacities }: Opened): Promise<Trainer> {
    const { beta1, beta2, epsilon, weightDecay, clip } = config.optimizer;
    const rules = { beta1, beta2, epsilon, weightDecay, clip };
    const key = opened + JSON.stringify(rules);
    if (this.#training?.key === trainKey(config)) return Promise.resolve(this.#training.trainer);
    if (this.#spare?.key !== key) {
      this.#dropSpare();
      const trainer = this.#createTrainer(capacities, rules);
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

  #dropTraining(): void {
    this.#training?.trainer.destroy();
    this.#training = undefined;
    this.#judge.forgetPolicies();
  }

  async #train(config: RunConfig, training: Training, maxSteps: number): Promise<void> {
    const { trainer, plan } = training;
    const last = trainer.step + maxSteps;
    const clock = new Countdown(trainer.step);
    const before = this.#costs.seconds.train;
    const take = async (report: StepReport): Promise<void> => {
      if (plan.isComplete) this.#judge.reference(config, referenceKey(config)); // nothing waits for it
      this.#costs.trainedTokens += report.tokens;
      this.#costs.seconds.train = before + clock.seconds;
      await this.#emitStep('train', report, plan.totalSteps, clock);
    };
    let pending: Promise<StepReport> | undefined;
    const isDone = (): boolean => plan.isComplete && trainer.step === plan.totalSteps;
    while (trainer.step < last && !isDone() && !this.control.pauseRequested) {
      if (!plan.has(trainer.step + 1)) {
        await plan.more();
        continue;
      }
      await this.control.pace();
      if (this.control.pauseRequested) break;
      const step = trainer.step + 1;
      const { report } = await trainer.submit(plan.step(step), plan.rate(step));
      if (pending) await take(await pending);
      pending = report;
      const { every } = config.eval;
      const isDue = every > 0 && step % every === 0;
      if (isDue || isDone()) {
        this.#judge.reference(config, referenceKey(config));
        this.#judge.policy(config, step, await trainer.snapshot());
      }
    }
    if (pending) await take(await pending);
    if (isDone()) await this.#judge.settled();
  }

  #emitStep(
    stage: 'pretrain' | 'train',
    report: StepReport,
    total: number,
    clock: Countdown,
  ): Promise<unknown> {
    const { emit } = this.#env;
    const done = report.step;
    const secondsLeft = clock.secondsLeft(done, total);
    const progress = { kind: 'progress', stage, done, total, secondsLeft } as const;
    return Promise.all([emit({ kind: 'step', stage, report }), emit(progress)]);
  }

  // ---- talk ----

  /** The answer of the policy as it is, or of the reference before any training. */
  async chat(request: ChatRequest): Promise<ChatAnswer> {
    const { rollouts } = this.#env;
    if (request.who === 'reference' || !this.#training) return rollouts.chat(request);
    return rollouts.chat(request, await this.#training.trainer.snapshot());
  }

  // ---- endings ----

  /** Ends the run in progress at its next safe point. */
  async pause(): Promise<void> {
    this.control.pause();
    this.#training?.plan.interrupt();
    await this.#env.rollouts.abort();
  }

  /** Forgets rollouts and training; keeps devices and the reference. */
  reset(): void {
    this.#dropTraining();
    this.#rollouts = undefined;
    this.#judge.forget();
    this.#adopted = undefined;
    this.#costs = freshCosts();
  }

  /** The policy with its optimizer state, or undefined before training. */
  async checkpoint(): Promise<TrainerCheckpoint | undefined> {
    return this.#training?.trainer.checkpoint();
  }

  async #end(config: RunConfig): Promise<SessionEnd> {
    const { trainer, plan } = this.#training ?? {};
    const params = trainer ? await trainer.snapshot() : this.#opened?.reference;
    const step = trainer?.step ?? 0;
    const totalSteps = plan?.totalSteps ?? plannedSteps(config);
    return {
      reason: trainer && step === totalSteps ? 'finished' : 'paused',
      step,
      totalSteps,
      costs: this.costs,
      weightsHash: params ? await sha256(params) : '',
    };
  }

  /** Destroys both devices. */
  async close(): Promise<void> {
    this.#gpu?.gpu.destroy();
    await this.#env.rollouts.close();
  }
}

const freshCosts = (): WritableCosts => ({
  sampledTokens: 0,
  trainedTokens: 0,
  sequentialPasses: 0,
  seconds: { pretrain: 0, rollout: 0, train: 0, evaluate: 0 },
});

/** Waits for all; a failure stops the others, and what failed first is thrown once all have ended. */
async function together(works: readonly Promise<void>[], stop: () => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    works.map((work) =>
      work.catch(async (failure: unknown) => {
        failures.push(failure);
        await stop();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
