import { describe, expect, it } from 'vitest';
import { encodePlotSvg, type PlotPoint } from './plotSvg';

const SERIES = 12;

/** A panel of 12 series with one point each. */
const plotOf = (at: (series: number) => PlotPoint['at']): string =>
  encodePlotSvg([
    {
      title: 'Success',
      xLabel: 'x',
      series: Array.from({ length: SERIES }, (_, i) => ({
        label: `series ${i}`,
        points: [{ at: at(i), mean: 0.9, low: 0.8, high: 1 }],
      })),
    },
  ]);

/** What is drawn as a point: first those of the panel, then those of the legend. */
const markersOf = (svg: string): readonly { x: number; look: string }[] =>
  [...svg.matchAll(/<g class="c\d">.*?<\/g>/g)].map(([group]) => {
    const [dot = ''] = /<[a-z]+ class="dot"[^>]*>/.exec(group) ?? [];
    const [, x] = /(?:cx="|d="M)([\d.]+)/.exec(dot) ?? [];
    const shape = dot.replace(/cx="[\d.]+" cy="[\d.]+"|M[\d.]+ [\d.]+/, '');
    return { x: Number(x), look: group.slice(0, '<g class="c0">'.length) + shape };
  });

const tickOf = (svg: string, label: string): number =>
  Number(new RegExp(`<text x="([\\d.]+)"[^>]*>${label}</text>`).exec(svg)?.[1]);

describe('encodePlotSvg', () => {
  it.each([
    ['logarithmic', [5, 25, 1000]],
    ['linear', [2, 2.9, 3]],
    ['one-valued', [25, 25, 25]],
  ])('sets every series to the tick of its number on a %s axis', (_, numbers) => {
    const svg = plotOf((i) => numbers[i % 3]!);
    const drawn = markersOf(svg).slice(0, SERIES);
    expect(drawn.map(({ x }) => x)).toEqual(
      drawn.map((_marker, i) => tickOf(svg, String(numbers[i % 3]))),
    );
  });

  it('gives each of 12 series a marker of its own, the same in the legend', () => {
    const looks = markersOf(plotOf(() => 25)).map(({ look }) => look);
    expect(looks).toHaveLength(2 * SERIES);
    expect(new Set(looks).size).toBe(SERIES);
    expect(looks.slice(SERIES)).toEqual(looks.slice(0, SERIES));
  });

  it('sets series side by side in a category, nearer to its tick than to any other', () => {
    const names = ['a1', 'b1', 'c1'];
    const svg = plotOf((i) => names[i % 3]!);
    const ticks = names.map((name) => tickOf(svg, name));
    const xs = markersOf(svg).map(({ x }) => x);
    expect(new Set(xs.slice(0, SERIES)).size).toBe(SERIES);
    for (const [i, x] of xs.slice(0, SERIES).entries()) {
      const distances = ticks.map((tick) => Math.abs(tick - x));
      expect(distances.indexOf(Math.min(...distances))).toBe(i % 3);
    }
  });

  it('breaks panels into rows of two', () => {
    const sizeOf = (count: number): number[] => {
      const panel = { title: 'Success', xLabel: 'x', series: [] };
      const svg = encodePlotSvg(Array.from({ length: count }, () => panel));
      return /width="(\d+)" height="(\d+)"/.exec(svg)!.slice(1).map(Number);
    };
    const [width, height] = sizeOf(2);
    expect(sizeOf(4)[0]).toBe(width);
    expect(sizeOf(4)[1]).toBeGreaterThan(1.9 * height!);
    expect(sizeOf(3)).toEqual(sizeOf(4));
  });
});
