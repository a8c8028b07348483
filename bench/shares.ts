/** The time of a step divided among its kernels: a stacked bar for each step, and the shares as a table. */
import type { KernelRow } from './kernels';
import { escape, LEFT, titleOf, WIDTH, type Drawn } from './svg';

const SMALL = 0.03; // share under which a kernel is among the others, in every step
const OTHERS = 'all others';
const BAR = 22;
const LINE = 18;
const RIGHT = 14;
const NAMES = 240; // width of the table's first column
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Dark and light by turns, so that neighbors differ without their hue; a letter names each besides. */
const FILLS = [
  ...['#0b4a80', '#f4c88f', '#1f5c3d', '#e3b7e3', '#7a3b00', '#a8d1f5', '#6b2a6b'],
  ...['#a9dfbf', '#8a1c2c', '#dedc8f', '#3b3f8f', '#f5b1b8', '#4a4a00', '#c3c6f5'],
];

type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>;

interface Bar {
  readonly title: string;
  readonly shares: ReadonlyMap<string, number>; // of every kernel that is named
}

/** Kernels with a large share anywhere, the largest first, then what is left. */
function namesOf(rows: readonly KernelRow[]): string[] {
  const shares = new Map<string, number[]>();
  for (const { kernel, share_of_step: share } of rows) {
    shares.set(kernel, [...(shares.get(kernel) ?? []), share]);
  }
  const large = [...shares].filter(([, of]) => Math.max(...of) >= SMALL);
  const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);
  const names = large.toSorted(([, a], [, b]) => sum(b) - sum(a)).map(([name]) => name);
  return large.length < shares.size ? [...names, OTHERS] : names;
}

function barsOf(rows: readonly KernelRow[], names: readonly string[]): Bar[] {
  return [...new Set(rows.map(titleOf))].map((title) => {
    const shares = new Map<string, number>();
    for (const row of rows.filter((one) => titleOf(one) === title)) {
      const name = names.includes(row.kernel) ? row.kernel : OTHERS;
      shares.set(name, (shares.get(name) ?? 0) + row.share_of_step);
    }
    return { title, shares };
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Stacked bars of whole width, a letter for each kernel, and the table that the letters stand in. */
export function drawShares(rows: readonly KernelRow[]): Drawn {
  const names = namesOf(rows);
  const bars = barsOf(rows, names);
  const marks: string[] = [];
  bars.forEach(({ title, shares }, b) => {
    const y = b * (BAR + 6);
    marks.push(`<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${escape(title)}</text>`);
    let x = LEFT;
    names.forEach((name, i) => {
      const width = (WIDTH - LEFT - RIGHT) * (shares.get(name) ?? 0);
      if (width > 0) marks.push(...segment(i, { x, y, width, height: BAR }));
      x += width;
    });
  });
  const top = bars.length * (BAR + 6) + 26;
  const apart = Math.min(82, (WIDTH - RIGHT - NAMES) / bars.length);
  const column = (b: number): number => WIDTH - RIGHT - (bars.length - 1 - b) * apart;
  bars.forEach(({ title }, b) => {
    title.split(', ').forEach((word, line) => {
      marks.push(
        `<text class="quiet" x="${column(b)}" y="${top + 14 * (line - 1)}" text-anchor="end">${escape(word)}</text>`,
      );
    });
  });
  names.forEach((name, i) => {
    const y = top + 10 + LINE * i;
    marks.push(...segment(i, { x: 12, y, width: 20, height: LINE - 3 }));
    marks.push(`<text x="40" y="${y + 13}">${escape(name)}</text>`);
    bars.forEach(({ shares }, b) => {
      const share = shares.get(name);
      const text = share === undefined ? '–' : percent(share);
      marks.push(`<text x="${column(b)}" y="${y + 13}" text-anchor="end">${text}</text>`);
    });
  });
  return { marks, height: top + 20 + LINE * names.length };
}

/** One kernel's color, and its letter where there is room. */
function segment(i: number, { x, y, width, height }: Box): string[] {
  const shade = i % 2 === 0 ? 'dark' : 'light';
  const rect = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${FILLS[i % FILLS.length]}" stroke="#8a9099" stroke-width="0.5"/>`;
  if (width < 11) return [rect];
  const middle = (x + width / 2).toFixed(1);
  return [
    rect,
    `<text class="${shade}" x="${middle}" y="${y + height / 2 + 4}" text-anchor="middle">${LETTERS[i % 26]}</text>`,
  ];
}
