import { afterEach, expect, it } from 'vitest';
import { createLinePlot, type LinePlot, type PlotSeries } from './linePlot';

const made: { readonly plot: LinePlot; readonly element: HTMLElement }[] = [];
afterEach(() => {
  for (const { plot, element } of made.splice(0)) {
    plot.destroy();
    element.remove();
  }
});

/** A plot whose ranges never change, with text at the ends of its lines. */
function plotOf(series: readonly PlotSeries[]): LinePlot {
  const element = document.createElement('div');
  element.style.width = '240px';
  document.body.append(element);
  const plot = createLinePlot(element, {
    xLabel: 'turn',
    xRange: [1, 5],
    yRange: [0, 1],
    height: 120,
    endText: String,
    axisText: String,
    onPoint: () => {},
  });
  made.push({ plot, element });
  plot.setData(series);
  return plot;
}

const lineTo = (last: number): PlotSeries[] => [
  { name: 'line', color: '--weight', dash: [], x: [1, 3, 5], y: [1, 0.5, last] },
];

/** What is on the canvas, once it has been drawn. */
async function pictureOf(plot: LinePlot): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve)); // it draws in a microtask
  const { element } = made.find((one) => one.plot === plot)!;
  return element.querySelector('canvas')!.toDataURL();
}

it('makes room for longer texts at line ends, as a new plot does', async () => {
  const plot = plotOf(lineTo(0));
  const short = await pictureOf(plot);
  plot.setData(lineTo(0.0076543));
  const grown = await pictureOf(plot);
  expect(grown).toBe(await pictureOf(plotOf(lineTo(0.0076543))));
  expect(grown).not.toBe(short);
});
