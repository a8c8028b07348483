/** Success rates with their intervals as an SVG of its own: panels side by side, one legend below. */
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
const HEIGHT = 300;
const LEFT = 46;
const RIGHT = 14;
const TOP = 34;
const BOTTOM = 46;
const LEGEND_LINE = 20;
const LOG_FROM = 8; // highest / lowest x from which the axis is logarithmic
const DASHES = ['', '8 4', '2 3', '10 3 2 3', '14 3'];
const SHAPES = ['circle', 'square', 'diamond'] as const;

/** Light colors and their dark counterparts; text reaches 4.5 : 1 on either ground. */
const COLORS: readonly (readonly [light: string, dark: string])[] = [
  ['#0b7b70', '#46c4b6'],
  ['#2864d2', '#82adff'],
  ['#bb332c', '#ff8a82'],
  ['#a85705', '#f0a556'],
  ['#7a3fc0', '#c39bff'],
  ['#566271', '#9dabba'],
];

/** Text of the SVG. All panels show the same series; the y axis goes from 0 to 1. */
export function encodePlotSvg(panels: readonly PlotPanel[]): string {
  const labels = panels[0]?.series.map((s) => s.label) ?? [];
  const width = WIDTH * panels.length;
  const height = HEIGHT + LEGEND_LINE * labels.length + 8;
  const dark = COLORS.map(([, color], i) => `.c${i}{color:${color}}`).join('');
  const light = COLORS.map(([color], i) => `.c${i}{color:${color}}`).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(panels.map((p) => `${p.title} by ${p.xLabel}`).join('; '))}</title>`,
    `<style>.bg{fill:#fff}text,.ink{fill:#15202c}.grid{stroke:#dde3ea}.line{fill:none;stroke:currentColor;stroke-width:2}.dot{fill:currentColor}.band{fill:currentColor;opacity:.12}${light}@media (prefers-color-scheme:dark){.bg{fill:#0e1319}text,.ink{fill:#e8edf3}.grid{stroke:#2a3541}${dark}}</style>`,
    `<rect class="bg" width="${width}" height="${height}"/>`,
    ...panels.map((panel, i) => `<g transform="translate(${i * WIDTH} 0)">${drawn(panel)}</g>`),
    ...labels.map((label, i) => legendLine(label, i)),
    '</svg>\n',
  ].join('\n');
}

function drawn({ title, xLabel, series }: PlotPanel): string {
  const toX = xScale(series.flatMap((s) => s.points.map((p) => p.at)));
  const toY = (value: number): number => round(HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (y) =>
      `<path class="grid" d="M${LEFT} ${toY(y)}H${WIDTH - RIGHT}"/><text x="${LEFT - 6}" y="${toY(y) + 4}" text-anchor="end">${y}</text>`,
  );
  const places = [...toX.places].map(
    ([at, x]) =>
      `<text x="${x}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${escaped(String(at))}</text>`,
  );
  return [
    `<text x="${LEFT}" y="20" font-weight="600">${escaped(title)}</text>`,
    ...ticks,
    ...places,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(xLabel)}</text>`,
    ...series.map(({ points }, i) => lineOf(points, i, toX, toY)),
  ].join('');
}

function lineOf(points: readonly PlotPoint[], i: number, toX: XScale, toY: (y: number) => number) {
  const sorted = [...points].sort((a, b) => toX.of(a.at) - toX.of(b.at));
  const path = (ends: readonly (readonly [x: number, y: number])[]): string =>
    ends.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const along = (key: 'mean' | 'low' | 'high'): (readonly [number, number])[] =>
    sorted.map((p) => [toX.of(p.at), toY(p[key])]);
  const isLine = sorted.every((p) => typeof p.at === 'number') && sorted.length > 1;
  const dash = DASHES[i % DASHES.length]!;
  return [
    `<g class="c${i % COLORS.length}">`,
    isLine
      ? `<path class="band" d="${path([...along('low'), ...along('high').toReversed()])}Z"/>`
      : '',
    isLine ? `<path class="line" stroke-dasharray="${dash}" d="${path(along('mean'))}"/>` : '',
    ...sorted.map((p) => {
      const x = toX.of(p.at) + (isLine ? 0 : toX.shift(i));
      return `<path class="line" stroke-width="1" d="M${x} ${toY(p.low)}V${toY(p.high)}"/>${dot(x, toY(p.mean), i)}`;
    }),
    '</g>',
  ].join('');
}

interface XScale {
  readonly of: (at: number | string) => number; // pixels
  readonly places: ReadonlyMap<number | string, number>; // every x once, with its pixels
  readonly shift: (series: number) => number; // pixels that part series in one category
}

/** Numbers lie where they lie, on a logarithmic axis where they span much; categories in their order. */
function xScale(all: readonly (number | string)[]): XScale {
  const distinct = [...new Set(all)];
  const numbers = distinct.filter((at) => typeof at === 'number');
  const isNumeric = numbers.length === distinct.length;
  if (isNumeric) distinct.sort((a, b) => Number(a) - Number(b));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const isLog = isNumeric && low > 0 && high / low >= LOG_FROM;
  const warp = (x: number): number => (isLog ? Math.log(x) : x);
  const share = (at: number | string): number => {
    if (distinct.length === 1) return 0.5;
    if (isNumeric) return (warp(Number(at)) - warp(low)) / (warp(high) - warp(low));
    return distinct.indexOf(at) / (distinct.length - 1);
  };
  const inset = LEFT + 30;
  const of = (at: number | string): number =>
    round(inset + share(at) * (WIDTH - RIGHT - 30 - inset));
  return {
    of,
    places: new Map(distinct.map((at) => [at, of(at)])),
    shift: (series) => 7 * (((series + 1) >> 1) * (series % 2 === 0 ? 1 : -1)),
  };
}

function dot(x: number, y: number, i: number): string {
  switch (SHAPES[i % SHAPES.length]!) {
    case 'circle':
      return `<circle class="dot" cx="${x}" cy="${y}" r="4"/>`;
    case 'square':
      return `<path class="dot" d="M${x - 4} ${y - 4}h8v8h-8z"/>`;
    case 'diamond':
      return `<path class="dot" d="M${x} ${y - 5}l5 5l-5 5l-5 -5z"/>`;
  }
}

function legendLine(label: string, i: number): string {
  const y = HEIGHT + 10 + LEGEND_LINE * i;
  const dash = DASHES[i % DASHES.length]!;
  return `<g class="c${i % COLORS.length}"><path class="line" stroke-dasharray="${dash}" d="M${LEFT} ${y}h36"/>${dot(LEFT + 18, y, i)}</g><text x="${LEFT + 46}" y="${y + 4}">${escaped(label)}</text>`;
}

const round = (x: number): number => Math.round(10 * x) / 10;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
