import { Gpu, type GpuOptions } from '../gpu/gpu';
import { invariant } from '../shared/invariant';
import type { Capacities } from './memory';
import type { AdamwRules } from './optimizer';
import { Trainer } from './trainer';

const FORMS = ['tile', 'reduce', 'store'] as const;

/** What a device is opened for. */
type Needs = Required<Pick<GpuOptions, 'largestBufferBytes' | (typeof FORMS)[number]>>;

/** The trainer's device: opened when first needed, and anew for larger buffers or other kernels. */
export class TrainerDevice {
  #opened: { readonly gpu: Gpu; readonly needs: Needs } | undefined;

  /**
   * The device, with room for buffers of that size, and kernels of those forms.
   *
   * @param beforeReplacing lets go of what lives on the device that is in the way
   */
  async open(webgpu: GPU | undefined, needs: Needs, beforeReplacing: () => void): Promise<Gpu> {
    const had = this.#opened?.needs;
    const hasForms = FORMS.every((form) => had?.[form] === needs[form]);
    if (this.#opened && hasForms && had!.largestBufferBytes >= needs.largestBufferBytes) {
      return this.#opened.gpu;
    }
    if (this.#opened) beforeReplacing();
    this.destroy();
    const gpu = await Gpu.open(webgpu, { ...needs, timestamps: true }); // kernels are timed on demand
    this.#opened = { gpu, needs };
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
