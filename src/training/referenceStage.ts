import type { RunConfig } from '../config/runConfig';
import type { Task } from '../data/task';
import { initialParams, paramLayout } from '../model/params';
import type { Capacities } from './memory';
import { pretrain, PRETRAIN_RULES } from './pretrain';
import { Countdown } from './runControl';
import { emitStep, Paused, type Shared } from './surroundings';
import type { Trainer } from './trainer';
import type { TrainerDevice } from './trainerDevice';

/** Settings that decide the reference policy, as a key. */
export const referenceKey = ({ task, seed, reference, model }: RunConfig): string =>
  JSON.stringify(reference.source === 'shipped' ? [task, model] : [task, model, reference, seed]);

/** First stage: the reference policy, loaded or pretrained; pretraining goes on where it was paused. */
export class ReferenceStage {
  readonly #shared: Shared;
  readonly #device: TrainerDevice;
  #pretraining: { readonly key: string; readonly trainer: Trainer } | undefined;
  #pretrained: { readonly key: string; readonly params: Float32Array<ArrayBuffer> } | undefined;

  constructor(shared: Shared, device: TrainerDevice) {
    this.#shared = shared;
    this.#device = device;
  }

  /** Parameters [P] of the reference. */
  async params(
    config: RunConfig,
    task: Task,
    capacities: Capacities,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { env, control, ledger } = this.#shared;
    if (config.reference.source === 'shipped') return env.loadReference(config);
    const key = referenceKey(config);
    if (this.#pretrained?.key === key) return this.#pretrained.params;
    const trainer = await this.#trainerFor(key, config, capacities);
    const { steps } = config.reference;
    const clock = new Countdown(trainer.step);
    const work = pretrain(trainer, task, config, async (report) => {
      await emitStep(env, 'pretrain', report, steps, clock);
      await control.pace();
      return !control.pauseRequested;
    });
    await ledger.during('pretrain', work);
    if (trainer.step < steps) throw new Paused();
    this.#pretrained = { key, params: await trainer.snapshot() };
    trainer.destroy();
    this.#pretraining = undefined;
    return this.#pretrained.params;
  }

  async #trainerFor(key: string, config: RunConfig, capacities: Capacities): Promise<Trainer> {
    if (this.#pretraining?.key === key) return this.#pretraining.trainer;
    this.#pretraining?.trainer.destroy();
    this.#pretraining = undefined;
    const { weightDecay } = config.reference;
    const trainer = await this.#device.createTrainer(capacities, {
      ...PRETRAIN_RULES,
      weightDecay,
    });
    trainer.load(initialParams(paramLayout(capacities.shape), config.seed));
    this.#pretraining = { key, trainer };
    return trainer;
  }

  /** Kernels of another form would have made another one. */
  forget(): void {
    this.#pretraining?.trainer.destroy();
    this.#pretraining = undefined;
    this.#pretrained = undefined;
  }

  /** The device goes, and with it a pretraining in progress. */
  deviceGone(): void {
    this.#pretraining = undefined;
  }
}
