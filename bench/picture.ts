/** The report as a picture: how fast every engine is, and where the time of our own steps goes. */
import type { Report, Row } from './report';
import { drawShares } from './shares';
import { escape, LEFT, titleOf, WIDTH, type Drawn } from './svg';

const RIGHT = 190;
const BAR = 16;
const GROUP_GAP = 14;

/** On white and on black alike; the first engine is ours. */
const COLORS = ['#2f7fc4', '#8a9099', '#b07d1a', '#5a8f6d'];
const STYLE = `
  .ground { fill: #fff } text { fill: #1c2126 } .quiet { fill: #5b6168 } line { stroke: #d5d8dc }
  .light { fill: #1c2126 } .dark { fill: #fff }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14171a } text { fill: #e6e8ea } .quiet { fill: #a3a9b0 } line { stroke: #3a4046 }
  }
`;

/** Powers of ten that enclose the numbers. */
function decades(numbers: readonly number[]): { low: number; high: number } {
  const logs = numbers.map(Math.log10);
  return { low: Math.floor(Math.min(...logs)), high: Math.ceil(Math.max(...logs)) };
}

function label({ engine, tokens_per_second: speed, ratios }: Row, isOurs: boolean): string {
  const number = Math.round(speed).toLocaleString('en-US');
  const times = Object.entries(ratios).map(([name, ratio]) => `${ratio.toPrecision(2)} × ${name}`);
  const against = isOurs && times.length > 0 ? ` (${times.join(', ')})` : '';
  return `${number} ${engine}${against}`;
}

/** Tokens per second of every engine, a bar each, on a logarithmic scale. */
function drawSpeeds({ rows }: Report): Drawn {
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  const { low, high } = decades(rows.map((row) => row.tokens_per_second));
  const x = (speed: number): number =>
    LEFT + ((Math.log10(speed) - low) / Math.max(1, high - low)) * (WIDTH - LEFT - RIGHT);
  const bars: string[] = [];
  let y = 10;
  let group = '';
  for (const row of rows) {
    const name = titleOf(row);
    if (name !== group) {
      if (group) y += GROUP_GAP;
      bars.push(`<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${escape(name)}</text>`);
      group = name;
    }
    const index = engines.indexOf(row.engine);
    const end = x(row.tokens_per_second);
    bars.push(
      `<rect x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="${BAR - 2}" fill="${COLORS[index % COLORS.length]}"/>`,
      `<text x="${(end + 5).toFixed(1)}" y="${y + 12}">${escape(label(row, index === 0))}</text>`,
    );
    y += BAR;
  }
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).map(
    (value) =>
      `<line x1="${x(value)}" x2="${x(value)}" y1="4" y2="${y + 4}"/>` +
      `<text class="quiet" x="${x(value)}" y="${y + 18}" text-anchor="middle">${value.toLocaleString('en-US')}</text>`,
  );
  const axis = `<text class="quiet" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${y + 36}" text-anchor="middle">tokens per second, logarithmic</text>`;
  return { marks: [...ticks, ...bars, axis], height: y + 44 };
}

/** An SVG image, self-contained, in the reader's light or dark colors. */
export function pictureOf(report: Report): string {
  const parts: string[] = [];
  let y = 36;
  const add = (title: string, { marks, height }: Drawn): void => {
    parts.push(`<text x="12" y="${y + 16}" font-size="14">${escape(title)}</text>`);
    parts.push(`<g transform="translate(0 ${y + 28})">`, ...marks, '</g>');
    y += 28 + height;
  };
  add('Speed', drawSpeeds(report));
  if (report.kernels.length > 0) add('Where the time of a step goes', drawShares(report.kernels));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>Tokens per second, and where the time of a step goes, on ${escape(report.adapter)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${y}"/>`,
    `<text x="12" y="24" font-size="15">${escape(`${report.adapter}, ${report.runtime}`)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
