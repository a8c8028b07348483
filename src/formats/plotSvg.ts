/** Success rates with their intervals as an SVG of its own: panels in two columns, one legend below. */
import type { Interval } from '../shared/bootstrap';

export interface PlotPoint extends Interval {
  readonly at: number | string; // number: a place on the axis; text: a category
}

export interface PlotPanel {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly { readonly label: string; readonly points: readonly PlotPoint[] }[];
}

const WIDTH = 440; //  of a panel, pixels
const HEIGHT = 360;
const LEFT = 46;
const RIGHT = 14;
const TOP = 34;
const BOTTOM = 46;
const COLUMNS = 2; // a page shows two panels as large as they are
const LEGEND_LINE = 20;
const LEGEND_CHARS = 50; // of a label that leaves room for a second column
const INSET = 30; // of the outermost numbers
const LOG_FROM = 8; // highest / lowest x from which the axis is logarithmic
const DASHES = ['', '8 4', '2 3', '10 3 2 3', '14 3'];

/** Each about the point and of another outline, so that markers on one place are told apart. */
const SHAPES: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `<circle class="dot" cx="${x}" cy="${y}" r="4.5"/>`,
  (x, y) => `<path class="dot" d="M${x} ${y}m-4 -4h8v8h-8z"/>`,
  (x, y) => `<path class="dot" d="M${x} ${y}m0 -6l6 6l-6 6l-6 -6z"/>`,
  (x, y) => `<path class="dot" d="M${x} ${y}m0 -6l5.2 9h-10.4z"/>`,
  (x, y) => `<path class="dot" d="M${x} ${y}m0 6l5.2 -9h-10.4z"/>`,
];

/**
 * Light colors and their dark counterparts; text reaches 4.5 : 1 on either ground. Six have no factor
 * in common with five shapes, so 30 series pass before a marker returns.
 */
const COLORS: readonly (readonly [light: string, dark: string])[] = [
  ['#0b7b70', '#46c4b6'],
  ['#2864d2', '#82adff'],
  ['#bb332c', '#ff8a82'],
  ['#a85705', '#f0a556'],
  ['#7a3fc0', '#c39bff'],
  ['#566271', '#9dabba'],
];

type Series = PlotPanel['series'][number];

/** Text of the SVG. All panels show the same series; the y axis goes from 0 to 1. */
export function encodePlotSvg(panels: readonly PlotPanel[]): string {
  const series = panels[0]?.series ?? [];
  const columns = Math.min(COLUMNS, panels.length);
  const legendTop = HEIGHT * Math.ceil(panels.length / columns) + 16;
  const isWide = series.some(({ label }) => label.length > LEGEND_CHARS);
  const legendRows = Math.ceil(series.length / (isWide ? 1 : columns));
  const width = WIDTH * columns;
  const height = legendTop + LEGEND_LINE * legendRows;
  const dark = COLORS.map(([, color], i) => `.c${i}{color:${color}}`).join('');
  const light = COLORS.map(([color], i) => `.c${i}{color:${color}}`).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(panels.map((p) => `${p.title} by ${p.xLabel}`).join('; '))}</title>`,
    `<style>.bg{fill:#fff}text{fill:#15202c}.grid{stroke:#dde3ea}.line{fill:none;stroke:currentColor;stroke-width:2}.bar{fill:none;stroke:currentColor;opacity:.6}.dot{fill:none;stroke:currentColor;stroke-width:1.6}.band{fill:currentColor;opacity:.12}${light}@media (prefers-color-scheme:dark){.bg{fill:#0e1319}text{fill:#e8edf3}.grid{stroke:#2a3541}${dark}}</style>`,
    `<rect class="bg" width="${width}" height="${height}"/>`,
    ...panels.map((panel, i) => {
      const [x, y] = [WIDTH * (i % columns), HEIGHT * Math.floor(i / columns)];
      return `<g transform="translate(${x} ${y})">${drawn(panel)}</g>`;
    }),
    ...series.map((one, i) => {
      const x = LEFT + WIDTH * Math.floor(i / legendRows);
      return legendLine(one, i, x, legendTop + LEGEND_LINE * (i % legendRows));
    }),
    '</svg>\n',
  ].join('\n');
}

function drawn({ title, xLabel, series }: PlotPanel): string {
  const { places, toX } = xScale(series);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (y) =>
      `<path class="grid" d="M${LEFT} ${toY(y)}H${WIDTH - RIGHT}"/><text x="${LEFT - 6}" y="${toY(y) + 4}" text-anchor="end">${y}</text>`,
  );
  const marks = [...places].map(
    ([at, x]) =>
      `<path class="grid" d="M${x} ${toY(0)}v5"/><text x="${x}" y="${toY(0) + 18}" text-anchor="middle">${escaped(String(at))}</text>`,
  );
  return [
    `<text x="${LEFT}" y="20" font-weight="600">${escaped(title)}</text>`,
    ...ticks,
    ...marks,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(xLabel)}</text>`,
    ...series.map((one, i) => drawnSeries(one, i, toX)),
  ].join('');
}

function drawnSeries({ points }: Series, i: number, toX: ToX): string {
  const x = (p: PlotPoint): number => toX(p.at, i);
  const sorted = [...points].sort((a, b) => x(a) - x(b));
  const path = (ends: readonly (readonly [x: number, y: number])[]): string =>
    ends.map(([px, py], n) => `${n === 0 ? 'M' : 'L'}${px} ${py}`).join('');
  const along = (key: 'mean' | 'low' | 'high'): (readonly [number, number])[] =>
    sorted.map((p) => [x(p), toY(p[key])]);
  return [
    `<g class="c${i % COLORS.length}">`,
    ...(isLine(points)
      ? [
          `<path class="band" d="${path([...along('low'), ...along('high').toReversed()])}Z"/>`,
          line(i, path(along('mean'))),
        ]
      : []),
    ...sorted.map(
      (p) =>
        `<path class="bar" d="M${x(p) - 3} ${toY(p.low)}h6m-3 0V${toY(p.high)}m-3 0h6"/>${dot(x(p), toY(p.mean), i)}`,
    ),
    '</g>',
  ].join('');
}

const isLine = (points: readonly PlotPoint[]): boolean =>
  points.length > 1 && points.every((p) => typeof p.at === 'number');

type ToX = (at: number | string, series: number) => number; // pixels

interface XScale {
  readonly places: ReadonlyMap<number | string, number>; // every x once, with its pixels
  readonly toX: ToX;
}

/**
 * Numbers lie where they lie, on a logarithmic axis where they span much. Categories lie in their order,
 * before numbers that stand among them, their series side by side.
 */
function xScale(series: readonly Series[]): XScale {
  const all = [...new Set(series.flatMap(({ points }) => points.map((p) => p.at)))];
  const numbers = all.filter((at) => typeof at === 'number').sort((a, b) => a - b);
  const distinct = [...all.filter((at) => typeof at === 'string'), ...numbers];
  if (numbers.length === distinct.length) {
    const of = numberScale(numbers);
    return { places: new Map(numbers.map((at) => [at, of(at)])), toX: (at) => of(Number(at)) };
  }
  const room = (WIDTH - RIGHT - LEFT) / distinct.length; // of a category
  const apart = Math.min(12, (0.8 * room) / series.length);
  const middle = (at: number | string): number => LEFT + room * (distinct.indexOf(at) + 0.5);
  return {
    places: new Map(distinct.map((at) => [at, round(middle(at))])),
    toX: (at, i) => round(middle(at) + apart * (i - (series.length - 1) / 2)),
  };
}

/** @param numbers ascending */
function numberScale(numbers: readonly number[]): (at: number) => number {
  const [low, high] = [numbers[0] ?? 0, numbers.at(-1) ?? 0];
  const isLog = low > 0 && high / low >= LOG_FROM;
  const warp = (x: number): number => (isLog ? Math.log(x) : x);
  const share = (at: number): number =>
    low === high ? 0.5 : (warp(at) - warp(low)) / (warp(high) - warp(low));
  return (at) => round(LEFT + INSET + share(at) * (WIDTH - RIGHT - LEFT - 2 * INSET));
}

const toY = (value: number): number => round(HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP));

const line = (i: number, path: string): string =>
  `<path class="line" stroke-dasharray="${DASHES[i % DASHES.length]!}" d="${path}"/>`;

const dot = (x: number, y: number, i: number): string => SHAPES[i % SHAPES.length]!(x, y);

function legendLine({ label, points }: Series, i: number, x: number, y: number): string {
  const width = isLine(points) ? 36 : 12;
  const stroke = isLine(points) ? line(i, `M${x} ${y}h${width}`) : '';
  return `<g class="c${i % COLORS.length}">${stroke}${dot(x + width / 2, y, i)}</g><text x="${x + width + 8}" y="${y + 4}">${escaped(label)}</text>`;
}

const round = (x: number): number => Math.round(10 * x) / 10;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
