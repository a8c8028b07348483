import { forEachRow, type StepColumns } from './coefficients/method';

/** Returns less β_KL·Σ_t (log π_old − log π_ref) over each row's trained tokens. [B] */
export function lessKl(
  returns: Float64Array,
  columns: Pick<StepColumns, 'counts' | 'sampled' | 'reference'>,
  kl: number,
): Float64Array {
  const out = Float64Array.from(returns);
  forEachRow(columns, (row, from, to) => {
    for (let m = from; m < to; m++) out[row]! -= kl * (columns.sampled[m]! - columns.reference[m]!);
  });
  return out;
}

/** What `lessKl` does to R, for the end of a formula; nothing where it does nothing. */
export const costOf = (kl: number): string =>
  kl > 0 ? `; R less ${kl}·(log π_old − log π_ref) of the try` : '';
