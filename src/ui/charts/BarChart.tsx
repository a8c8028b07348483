import type { JSX } from 'react';
import { ChartFrame, type ChartTable } from './ChartFrame';
import { barsImage } from './barsImage';

export interface Bar {
  readonly title: string;
  /** From the baseline up, in the axis unit; drawn on each other. One below 0 hangs by itself. */
  readonly parts: readonly { readonly value: number; readonly color: string }[];
  readonly onChoose?: () => void;
}

export interface BarChartProps {
  readonly title: string;
  readonly yLabel: string; // with its unit
  readonly bars: readonly Bar[];
  readonly top: number; // of the axis
  readonly bottom?: number; // of the axis; at most 0, where bars hang
  readonly mark?: { readonly value: number; readonly label: string };
  readonly xTicks: readonly string[]; // evenly spread under the bars
  readonly summary: string;
  readonly empty: string;
  readonly table: () => ChartTable;
  readonly height?: number;
  readonly children?: JSX.Element; // beside the title
}

const HEIGHT = 84; // CSS pixels
const SLOT = 10; // viewBox units per bar
const TALL = 100; // viewBox units of the axis

/** Small bars; the text around them is HTML, so that it keeps its size on a phone. */
export function BarChart(props: BarChartProps): JSX.Element {
  const { bars, top, bottom = 0, mark, height = HEIGHT } = props;
  const toY = (value: number): number => (TALL * (top - value)) / (top - bottom);
  const width = Math.max(1, bars.length) * SLOT;
  return (
    <ChartFrame
      title={props.title}
      unit={props.yLabel}
      summary={props.summary}
      empty={props.empty}
      isEmpty={bars.length === 0}
      minHeight={height + 18}
      table={props.table}
      image={() => barsImage(props)}
      controls={props.children}
    >
      <div className="bars">
        <svg
          className="bars-plot"
          viewBox={`0 0 ${width} ${TALL}`}
          preserveAspectRatio="none"
          height={height}
          role="img"
          aria-label={props.yLabel}
        >
          {bars.map((bar, i) => (
            <BarColumn key={i} bar={bar} x={i * SLOT} toY={toY} />
          ))}
          {mark && (
            <line
              className="bars-mark"
              x1={0}
              x2={width}
              y1={toY(mark.value)}
              y2={toY(mark.value)}
            />
          )}
        </svg>
        {mark && (
          <span
            className="bars-mark-label"
            style={{ bottom: (1 - toY(mark.value) / TALL) * height + 1 }}
          >
            {mark.label}
          </span>
        )}
      </div>
      <div className="bars-ticks" aria-hidden="true">
        {props.xTicks.map((tick, i) => (
          <span key={i}>{tick}</span>
        ))}
      </div>
    </ChartFrame>
  );
}

interface BarColumnProps {
  readonly bar: Bar;
  readonly x: number;
  readonly toY: (value: number) => number;
}

function BarColumn({ bar, x, toY }: BarColumnProps): JSX.Element {
  let y = toY(0);
  return (
    <g onClick={bar.onChoose} className={bar.onChoose && 'bars-choice'}>
      <title>{bar.title}</title>
      <rect className="bars-slot" x={x} y={0} width={SLOT} height={TALL} />
      {bar.parts.map(({ value, color }, i) => {
        const tall = value === 0 ? 0 : Math.max(1.5, Math.abs(toY(value) - toY(0)));
        if (value > 0) y -= tall;
        return (
          <rect key={i} x={x + 1} y={y} width={SLOT - 2} height={tall} fill={`var(${color})`} />
        );
      })}
    </g>
  );
}
