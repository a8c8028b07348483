import type { EngineConfig } from '../config/trainingConfig';
import type { Calibration, KernelForms } from '../data/results';
import { usualVariants, type AdapterTraits } from '../gpu/adapter';
import { KERNELS_VERSION } from './calibrate';
import type { Capacities } from './memory';

type Tile = Pick<KernelForms, 'tile' | 'tileFrom'>;

/**
 * The forms of a run's kernels: what the settings say; on a software adapter small tiles for brief
 * work, because large ones compile for longer than it takes; what was measured; what is usual.
 *
 * @param measured on this adapter, if it was
 */
export function chooseKernels(
  { tile, reduce }: EngineConfig,
  { isSoftware }: Pick<AdapterTraits, 'isSoftware'>,
  isBrief: Capacities['isBrief'],
  measured: Calibration | undefined,
): KernelForms {
  const found = measured ?? usualVariants(isSoftware, false);
  const from = measured ? 'measured' : 'usual';
  const tileFor = (isBriefPart: boolean): Tile => {
    if (tile !== 'auto') return { tile, tileFrom: 'set' };
    if (!isSoftware || !isBriefPart) return { tile: found.tile, tileFrom: from };
    return { tile: usualVariants(isSoftware, true).tile, tileFrom: 'brief' };
  };
  const training = tileFor(isBrief.training);
  const sampling = tileFor(isBrief.sampling);
  return {
    ...training,
    ...(sampling.tile !== training.tile && { samplingTile: sampling.tile }),
    ...(reduce === 'auto'
      ? { reduce: found.reduce, reduceFrom: from }
      : { reduce, reduceFrom: 'set' }),
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
