/** Time and memory against each size, both axes logarithmic, as an SVG image; dashed what is expected. */
import { along, AXES, type Axis, type Scaling, type ScalingPoint } from './scaling';

const SIDE = 150; // of a panel
const GAP = 48;
const LEFT = 66;
const TOP = 62;

interface Curve {
  readonly title: string;
  readonly of: (p: ScalingPoint) => number;
  readonly color: string;
  /** What it should be where it is `largest` at the largest value. */
  readonly expected?: (p: ScalingPoint, largest: ScalingPoint) => number;
}
const mebibytes = (p: ScalingPoint): number => p.allocated_bytes / 2 ** 20;
const CURVES: readonly Curve[] = [
  {
    title: 'ms per step',
    of: (p) => p.train_ms,
    color: '#0f62a8',
    expected: (p, last) => (last.train_ms * p.train_gflop) / last.train_gflop,
  },
  {
    title: 'ms per answer',
    of: (p) => p.decode_ms,
    color: '#8a5a00',
    expected: (p, last) => (last.decode_ms * p.decode_gflop) / last.decode_gflop,
  },
  {
    title: 'MiB of memory',
    of: mebibytes,
    color: '#2d6a4f',
    expected: (p, last) => (mebibytes(last) * p.expected_bytes) / last.expected_bytes,
  },
];

const log = Math.log10;

function panel(
  points: readonly ScalingPoint[],
  axis: Axis,
  curve: Curve,
  x0: number,
  y0: number,
): string {
  const largest = points.at(-1)!;
  const expected = curve.expected && points.map((p) => curve.expected!(p, largest));
  const values = [...points.map(curve.of), ...(expected ?? [])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [points[0]!.value, largest.value];
  const x = (v: number): string =>
    (x0 + (SIDE * (log(v) - log(first))) / (log(last) - log(first))).toFixed(1);
  const spread = Math.max(log(high) - log(low), 0.3); // a flat curve is drawn flat
  const y = (v: number): string => (y0 + SIDE - (SIDE * (log(v) - log(low))) / spread).toFixed(1);
  const line = (of: readonly number[], style: string): string =>
    `<polyline points="${points.map((p, i) => `${x(p.value)},${y(of[i]!)}`).join(' ')}" fill="none" ${style}/>`;
  return [
    `<rect x="${x0}" y="${y0}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#d5d8dc"/>`,
    ...(expected ? [line(expected, 'stroke="#8a9099" stroke-dasharray="4 3"')] : []),
    line(points.map(curve.of), `stroke="${curve.color}" stroke-width="2"`),
    ...points.map(
      (p) => `<circle cx="${x(p.value)}" cy="${y(curve.of(p))}" r="3" fill="${curve.color}"/>`,
    ),
    ...points.map(
      (p) =>
        `<text x="${x(p.value)}" y="${y0 + SIDE + 14}" text-anchor="middle" fill="#5b6168">${p.value}</text>`,
    ),
    ...[low, high].map(
      (v) =>
        `<text x="${x0 - 4}" y="${y(v)}" text-anchor="end" fill="#5b6168">${v < 10 ? v.toPrecision(2) : Math.round(v).toLocaleString('en-US')}</text>`,
    ),
    `<text x="${x0 + SIDE / 2}" y="${y0 - 10}" text-anchor="middle">${curve.title}, by ${axis}</text>`,
  ].join('');
}

/** Self-contained, readable on white: a row for each size, a column for each curve. */
export function scalingPicture(scaling: Scaling, about: string): string {
  const width = LEFT + CURVES.length * (SIDE + GAP + 30);
  const height = TOP + AXES.length * (SIDE + GAP);
  const panels = AXES.flatMap((axis, row) =>
    CURVES.map((curve, column) =>
      panel(
        along(scaling, axis),
        axis,
        curve,
        LEFT + column * (SIDE + GAP + 30),
        TOP + row * (SIDE + GAP),
      ),
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#1c2126" role="img">`,
    '<title>Time and memory against batch, context, width, depth and K</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="12" y="22" font-size="15">${about.replace(/[<>&]/g, '')}</text>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}
