/** How a slider's positions map to a setting's values. */
export interface Scale {
  readonly min: number; // position
  readonly max: number;
  readonly step: number;
  readonly toPosition: (value: number) => number;
  readonly toValue: (position: number) => number;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isInteger: boolean;
  readonly scale: 'linear' | 'log' | undefined;
  readonly step: number | undefined;
}

const STOPS = 200; // of a logarithmic slider, at most

/** The scale of a numeric setting; logarithmic ones give two significant digits. */
export function scaleOf({ min, max, isInteger, scale, step }: Range): Scale {
  if (scale !== 'log' || min <= 0) {
    const grain = step ?? (isInteger ? 1 : (max - min) / 100);
    return {
      min,
      max,
      step: grain,
      toPosition: (value) => value,
      toValue: (position) => clamp(Number(position.toPrecision(6)), min, max),
    };
  }
  const low = Math.log(min);
  const span = Math.log(max) - low;
  const rounded = Array.from({ length: STOPS + 1 }, (_, i) => {
    const value = Math.exp(low + (i / STOPS) * span);
    return clamp(isInteger ? roundSize(value) : Number(value.toPrecision(2)), min, max);
  });
  const values = [...new Set(rounded)]; // so that every step of the slider is another value
  return {
    min: 0,
    max: values.length - 1,
    step: 1,
    toPosition: (value) => nearest(values, value),
    toValue: (position) => values[position]!,
  };
}

/** Index of the one of ascending values whose ratio to `value` is nearest to 1. */
function nearest(values: readonly number[], value: number): number {
  const above = values.findIndex((v) => v >= value);
  if (above < 1) return above === 0 ? 0 : values.length - 1;
  return value / values[above - 1]! < values[above]! / value ? above - 1 : above;
}

/** Counts are offered as eighths of a power of two, as batch and prompt numbers usually are. */
function roundSize(value: number): number {
  const grain = Math.max(1, 2 ** (Math.floor(Math.log2(value)) - 2));
  return Math.round(value / grain) * grain;
}

const clamp = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));
