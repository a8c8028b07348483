import type { BarChartProps } from './BarChart';

const WIDTH = 720; // pixels
const TALL = 320;
const PAD = 48;

/** The bars of a chart as a picture of their own, with title and ticks. */
export function barsImage({
  title,
  bars,
  top,
  bottom = 0,
  mark,
  xTicks,
}: BarChartProps): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = TALL;
  const draw = canvas.getContext('2d')!;
  const style = getComputedStyle(document.body);
  const floor = TALL - PAD;
  const toY = (value: number): number =>
    floor - ((value - bottom) / (top - bottom)) * (floor - PAD);

  draw.fillStyle = style.backgroundColor;
  draw.fillRect(0, 0, WIDTH, TALL);
  draw.fillStyle = style.color;
  draw.font = '600 18px system-ui, sans-serif';
  draw.fillText(title, PAD / 2, 30);
  draw.font = '14px system-ui, sans-serif';
  xTicks.forEach((tick, i) => {
    const share = xTicks.length > 1 ? i / (xTicks.length - 1) : 0;
    draw.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center';
    draw.fillText(tick, PAD / 2 + share * (WIDTH - PAD), TALL - 18);
  });

  const slot = (WIDTH - PAD) / bars.length;
  bars.forEach((bar, i) => {
    let below = 0;
    for (const { value, color } of bar.parts) {
      draw.fillStyle = resolved(color);
      const from = toY(below + value);
      draw.fillRect(PAD / 2 + i * slot + 1, from, slot - 2, toY(below) - from);
      below += value;
    }
  });
  if (mark) {
    draw.fillStyle = style.color;
    draw.fillRect(PAD / 2, toY(mark.value), WIDTH - PAD, 1);
    draw.textAlign = 'right';
    draw.fillText(mark.label, WIDTH - PAD / 2, toY(mark.value) - 5);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** A custom property as the browser resolves it. */
function resolved(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
