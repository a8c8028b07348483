import { useEffect, useMemo, useRef, type JSX, type ReactNode } from 'react';
import { numberText, significant } from '../controls/numbers';
import { onThemeChange } from '../theme';
import { ChartFrame, type ChartTable } from './ChartFrame';
import { createLinePlot, type LinePlot, type PlotSeries } from './linePlot';

interface LineChartProps {
  readonly title: string;
  readonly help?: string;
  readonly xLabel: string;
  readonly yLabel: string; // with its unit
  readonly series: readonly PlotSeries[];
  readonly summary: string;
  readonly empty: string;
  readonly height?: number;
  readonly yRange?: readonly [number, number];
  readonly xRange?: readonly [number, number];
  readonly hasEnds?: boolean;
  readonly controls?: ReactNode;
}

const HEIGHT = 132; // CSS pixels

/** Live line chart. React owns the element; the plot draws at most once per frame, and never hidden. */
export function LineChart(props: LineChartProps): JSX.Element {
  const { series, xLabel, yLabel, height = HEIGHT, yRange, xRange, hasEnds = true } = props;
  const plot = useRef<LinePlot>(null);
  const isEmpty = series.every((s) => s.y.length === 0);
  return (
    <ChartFrame
      title={props.title}
      unit={yLabel}
      {...(props.help && { help: props.help })}
      summary={props.summary}
      isEmpty={isEmpty}
      empty={props.empty}
      minHeight={height}
      table={() => tableOf(props.title, xLabel, yLabel, series)}
      image={() => plot.current?.toBlob(props.title, yLabel) ?? Promise.resolve(null)}
      controls={props.controls}
    >
      <Plot
        title={props.title}
        {...{ plot, series, xLabel, yLabel, height, yRange, xRange, hasEnds }}
      />
    </ChartFrame>
  );
}

interface PlotProps {
  readonly title: string;
  readonly plot: { current: LinePlot | null };
  readonly series: readonly PlotSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly height: number;
  readonly yRange: readonly [number, number] | undefined;
  readonly xRange: readonly [number, number] | undefined;
  readonly hasEnds: boolean;
}

function Plot(props: PlotProps): JSX.Element {
  const { plot, series, xLabel, yLabel, height, hasEnds } = props;
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const latest = useRef(series);
  const ranges = JSON.stringify([props.xRange, props.yRange]);
  const [xRange, yRange] = useMemo(() => JSON.parse(ranges) as Ranges, [ranges]);

  useEffect(() => {
    const element = host.current!;
    const created = createLinePlot(element, {
      xLabel,
      height,
      ...(xRange && { xRange }),
      ...(yRange && { yRange }),
      axisText: significant,
      endText: hasEnds ? significant : () => '',
      onPoint: (x) => (readout.current!.textContent = readoutOf(x, xLabel, latest.current)),
    });
    created.setData(latest.current);
    const observer = new ResizeObserver(([entry]) => {
      if (entry) created.resize(Math.floor(entry.contentRect.width)); // never the height: it feeds back
    });
    observer.observe(element);
    const stopRestyling = onThemeChange(() => created.restyle());
    plot.current = created;
    return () => {
      stopRestyling();
      observer.disconnect();
      created.destroy();
      plot.current = null;
    };
  }, [plot, xLabel, height, xRange, yRange, hasEnds]);

  useEffect(() => {
    latest.current = series;
    const frame = requestAnimationFrame(() => plot.current?.setData(series)); // frames rest while hidden
    return () => cancelAnimationFrame(frame);
  }, [plot, series]);

  return (
    <>
      <div
        ref={host}
        className="plot"
        role="img"
        aria-label={`${props.title}, ${yLabel}, against ${xLabel}`}
      />
      <p ref={readout} className="readout" aria-hidden="true" />
    </>
  );
}

type Ranges = [readonly [number, number] | null, readonly [number, number] | null];

/** The values at one x, as text under the pointer. */
function readoutOf(x: number | undefined, xLabel: string, series: readonly PlotSeries[]): string {
  if (x === undefined) return '';
  const values = series.flatMap((s) => {
    const at = Array.prototype.lastIndexOf.call(s.x, x);
    return at < 0 || !Number.isFinite(s.y[at]) ? [] : [`${s.name} ${significant(s.y[at]!)}`];
  });
  return `${xLabel} ${numberText(x)} · ${values.join(' · ')}`;
}

/** The plotted numbers, a row for each x, or several where a line has several values there. */
function tableOf(
  title: string,
  xLabel: string,
  yLabel: string,
  series: readonly PlotSeries[],
): ChartTable {
  const named = series.flatMap(({ name, x, y, band }) => [
    { name, x, y },
    ...(band
      ? [
          { name: `${name}, lowest`, x, y: band.low },
          { name: `${name}, highest`, x, y: band.high },
        ]
      : []),
  ]);
  const columnsAt = named.map(valuesAt);
  const xs = [...new Set(series.flatMap((s) => Array.from(s.x)))].sort((a, b) => a - b);
  const rows = xs.flatMap((x) => {
    const cells = columnsAt.map((at) => at.get(x) ?? []);
    const lines = Math.max(...cells.map((values) => values.length));
    return Array.from({ length: lines }, (_, n) => [x, ...cells.map((values) => values[n] ?? '')]);
  });
  const columns =
    named.length === 1 ? [`${title}, ${yLabel}`] : named.map((s) => `${s.name} (${yLabel})`);
  return { columns: [xLabel, ...columns], rows };
}

/** The values at every x, in order: several where a line goes straight up. */
function valuesAt({ x, y }: Pick<PlotSeries, 'x' | 'y'>): ReadonlyMap<number, number[]> {
  const found = new Map<number, number[]>();
  Array.from(x, (at, i) => found.set(at, [...(found.get(at) ?? []), y[i]!]));
  return found;
}
