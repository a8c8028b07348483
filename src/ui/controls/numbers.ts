/** Short text of a number, at most four significant digits: 0.1, 3e-4, 1,024, ∞. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e13) return minus(value.toLocaleString('en-US'));
  if (size !== 0 && (size <= 1e-3 || size >= 1e7)) {
    return minus(
      value
        .toExponential(2)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e'),
    );
  }
  return minus(String(Number(value.toPrecision(4))));
}

/** As `numberText`, rounded to three significant digits. */
export const significant = (value: number): string => numberText(Number(value.toPrecision(3)));

/** With a fixed number of decimals, so that a changing value keeps its width; no −0.00. */
export const fixed = (value: number | undefined, decimals: number): string =>
  value === undefined || !Number.isFinite(value)
    ? '–'
    : minus(value.toFixed(decimals).replace(/^-(?=[0.]+$)/, ''));

/** 1 prompt, 1,024 prompts. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** A share as whole percent. */
export const percent = (share: number | undefined): string =>
  share === undefined || !Number.isFinite(share) ? '–' : `${Math.round(share * 100)} %`;

/** 18,400 → 18.4 k. */
export function compact(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (value >= 999.5e6) return `${(value / 1e9).toPrecision(3)} G`;
  if (value >= 999.5e3) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)} k`;
  return Math.round(value).toLocaleString('en-US');
}

/** 83 → 1 min 23 s. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

const THOUSANDS = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;

/** What a visitor typed, or undefined; reads 3e-4, 1,024, 0,5 and − as well. */
export function parseNumber(text: string): number | undefined {
  const typed = text.trim().replaceAll('−', '-').replace('∞', 'Infinity');
  const plain = THOUSANDS.test(typed) ? typed.replaceAll(',', '') : typed.replace(',', '.');
  if (plain === '') return undefined;
  const value = Number(plain);
  return Number.isNaN(value) ? undefined : value;
}

const minus = (text: string): string => text.replace(/^-/, '−').replace('e-', 'e−');
