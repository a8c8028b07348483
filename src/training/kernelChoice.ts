import type { EngineConfig } from '../config/trainingConfig';
import type { Calibration, KernelForms } from '../data/results';
import { usualVariants, type AdapterTraits } from '../gpu/adapter';
import { KERNELS_VERSION } from './calibrate';

/**
 * The forms of a run's kernels: what the settings say; what was measured; what is usual.
 *
 * @param measured on this adapter, if it was
 */
export function chooseKernels(
  { tile, reduce, store }: Pick<EngineConfig, 'tile' | 'reduce' | 'store'>,
  traits: Pick<AdapterTraits, 'isSoftware' | 'hasSubgroups'>,
  measured: Calibration | undefined,
): KernelForms {
  const found = measured ?? usualVariants(traits);
  const from = measured ? 'measured' : 'usual';
  return {
    ...(tile === 'auto' ? { tile: found.tile, tileFrom: from } : { tile, tileFrom: 'set' }),
    ...(reduce === 'auto'
      ? { reduce: found.reduce, reduceFrom: from }
      : { reduce, reduceFrom: 'set' }),
    ...(store === 'auto' ? { store: found.store, storeFrom: from } : { store, storeFrom: 'set' }),
  };
}

/** What was measured, by adapter. A choice is kept until somebody asks for another measurement. */
export class Calibrations {
  readonly #byAdapter = new Map<string, Calibration>();

  /** Takes what was measured here or earlier; of other kernels it says nothing. */
  adopt(calibration: Calibration): void {
    if (calibration.version !== KERNELS_VERSION) return;
    this.#byAdapter.set(calibration.adapter, calibration);
  }

  of({ name }: Pick<AdapterTraits, 'name'>): Calibration | undefined {
    return this.#byAdapter.get(name);
  }
}
