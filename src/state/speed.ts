const OVER_MS = 1000;

/**
 * A rate at step `i`, of the last second up to it: of a single step it means little, since a page that
 * was busy notices two steps at once, and the second as if it had taken no time.
 *
 * @param rate per second [steps]
 * @param ms what each step took [steps]
 */
export function speedAt(rate: ArrayLike<number>, ms: ArrayLike<number>, i: number): number {
  let done = 0;
  let time = 0;
  for (let at = i; at >= 0 && time < OVER_MS; at--) {
    done += rate[at]! * ms[at]!;
    time += ms[at]!;
  }
  return done / time;
}
