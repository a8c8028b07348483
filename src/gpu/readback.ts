import { invariant } from '../shared/invariant';
import type { Gpu } from './gpu';
import { submit, type Command } from './plan';
import { capacityOfTensor, lengthOfTensor, type Tensor } from './tensor';

const READ_USAGE = 0x01 | 0x08; // MAP_READ | COPY_DST

/** A copy that is on its way: give it to `submit` once, then wait for its bytes. */
export interface Reading extends Command {
  /** What the tensors held; one ArrayBuffer (f32, i32 or u32) each. Call once, after the submit. */
  bytes(): Promise<ArrayBuffer[]>;
}

/**
 * Reads the same tensors again and again without creating anything: a ring of staging buffers, so
 * that the copy of one step can be mapped while the next step runs.
 */
export class Readback {
  readonly #ring: { readonly buffer: GPUBuffer; busy: boolean }[];

  constructor(
    readonly gpu: Gpu,
    readonly tensors: readonly Tensor[],
    slots = 3,
  ) {
    const bytes = tensors.reduce((n, t) => n + 4 * capacityOfTensor(t), 0);
    this.#ring = Array.from({ length: slots }, () => ({
      buffer: gpu.createBuffer('readback', Math.max(16, bytes), READ_USAGE),
      busy: false,
    }));
  }

  /** A copy of the tensors as they are where it stands among the commands of a submit. */
  reading(): Reading {
    const slot = this.#ring.find((s) => !s.busy);
    invariant(slot !== undefined, 'More readbacks are pending than the ring has slots.');
    slot.busy = true;
    const lengths = this.tensors.map((t) => 4 * lengthOfTensor(t));
    return {
      encode: (encoder) => {
        let at = 0;
        this.tensors.forEach(({ buffer, offsetBytes }, i) => {
          const bytes = lengths[i]!;
          if (bytes > 0) encoder.copyBufferToBuffer(buffer, offsetBytes, slot.buffer, at, bytes);
          at += bytes;
        });
      },
      bytes: async () => {
        try {
          await this.gpu.race(slot.buffer.mapAsync(1));
          this.gpu.check();
          const all = slot.buffer.getMappedRange();
          let from = 0;
          const parts = lengths.map((bytes) => all.slice(from, (from += bytes)));
          slot.buffer.unmap();
          return parts;
        } finally {
          slot.busy = false;
        }
      },
    };
  }

  /** Copies the tensors as they are after all work submitted so far; one ArrayBuffer each. */
  async read(): Promise<ArrayBuffer[]> {
    const reading = this.reading();
    await submit(this.gpu, [reading]);
    return reading.bytes();
  }

  destroy(): void {
    for (const { buffer } of this.#ring) this.gpu.free({ buffer });
  }
}
