/** The report as a picture: tokens per second of every engine, a bar each, on a logarithmic scale. */
import type { Report, Row } from './report';

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 130;
const BAR = 16;
const GROUP_GAP = 14;
const TOP = 64;
const COLORS = ['#0f62a8', '#a3a9b0', '#d0a64c'];

const escape = (text: string): string => text.replace(/[<>&"]/g, (c) => `&#${c.codePointAt(0)};`);

/** Powers of ten that enclose the numbers. */
function decades(numbers: readonly number[]): { low: number; high: number } {
  const logs = numbers.map(Math.log10);
  return { low: Math.floor(Math.min(...logs)), high: Math.ceil(Math.max(...logs)) };
}

function label({ tokens_per_second: speed, ratios }: Row, isOurs: boolean): string {
  const number = Math.round(speed).toLocaleString('en-US');
  const against = Object.entries(ratios).map(
    ([name, ratio]) => `${ratio.toPrecision(2)} × ${name}`,
  );
  return isOurs && against.length > 0 ? `${number}  (${against.join(', ')})` : number;
}

/** An SVG image, self-contained, readable on white. */
export function pictureOf(report: Report): string {
  const { rows } = report;
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  const { low, high } = decades(rows.map((row) => row.tokens_per_second));
  const x = (speed: number): number =>
    LEFT + ((Math.log10(speed) - low) / Math.max(1, high - low)) * (WIDTH - LEFT - RIGHT);
  const parts: string[] = [];
  let y = TOP;
  let group = '';
  for (const row of rows) {
    const name = `${row.phase === 'train' ? 'training' : 'decoding'}, ${row.config}`;
    if (name !== group) {
      if (group) y += GROUP_GAP;
      parts.push(`<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${escape(name)}</text>`);
      group = name;
    }
    const index = engines.indexOf(row.engine);
    const end = x(row.tokens_per_second);
    parts.push(
      `<rect x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="${BAR - 2}" fill="${COLORS[index % COLORS.length]}"/>`,
      `<text x="${(end + 5).toFixed(1)}" y="${y + 12}">${escape(label(row, index === 0))}</text>`,
    );
    y += BAR;
  }
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).map(
    (value) =>
      `<line x1="${x(value)}" x2="${x(value)}" y1="${TOP - 6}" y2="${y + 4}" stroke="#e3e5e8"/>` +
      `<text x="${x(value)}" y="${y + 18}" text-anchor="middle" fill="#5b6168">${value.toLocaleString('en-US')}</text>`,
  );
  const legend = engines.map(
    (name, i) =>
      `<rect x="${LEFT + 110 * i}" y="36" width="12" height="12" fill="${COLORS[i % COLORS.length]}"/>` +
      `<text x="${LEFT + 110 * i + 18}" y="46">${escape(name)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 44}" font-family="system-ui, sans-serif" font-size="12" fill="#1c2126" role="img">`,
    `<title>Tokens per second on ${escape(report.adapter)}</title>`,
    `<rect width="${WIDTH}" height="${y + 44}" fill="#fff"/>`,
    `<text x="12" y="22" font-size="15">${escape(`${report.adapter}, ${report.runtime}`)}</text>`,
    ...legend,
    ...ticks,
    ...parts,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${y + 36}" text-anchor="middle" fill="#5b6168">tokens per second, logarithmic</text>`,
    '</svg>',
    '',
  ].join('\n');
}
