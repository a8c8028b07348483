import { useId, useState, type JSX, type ReactNode } from 'react';
import { csvOf, type Cell } from '../../shared/csv';
import { Help } from '../controls/Help';
import { numberText } from '../controls/numbers';
import { downloadBlob } from './download';
import { Symbols } from '../Symbols';

export interface ChartTable {
  readonly columns: readonly string[]; // with units
  readonly rows: readonly (readonly Cell[])[];
}

interface ChartFrameProps {
  readonly title: string;
  readonly unit: string; // of what is drawn upwards
  /** What is drawn, in a sentence, on demand. */
  readonly help?: string;
  /** One sentence: what the numbers say. */
  readonly summary: string;
  /** Built only when somebody asks for it. */
  readonly table: () => ChartTable;
  readonly image: () => Promise<Blob | null>;
  readonly isEmpty: boolean;
  readonly empty: string; // what will be here
  readonly minHeight: number; // CSS pixels, so that nothing jumps when the first point comes
  readonly controls?: ReactNode;
  readonly children: ReactNode;
}

const MOST_ROWS = 400; // in the page; the CSV file has all

/** What every chart has: a name, a sentence, its numbers as a table, and files to take away. */
export function ChartFrame(props: ChartFrameProps): JSX.Element {
  const [showsTable, setShowsTable] = useState(false);
  const id = useId();
  const fileName = props.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

  const saveCsv = (): void => {
    const { columns, rows } = props.table();
    downloadBlob(new Blob([csvOf(columns, rows)], { type: 'text/csv' }), `${fileName}.csv`);
  };
  const savePng = async (): Promise<void> => {
    const image = await props.image();
    if (image) downloadBlob(image, `${fileName}.png`);
  };

  return (
    <figure className="chart" aria-labelledby={`${id}-title`}>
      <div className="chart-head">
        <h3 id={`${id}-title`} className="chart-title">
          {props.help ? (
            <Help className="chart-help" label={props.title}>
              <p>
                <Symbols text={props.help} />
              </p>
            </Help>
          ) : (
            props.title
          )}
        </h3>
        {props.controls}
        {!props.isEmpty && (
          <span className="chart-tools">
            <button
              type="button"
              aria-pressed={showsTable}
              aria-label={`${props.title}: numbers as a table`}
              onClick={() => setShowsTable(!showsTable)}
            >
              table
            </button>
            <button type="button" aria-label={`${props.title}: save as CSV`} onClick={saveCsv}>
              CSV
            </button>
            <button
              type="button"
              aria-label={`${props.title}: save as PNG`}
              disabled={showsTable}
              onClick={() => void savePng()}
            >
              PNG
            </button>
          </span>
        )}
      </div>
      <p className="chart-unit">{props.unit}</p>
      <div className="chart-body" style={{ minHeight: props.minHeight }}>
        {props.isEmpty && <p className="empty">{props.empty}</p>}
        {!props.isEmpty && showsTable && <DataTable title={props.title} {...props.table()} />}
        {!props.isEmpty && !showsTable && props.children}
      </div>
      <figcaption className="chart-summary">
        {!props.isEmpty && <Symbols text={props.summary} />}
      </figcaption>
    </figure>
  );
}

function DataTable({ title, columns, rows }: ChartTable & { readonly title: string }): JSX.Element {
  const shown = rows.slice(-MOST_ROWS);
  return (
    <div className="table-scroll" role="region" aria-label={`${title}, table`} tabIndex={0}>
      <table>
        {shown.length < rows.length && (
          <caption>
            The last {MOST_ROWS} of {rows.length} rows; the CSV file has all.
          </caption>
        )}
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j}>{typeof cell === 'number' ? numberText(cell) : cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
