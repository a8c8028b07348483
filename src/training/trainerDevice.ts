import { Gpu } from '../gpu/gpu';
import { invariant } from '../shared/invariant';
import type { Capacities } from './memory';
import type { AdamwRules } from './optimizer';
import { Trainer } from './trainer';

/** The trainer's device: opened when first needed, and anew where larger buffers are. */
export class TrainerDevice {
  #opened: { readonly gpu: Gpu; readonly largestBufferBytes: number } | undefined;

  /**
   * The device, with room for buffers of that size.
   *
   * @param beforeReplacing lets go of what lives on the device that is in the way
   */
  async open(
    webgpu: GPU | undefined,
    largestBufferBytes: number,
    beforeReplacing: () => void,
  ): Promise<Gpu> {
    if (this.#opened && this.#opened.largestBufferBytes >= largestBufferBytes) {
      return this.#opened.gpu;
    }
    if (this.#opened) beforeReplacing();
    this.destroy();
    const gpu = await Gpu.open(webgpu, { largestBufferBytes });
    this.#opened = { gpu, largestBufferBytes };
    return gpu;
  }

  async createTrainer({ shape, train }: Capacities, rules: AdamwRules): Promise<Trainer> {
    invariant(this.#opened !== undefined, 'A trainer was made before its device.');
    return Trainer.create(this.#opened.gpu, shape, train, rules);
  }

  destroy(): void {
    this.#opened?.gpu.destroy();
    this.#opened = undefined;
  }
}
