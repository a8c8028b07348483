import { fillMarker } from './markers';
import type { PlotSeries } from './linePlot';

const FONT = '11px system-ui, sans-serif';
const SAMPLE = 40; // all in CSS pixels
const GAP = 6; //    between a sample and its name
const APART = 18; // between two
const ROW = 18;
const RADIUS = 3.5;

interface Place {
  readonly series: PlotSeries;
  readonly x: number;
  readonly y: number; // middle of its row
}

/** Which line is which, to stand under a picture that is taken away from the page. */
export interface LegendImage {
  readonly height: number; // CSS pixels
  /** Draws on a context in CSS pixels whose origin is the legend's. */
  draw(context: CanvasRenderingContext2D, colorOf: (name: string) => string): void;
}

/** The legend of several lines, in rows of a width; nothing for a single one. */
export function legendImage(
  series: readonly PlotSeries[],
  width: number,
  textWidth: (text: string) => number,
): LegendImage {
  if (series.length < 2) return { height: 0, draw: () => {} };
  let x = GAP;
  let row = 0;
  const places = series.map((one): Place => {
    const wide = SAMPLE + GAP + textWidth(one.name);
    if (x > GAP && x + wide > width) {
      x = GAP;
      row += 1;
    }
    const place = { series: one, x, y: (row + 0.5) * ROW };
    x += wide + APART;
    return place;
  });
  return {
    height: (row + 1) * ROW + GAP,
    draw(context, colorOf) {
      context.font = FONT;
      context.textBaseline = 'middle';
      context.lineWidth = 2;
      for (const { series: one, x: left, y } of places) {
        context.strokeStyle = context.fillStyle = colorOf(one.color);
        context.setLineDash([...one.dash]);
        context.beginPath();
        context.moveTo(left, y);
        context.lineTo(left + SAMPLE, y);
        context.stroke();
        if (one.marker)
          fillMarker(context, one.marker, { x: left + SAMPLE / 2, y, radius: RADIUS });
        context.fillStyle = colorOf('--ink');
        context.fillText(one.name, left + SAMPLE + GAP, y);
      }
    },
  };
}
