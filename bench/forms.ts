/** Which forms our kernels are measured in. */
import { findAdapter, usualVariants } from '../src/gpu/adapter';
import type { Variants } from '../src/shared/kernelForms';
import { calibrate } from '../src/training/calibrate';
import { shapeOf, type BenchConfig } from './workload';

/** What the command line says of them. */
export interface FormsWanted {
  readonly forms: Partial<Variants>; // those that are given
  /** Whether the others are found by measuring; undefined: on a GPU they are, on a software adapter not. */
  readonly calibrate: boolean | undefined;
}

/** The forms for a configuration on this adapter: given, or else measured, or else the usual ones. */
export async function formsFor(
  webgpu: GPU,
  config: BenchConfig,
  wanted: FormsWanted,
): Promise<{ readonly forms: Variants; readonly calibrated: boolean }> {
  const { traits } = await findAdapter(webgpu);
  const { tile, reduce, store } = wanted.forms;
  const calibrated = (wanted.calibrate ?? !traits.isSoftware) && !(tile && reduce && store);
  const tokens = config.batch * config.context;
  const found = calibrated
    ? await calibrate(webgpu, {
        isSoftware: traits.isSoftware,
        shape: shapeOf(config),
        train: { tokens, scored: tokens },
      })
    : usualVariants(traits);
  return {
    calibrated,
    forms: {
      tile: tile ?? found.tile,
      reduce: reduce ?? found.reduce,
      store: store ?? found.store,
    },
  };
}
