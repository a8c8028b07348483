/** The report as text for a terminal. */
import type { ConfigRow, Report, Row } from './report';

type Column = readonly [title: string, cell: (row: Row) => string];

const round = (x: number): string =>
  x >= 100 ? Math.round(x).toLocaleString('en-US') : x.toPrecision(3);
const percent = (share: number): string => `${(100 * share).toPrecision(share < 0.1 ? 2 : 3)} %`;

function lines(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(titles), ...rows.map(line)].join('\n');
}

function engineTable({ rows }: Report): string {
  const others = [...new Set(rows.map(({ engine }) => engine))].slice(1);
  const columns: Column[] = [
    ['config', (r) => r.config],
    ['phase', (r) => r.phase],
    ['engine', (r) => r.engine],
    ['tokens/s', (r) => round(r.tokens_per_second)],
    ['ms/step', (r) => round(r.ms_per_step)],
    ['dispatches', (r) => round(r.dispatches_per_step)],
    ['submits', (r) => round(r.submits_per_step)],
    ['objects', (r) => round(r.objects_created_per_step)],
    ['GFLOP/s', (r) => round(r.gflops)],
    ['of peak', (r) => percent(r.share_of_peak)],
    ['of matmul', (r) => percent(r.share_of_best_matmul)],
    ['GB/s', (r) => round(r.gigabytes_per_second)],
    ['bound by', (r) => r.bound],
    ['first ms', (r) => round(r.first_step_ms)],
    ['pipelines', (r) => String(r.pipelines)],
    ['differs by', (r) => r.difference.toExponential(0)],
    ...others.map((name): Column => [
      `× ${name}`,
      ({ ratios }) => (ratios[name] === undefined ? '' : ratios[name].toPrecision(3)),
    ]),
  ];
  return lines(
    columns.map(([title]) => title),
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  );
}

const kernelTable = ({ kernels }: Report): string =>
  lines(
    [
      ...['config', 'phase', 'kernel', 'dispatches', 'ms', 'of step'],
      ...['MFLOP', 'MB', 'GFLOP/s', 'GB/s', 'of roof'],
    ],
    kernels.map((k) => [
      ...[k.config, k.phase, k.kernel, String(k.dispatches), round(k.ms), percent(k.share_of_step)],
      ...[k.flops > 0 ? round(k.flops / 1e6) : '', round(k.bytes / 1e6)],
      k.gflops === null ? '' : round(k.gflops),
      k.gigabytes_per_second === null ? '' : round(k.gigabytes_per_second),
      k.share_of_roof === null ? '' : percent(k.share_of_roof),
    ]),
  );

const formsOf = ({ forms, calibrated }: ConfigRow): string =>
  `tile ${forms.tile}, reduce ${forms.reduce}, store ${forms.store}${calibrated ? ', calibrated' : ''}`;

const packingTable = ({ packing }: Report): string =>
  lines(
    ['config', 'lengths', '', 'equal tokens/s', 'mixed tokens/s', 'mixed / equal'],
    packing.map((p) => [
      ...[p.config, `${p.shortest}–${p.longest}`, ''],
      ...[round(p.equal_tokens_per_second), round(p.mixed_tokens_per_second), percent(p.ratio)],
    ]),
  );

/** All of a report but what only programs read. */
export function tableOf(report: Report): string {
  const { roof, configs } = report;
  const sizes = Object.entries(configs).map(
    ([name, c]) =>
      `  ${name}: ${c.parameters.toLocaleString('en-US')} parameters, ${c.batch} × ${c.context} tokens; ` +
      `${round(c.train_gflop_per_step)} GFLOP per training step, ${round(c.decode_gflop_per_step)} per decoding step; ` +
      formsOf(c),
  );
  return [
    `${report.adapter} (${report.runtime}), ${report.date.slice(0, 10)}`,
    '',
    'Roof',
    `  multiply-add ${round(roof.peak_gflops)} GFLOP/s`,
    `  matmul ${round(roof.matmul_gflops)} GFLOP/s (${roof.matmul})`,
    `  copy ${round(roof.copy_gigabytes_per_second)} GB/s`,
    `  dispatch ${round(roof.dispatch_microseconds)} µs; submit and wait ${round(roof.submit_microseconds)} µs`,
    '',
    'Configurations',
    ...sizes,
    '',
    'Engines',
    engineTable(report),
    ...report.skipped.map(({ engine, reason }) => `  without ${engine}: ${reason}`),
    '',
    'Packing: training on sequences of mixed length',
    packingTable(report),
    '',
    'Kernels of one step',
    kernelTable(report),
    '',
  ].join('\n');
}
