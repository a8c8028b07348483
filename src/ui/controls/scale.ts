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

const STOPS = 200; // of a logarithmic slider

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
  return {
    min: 0,
    max: STOPS,
    step: 1,
    toPosition: (value) => Math.round(((Math.log(value) - low) / span) * STOPS),
    toValue: (position) => {
      const value = Math.exp(low + (position / STOPS) * span);
      const rounded = isInteger ? roundSize(value) : Number(value.toPrecision(2));
      return clamp(rounded, min, max);
    },
  };
}

/** Counts are offered as eighths of a power of two, as batch and prompt numbers usually are. */
function roundSize(value: number): number {
  const grain = Math.max(1, 2 ** (Math.floor(Math.log2(value)) - 2));
  return Math.round(value / grain) * grain;
}

const clamp = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));
