/** The only user of the plotting library: lines on a canvas, their last values at their ends. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { legendImage } from './legendImage';
import { fillMarker, type Marker } from './markers';

export interface PlotSeries {
  readonly name: string;
  readonly color: string; // name of a CSS custom property, such as '--weight'
  readonly dash: readonly number[]; // pixels; [] = solid
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>; // NaN = no point
  /** What the line is a mean of lies in between. */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> };
  readonly dots?: boolean;
  readonly marker?: Marker; // shape of its dots
  /** Short text before the last value at the line's end. */
  readonly endLabel?: string;
}

export interface PlotOptions {
  readonly xLabel: string;
  readonly yRange?: readonly [number, number];
  readonly xRange?: readonly [number, number];
  readonly height: number; // CSS pixels
  readonly endText: (y: number) => string; // '' = no text at line ends
  readonly axisText: (y: number) => string;
  /** Called with the x under the pointer, and undefined when it leaves. */
  readonly onPoint: (x: number | undefined) => void;
}

export interface LinePlot {
  setData(series: readonly PlotSeries[]): void;
  resize(width: number): void;
  /** Reads the colours again. */
  restyle(): void;
  /** The plot under its title and what its y are, with a legend. */
  toBlob(title: string, yLabel: string): Promise<Blob | null>;
  destroy(): void;
}

const FONT = '11px system-ui, sans-serif';
const END_FONT = '600 11px system-ui, sans-serif';
const TITLE_FONT = '600 13px system-ui, sans-serif';
const HEAD = 44; //  CSS pixels of a picture that is taken away: title, and unit below
const MARGIN = 8; // CSS pixels beside them
const LABEL_HEIGHT = 13; // CSS pixels between end labels
const BAND_ALPHA = 0.16;
const DOT_RADIUS = 3.5; // CSS pixels
const LABEL_GAP = 6; //     CSS pixels between a line's end and its label
/** Grain of the x axis: steps, turns and tokens are whole, and seconds do well with it. */
const WHOLE = Array.from({ length: 12 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat();

/** Lines in an element, which must be in the document. */
export function createLinePlot(element: HTMLElement, options: PlotOptions): LinePlot {
  let plot: uPlot | undefined;
  let shown: readonly PlotSeries[] = [];
  let look = '';
  let width = element.clientWidth;

  const build = (): void => {
    plot?.destroy();
    plot = new uPlot(
      plotOptions(element, options, () => shown, width),
      joined(shown),
      element,
    );
    plot.ctx.canvas.addEventListener('contextrestored', build); // a GPU process that ends takes the picture along
  };

  return {
    setData(series) {
      shown = series;
      const nextLook = JSON.stringify(
        series.map((s) => [s.name, s.color, s.dash, s.dots, s.marker]),
      );
      if (plot && nextLook === look) {
        plot.setData(joined(series));
        plot.redraw(false, true); // anew with room for the texts at line ends, where all ranges stay, too
      } else build();
      look = nextLook;
    },
    resize(next) {
      if (next === width || next <= 0) return;
      width = next;
      plot?.setSize({ width, height: options.height });
    },
    restyle: () => plot && build(),
    toBlob: (title, yLabel) => imageOf(element, shown, title, yLabel),
    destroy: () => plot?.destroy(),
  };
}

/** All series on the union of their x. */
function joined(series: readonly PlotSeries[]): uPlot.AlignedData {
  if (series.length === 0) return [[]];
  const tables = series.map(({ x, y }): uPlot.AlignedData => [
    Array.from(x),
    Array.from(y, (value) => (Number.isFinite(value) ? value : null)),
  ]);
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

function plotOptions(
  element: HTMLElement,
  options: PlotOptions,
  shown: () => readonly PlotSeries[], // newer than those the look was made for
  width: number,
): uPlot.Options {
  const ink = colorOf(element, '--muted');
  const grid = { stroke: colorOf(element, '--line'), width: 1 };
  const axis = { stroke: ink, font: FONT, ticks: { show: false } };
  const hasEnds = options.endText(0) !== '';
  return {
    width,
    height: options.height,
    padding: [10, hasEnds ? () => endWidth(options, shown()) : 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: (_, low, high) => rangeOf(options.xRange, low, high) },
      y: { range: (_, low, high) => rangeOf(options.yRange, Math.min(0, low ?? 0), high) },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 5,
        incrs: WHOLE,
        label: options.xLabel,
        labelFont: FONT,
        labelSize: 15,
        labelGap: 0,
        grid: { show: false },
      },
      {
        ...axis,
        size: (_, ticks) => Math.max(40, ...(ticks ?? []).map((tick) => 6 + 7 * tick.length)),
        gap: 4,
        grid,
        space: 34,
        values: (_, ticks) => ticks.map(options.axisText),
      },
    ],
    series: [
      {},
      ...shown().map((s): uPlot.Series => ({
        label: s.name,
        stroke: colorOf(element, s.color),
        width: 2,
        dash: [...s.dash],
        spanGaps: true,
        points: { show: false },
      })),
    ],
    hooks: {
      drawAxes: [(u) => drawBands(u, element, shown())],
      draw: [
        (u) => drawDots(u, element, shown()),
        (u) => hasEnds && drawEnds(u, element, options, shown()),
      ],
      setCursor: [
        (u) => options.onPoint(u.cursor.idx == null ? undefined : u.data[0][u.cursor.idx]),
      ],
    },
  };
}

/** The last value of a line, as its end says it. */
function endTextOf({ y, endLabel }: PlotSeries, { endText }: PlotOptions): string {
  const last = lastFinite(y);
  if (last < 0) return '';
  return endLabel ? `${endLabel} ${endText(y[last]!)}` : endText(y[last]!);
}

const measuring = document.createElement('canvas').getContext('2d')!;

/** Room for the texts at line ends, in CSS pixels; it grows in leaps, so that lines seldom move. */
function endWidth(options: PlotOptions, series: readonly PlotSeries[]): number {
  measuring.font = END_FONT;
  const widths = series.map((s) => measuring.measureText(endTextOf(s, options)).width);
  return 10 * Math.ceil((Math.max(36, ...widths) + LABEL_GAP + 2) / 10);
}

function rangeOf(
  fixedRange: readonly [number, number] | undefined,
  low: number | null,
  high: number | null,
): uPlot.Range.MinMax {
  if (fixedRange) return [...fixedRange];
  const from = low ?? 0;
  const to = high ?? 1;
  return [from, to > from ? to : from + 1];
}

/** The last value of each line beside its end; texts that would overlap are pushed apart. */
function drawEnds(
  u: uPlot,
  element: HTMLElement,
  options: PlotOptions,
  series: readonly PlotSeries[],
): void {
  const scale = uPlot.pxRatio;
  const ends = series.flatMap((s) => {
    const last = lastFinite(s.y);
    if (last < 0) return [];
    return [
      {
        text: endTextOf(s, options),
        color: colorOf(element, s.color === '--reference' ? '--muted' : s.color),
        x: u.valToPos(s.x[last]!, 'x', true) + LABEL_GAP * scale,
        y: u.valToPos(s.y[last]!, 'y', true),
      },
    ];
  });
  ends.sort((a, b) => a.y - b.y);
  const floor = u.bbox.top + u.bbox.height;
  ends.forEach((end, i) => {
    const above = ends[i - 1];
    if (above) end.y = Math.max(end.y, above.y + LABEL_HEIGHT * scale);
  });
  ends.toReversed().forEach((end, i, all) => {
    const below = all[i - 1];
    end.y = Math.min(end.y, below ? below.y - LABEL_HEIGHT * scale : floor);
  });
  u.ctx.save();
  u.ctx.font = END_FONT.replace('11px', `${11 * scale}px`);
  u.ctx.textAlign = 'left';
  u.ctx.textBaseline = 'middle';
  for (const end of ends) {
    u.ctx.fillStyle = end.color;
    u.ctx.fillText(end.text, end.x, end.y);
  }
  u.ctx.restore();
}

/** The points of the lines that show theirs. */
function drawDots(u: uPlot, element: HTMLElement, series: readonly PlotSeries[]): void {
  const radius = DOT_RADIUS * uPlot.pxRatio;
  u.ctx.save();
  for (const { x: xs, y: ys, color, dots, marker } of series) {
    if (!dots) continue;
    u.ctx.fillStyle = colorOf(element, color);
    for (let i = 0; i < ys.length; i++) {
      if (!Number.isFinite(ys[i])) continue;
      const x = u.valToPos(xs[i]!, 'x', true);
      const y = u.valToPos(ys[i]!, 'y', true);
      fillMarker(u.ctx, marker, { x, y, radius });
    }
  }
  u.ctx.restore();
}

/** The ground between the lowest and the highest of what a line is a mean of. */
function drawBands(u: uPlot, element: HTMLElement, series: readonly PlotSeries[]): void {
  u.ctx.save();
  u.ctx.globalAlpha = BAND_ALPHA;
  for (const { x, band, color } of series) {
    if (!band) continue;
    const corners = Array.from(x, (_, i) => i);
    u.ctx.fillStyle = colorOf(element, color);
    u.ctx.beginPath();
    const to = (i: number, y: ArrayLike<number>): void =>
      u.ctx.lineTo(u.valToPos(x[i]!, 'x', true), u.valToPos(y[i]!, 'y', true));
    corners.forEach((i) => to(i, band.low));
    corners.toReversed().forEach((i) => to(i, band.high));
    u.ctx.fill();
  }
  u.ctx.restore();
}

function lastFinite(y: ArrayLike<number>): number {
  let i = y.length - 1;
  while (i >= 0 && !Number.isFinite(y[i])) i--;
  return i;
}

/** A custom property as the browser resolves it; `light-dark()` and all. */
function colorOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The canvas on the card's background, under its title and unit, with the legend below. */
function imageOf(
  element: HTMLElement,
  series: readonly PlotSeries[],
  title: string,
  yLabel: string,
): Promise<Blob | null> {
  const drawn = element.querySelector('canvas');
  if (!drawn) return Promise.resolve(null);
  const scale = uPlot.pxRatio;
  measuring.font = FONT;
  const textWidth = (text: string): number => measuring.measureText(text).width;
  const legend = legendImage(series, drawn.width / scale, textWidth);
  const canvas = document.createElement('canvas');
  canvas.width = drawn.width;
  canvas.height = drawn.height + (HEAD + legend.height) * scale;
  const context = canvas.getContext('2d')!;
  context.fillStyle = colorOf(element, '--card');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawn, 0, HEAD * scale);
  context.scale(scale, scale);
  context.fillStyle = colorOf(element, '--ink');
  context.font = TITLE_FONT;
  const room = drawn.width / scale - 2 * MARGIN;
  context.fillText(title, MARGIN, 18, room);
  context.fillStyle = colorOf(element, '--muted');
  context.font = FONT;
  context.fillText(yLabel, MARGIN, 34, room);
  context.translate(0, HEAD + drawn.height / scale);
  legend.draw(context, (name) => colorOf(element, name));
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
