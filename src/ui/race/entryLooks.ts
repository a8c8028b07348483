import { variantsOf, type Variant } from '../../config/variants';
import { methodNameOf } from '../../state/raceEntries';
import { MARKERS, type Marker } from '../charts/markers';
import { lookOf } from '../results/lines';

/** How an entry's line looks; no two look alike without their colors. */
export interface EntryLook {
  readonly color: string; // custom property
  readonly dash: readonly number[];
  readonly marker: Marker;
}

/** Five dashes and seven markers, taken in turn, make 35 pairs. */
const DASHES: readonly (readonly number[])[] = [[], [9, 4], [3, 3], [12, 3, 3, 3], [1, 4]];
const SHADES = ['', '-deep', '-pale'];

/** The looks of a task's ready-made entries, and of others after them; relatives share a hue. */
export function entryLooks(
  task: string,
  entries: readonly Variant[],
): ReadonlyMap<string, EntryLook> {
  const offered = variantsOf(task);
  const names = new Set(offered.map(({ name }) => name));
  const all = [...offered, ...entries.filter(({ name }) => !names.has(name))];
  const relatives = new Map<string, number>();
  return new Map(
    all.map((entry, n) => {
      const { color } = lookOf(methodNameOf(entry));
      const nth = relatives.get(color) ?? 0;
      relatives.set(color, nth + 1);
      const shade = color === '--ink' ? '' : SHADES[nth % SHADES.length]!;
      const dash = DASHES[n % DASHES.length]!;
      return [entry.name, { color: color + shade, dash, marker: MARKERS[n % MARKERS.length]! }];
    }),
  );
}
