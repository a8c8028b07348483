import { z } from 'zod';
import { REDUCE_VARIANTS, STORE_VARIANTS, TILE_VARIANTS } from '../shared/kernelForms';

const MOST_ADAPTERS = 20;

const Ms = z.number().min(0);

const Calibrations = z
  .array(
    z.strictObject({
      adapter: z.string().min(1).max(200),
      version: z.int().min(1),
      at: z.iso.datetime(),
      tile: z.enum(TILE_VARIANTS),
      reduce: z.enum(REDUCE_VARIANTS),
      store: z.enum(STORE_VARIANTS),
      tileMs: z.partialRecord(z.enum(TILE_VARIANTS), Ms),
      reduceMs: z.partialRecord(z.enum(REDUCE_VARIANTS), Ms),
      storeMs: z.partialRecord(z.enum(STORE_VARIANTS), Ms),
    }),
  )
  .max(MOST_ADAPTERS);

type Stored = Readonly<z.infer<typeof Calibrations>>;

/** Text of what was measured, the newest last; more adapters than a reader takes make way. */
export const encodeCalibrations = (all: Stored): string =>
  JSON.stringify(all.slice(-MOST_ADAPTERS));

/** What was measured, out of a text that others may have written; none where it cannot be read. */
export function parseCalibrations(text: string): Stored {
  try {
    return Calibrations.parse(JSON.parse(text));
  } catch {
    return []; // measured anew when asked for
  }
}
