import { longestTurns, type RunConfig } from '../config/runConfig';
import type {
  AdapterReport,
  Calibration,
  ChatAnswer,
  ChatRequest,
  Costs,
  KernelForms,
  MemoryPlan,
  ScoreRequest,
  StepProfile,
} from '../data/results';
import type { Task } from '../data/task';
import { taskNamed } from '../data/tasks/registry';
import type { Trajectories } from '../data/trajectories';
import { isRefreshed, playedPrompts } from '../method/coefficients/methods';
import { findAdapter, type AdapterTraits } from '../gpu/adapter';
import { measureRoof } from '../gpu/roof';
import { PlaygroundError } from '../shared/errors';
import { sha256 } from '../shared/sha256';
import { scatter } from './batches';
import { calibrate } from './calibrate';
import { Judge } from './judge';
import { Calibrations, chooseKernels } from './kernelChoice';
import { kernelTimes } from './kernelTimes';
import { Ledger } from './ledger';
import { capacitiesOf, planMemory, type Capacities } from './memory';
import { referenceKey, ReferenceStage } from './referenceStage';
import { readRolloutFile, type RolloutFile } from './rolloutFile';
import { rolloutKey, RolloutStage, type Game } from './rolloutStage';
import { RunControl } from './runControl';
import { Paused, type Shared, type Surroundings } from './surroundings';
import { together } from './together';
import type { TrainerCheckpoint } from './trainer';
import { TrainerDevice } from './trainerDevice';
import { plannedSteps } from './trainingPlan';
import { trainKey, TrainStage, type Start } from './trainStage';

export interface SessionEnd {
  readonly reason: 'finished' | 'paused';
  readonly step: number;
  readonly totalSteps: number;
  readonly costs: Costs;
  readonly weightsHash: string;
}

interface Opened extends Start {
  readonly task: Task;
  readonly memory: MemoryPlan;
  readonly adapter: AdapterReport;
}

/** What `prepare` tells. */
export interface SessionReport {
  readonly adapter: AdapterReport;
  readonly memory: MemoryPlan;
  readonly totalSteps: number;
  /** What was measured on this adapter, now or earlier. */
  readonly calibration?: Calibration;
}

/** Settings that decide the rollouts of a run, as a key: all of them where the policy plays too. */
const runKey = (config: RunConfig): string =>
  isRefreshed(config) ? trainKey(config) : rolloutKey(config);

const ROOF_SECONDS = 0.1; // of each of its measurements
const LARGEST_PLAIN_BUFFER = 128 * 2 ** 20; // bytes; what every adapter binds

/**
 * The schedule of an experiment: reference, rollouts, weights, training, evaluation. Keeps what a
 * change of settings leaves valid, and goes on where it was paused.
 */
export class Session {
  readonly control = new RunControl();
  readonly #env: Surroundings;
  readonly #ledger = new Ledger();
  readonly #judge: Judge;
  readonly #device = new TrainerDevice();
  readonly #reference: ReferenceStage;
  readonly #rollouts: RolloutStage;
  readonly #training: TrainStage;
  readonly #calibrations = new Calibrations();
  #traits: AdapterTraits | undefined;
  #forms = ''; // of the kernels that made what is kept
  #opened: Opened | undefined;
  #isPlayedByPolicy = false; // the rollouts

  constructor(env: Surroundings) {
    this.#env = env;
    const shared: Shared = { env, control: this.control, ledger: this.#ledger };
    this.#judge = new Judge(shared);
    this.#reference = new ReferenceStage(shared, this.#device);
    this.#rollouts = new RolloutStage(shared);
    this.#training = new TrainStage(shared, this.#device, this.#judge);
  }

  /** Plans memory, opens the devices and loads, or pretrains, the reference. */
  async prepare(config: RunConfig): Promise<SessionReport> {
    try {
      const { adapter, memory } = await this.#open(config);
      const calibration = this.#calibrations.of(adapter);
      const totalSteps = plannedSteps(config);
      return { adapter, memory, totalSteps, ...(calibration && { calibration }) };
    } catch (cause) {
      if (!(cause instanceof Paused)) throw cause;
      throw new PlaygroundError('aborted', 'Pretraining was paused; press Run to go on.');
    }
  }

  /** Uses what was measured earlier, here or by another session on this machine. */
  adoptCalibration(calibration: Calibration): void {
    this.#calibrations.adopt(calibration);
  }

  /** Times the kernels' forms at the sizes of these settings; the quickest are used from the next run on. */
  async calibrate(config: RunConfig): Promise<Calibration> {
    const { isSoftware } = await this.#adapter();
    return this.#measure(capacitiesOf(config, taskNamed(config.task), isSoftware));
  }

  async #measure(capacities: Capacities): Promise<Calibration> {
    const calibration = await calibrate(this.#env.webgpu, capacities);
    this.#calibrations.adopt(calibration);
    return calibration;
  }

  async #adapter(): Promise<AdapterTraits> {
    this.#traits ??= (await findAdapter(this.#env.webgpu)).traits;
    return this.#traits;
  }

  /** The forms of the kernels; a GPU that nobody has measured is measured first, where that is wanted. */
  async #kernels(config: RunConfig, capacities: Capacities): Promise<KernelForms> {
    const { engine } = config;
    const traits = await this.#adapter();
    const isAuto = Object.values(engine).includes('auto');
    let measured = this.#calibrations.of(traits);
    if (!measured && isAuto && !traits.isSoftware && this.#env.measuresKernels) {
      measured = await this.#measure(capacities);
    }
    const forms = chooseKernels(engine, traits, measured);
    this.#keepOnly(`${forms.tile} ${forms.reduce} ${forms.store}`);
    return forms;
  }

  /** What kernels of other forms made differs in the last digits: it makes way. */
  #keepOnly(forms: string): void {
    if (this.#forms !== '' && this.#forms !== forms) {
      this.#rollouts.forget();
      this.#reference.forget();
    }
    this.#forms = forms;
  }

  /**
   * Samples the first `prompts` groups, which a later run keeps. Where more are to come it costs no
   * passes: without a look ahead these groups would have been decoded with the next ones.
   */
  async preview(config: RunConfig, prompts: number): Promise<void> {
    this.control.begin();
    await this.#pausable(async () => {
      const opened = await this.#open(config);
      void this.#training.warm(config, opened); // awaited when training starts
      this.#takeRollouts(rolloutKey(config));
      this.#isPlayedByPolicy = false;
      const { sequentialPasses } = this.#ledger.costs;
      await this.#rollouts.play(config, {
        prompts: Math.min(prompts, config.rollout.prompts),
        rows: opened.capacities.decode.rows,
        isLeading: this.#isUntrained,
      });
      if (prompts < config.rollout.prompts) this.#ledger.costs.sequentialPasses = sequentialPasses;
    });
  }

  /** Goes through the stages that are missing, at most `maxSteps` optimizer steps further. */
  async run(config: RunConfig, maxSteps = Infinity): Promise<SessionEnd> {
    this.control.begin();
    await this.#pausable(async () => {
      const opened = await this.#open(config);
      this.#takeRollouts(runKey(config));
      this.#isPlayedByPolicy = isRefreshed(config);
      const training = await this.#training.start(config, opened);
      const game: Game = {
        prompts: playedPrompts(config),
        rows: opened.capacities.decode.rows,
        isLeading: this.#isUntrained,
        plan: training.plan,
        nextPlayer: () => this.#training.nextPlayer(training),
      };
      const play = (): Promise<void> => this.#rollouts.play(config, game);
      const train = (): Promise<void> => this.#training.train(config, training, maxSteps);
      if (config.engine.overlap || isRefreshed(config)) {
        await together([play(), train()], () => this.pause());
      } else {
        await play();
        await train();
      }
    });
    return this.#end(config);
  }

  /** Uses these trajectories for `config`, made elsewhere or earlier, and samples only the rest. */
  adoptRollouts(config: RunConfig, trajectories: Trajectories): void {
    this.#rollouts.adopt(runKey(config), trajectories);
  }

  /** Uses the rollouts of a file for a run that begins anew; returns them with its settings. */
  openRollouts(asked: RunConfig, text: string, file: string): RolloutFile {
    const read = readRolloutFile(asked, text, file);
    this.#training.drop();
    this.#ledger.forgetRun();
    this.adoptRollouts(read.config, read.trajectories);
    return read;
  }

  /** Goes on from a checkpoint of the same configuration instead of starting from the reference. */
  adoptCheckpoint(config: RunConfig, checkpoint: TrainerCheckpoint): void {
    this.#training.adopt(config, checkpoint);
  }

  /** Counts on from what the run cost before it came here. */
  adoptCosts(costs: Costs): void {
    this.#ledger.adopt(costs);
  }

  /** What the run has cost so far. */
  get costs(): Costs {
    return structuredClone(this.#ledger.costs);
  }

  /** The reference policy's parameters [P], once it is loaded or pretrained. */
  get reference(): Float32Array<ArrayBuffer> | undefined {
    return this.#opened?.reference;
  }

  /** Whether the policy is the reference still. */
  readonly #isUntrained = (): boolean => (this.#training.current?.trainer.step ?? 0) === 0;

  async #pausable(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const abandoned = cause instanceof PlaygroundError && cause.code === 'aborted';
      if (!(cause instanceof Paused) && !(abandoned && this.control.pauseRequested)) throw cause;
    }
  }

  async #open(config: RunConfig): Promise<Opened> {
    const task = taskNamed(config.task);
    const onGpu = capacitiesOf(config, task, false);
    planMemory(onGpu); // refuses what no adapter could hold
    const kernels = await this.#kernels(config, onGpu);
    const { tile, reduce, store } = kernels;
    const variants = { tile, reduce, store };
    const key =
      referenceKey(config) +
      JSON.stringify([config.rollout, config.optimizer.batch, longestTurns(config), variants]);
    if (this.#opened?.key === key) {
      this.#opened = { ...this.#opened, adapter: { ...this.#opened.adapter, kernels } };
      return this.#opened;
    }
    const { webgpu, rollouts } = this.#env;
    const deviceGone = (): void => {
      this.#training.deviceGone();
      this.#reference.deviceGone();
    };
    const plain = { largestBufferBytes: 0, ...variants };
    const { isSoftware } = await this.#device.open(webgpu, plain, deviceGone);
    const capacities = capacitiesOf(config, task, isSoftware);
    const memory = planMemory(capacities);
    const { largestBufferBytes } = memory;
    if (largestBufferBytes > LARGEST_PLAIN_BUFFER) {
      await this.#device.open(webgpu, { ...plain, largestBufferBytes }, deviceGone);
    }
    const reference = await this.#reference.params(config, task, capacities);
    const opened = await rollouts.open({ task: task.name, capacities, reference, variants });
    const adapter = { ...opened, kernels };
    this.#training.dropAll();
    this.#opened = { key, task, capacities, memory, adapter, reference };
    return this.#opened;
  }

  /** Keeps the rollouts so far if they are of that key. */
  #takeRollouts(key: string): void {
    if (this.#rollouts.take(key)) return;
    this.#ledger.forgetRun();
    this.#training.drop();
  }

  /** The answer of the policy as it is, or of the reference before any training. */
  async chat(request: ChatRequest): Promise<ChatAnswer> {
    const { rollouts } = this.#env;
    const training = this.#training.current;
    if (request.who === 'reference' || !training) return rollouts.chat(request);
    return rollouts.chat(request, await training.trainer.snapshot());
  }

  /** Log-prob in nats of every token of the answers under the policy as it is, or the reference. [N] */
  async score({ who, tokens, turnOf }: ScoreRequest): Promise<number[]> {
    const rows = {
      offsets: Int32Array.of(0, tokens.length),
      tokens: Int32Array.from(tokens),
      trained: Uint8Array.from(turnOf, (turn) => (turn > 0 ? 1 : 0)),
    };
    const policy = who === 'policy' ? await this.#training.current?.trainer.snapshot() : undefined;
    const logp = await this.#env.rollouts.score(rows, policy);
    return Array.from(scatter(rows.trained, logp));
  }

  /**
   * Where the time of a training step and of a decoding step goes, beside what the adapter can do.
   * Between runs, after a step.
   *
   * @throws PlaygroundError 'config-invalid' before the first step.
   */
  async profile(): Promise<StepProfile> {
    const training = this.#training.current;
    if (!training || training.trainer.step === 0) {
      throw new PlaygroundError('config-invalid', 'No step has been taken yet: press Run first.');
    }
    const kernels = await kernelTimes(() => training.trainer.profile());
    const decoding = await this.#env.rollouts.profile();
    return { kernels, decoding, roof: await measureRoof(training.trainer.gpu, ROOF_SECONDS) };
  }

  /** Ends the run in progress at its next safe point. */
  async pause(): Promise<void> {
    this.control.pause();
    this.#training.current?.plan.interrupt();
    await this.#env.rollouts.abort();
  }

  /** The next run trains anew, whatever came before it; tries of the reference stay. */
  forgetTraining(): void {
    this.#training.reset();
    if (this.#isPlayedByPolicy) this.#rollouts.forget();
  }

  /** Forgets rollouts and training; keeps devices and the reference. */
  reset(): void {
    this.#training.reset();
    this.#rollouts.forget();
    this.#judge.forget();
    this.#ledger.forget();
  }

  /** The policy with its optimizer state, or undefined before training. */
  async checkpoint(): Promise<TrainerCheckpoint | undefined> {
    return this.#training.current?.trainer.checkpoint();
  }

  async #end(config: RunConfig): Promise<SessionEnd> {
    const { trainer, plan } = this.#training.current ?? {};
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
    this.#device.destroy();
    await this.#env.rollouts.close();
  }
}
