/** What --scaling prints: Markdown tables. */
import { along, AXES, slope, type Scaling } from './scaling';

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const SLOPES = [
  ...(['train_ms', 'train_gflop'] as const),
  ...(['decode_ms', 'decode_gflop'] as const),
  ...(['allocated_bytes', 'expected_bytes'] as const),
];

/** The measured points, the slopes beside the expected ones, and the largest models. */
export function scalingTable(scaling: Scaling): string {
  const points = scaling.points.map((p) =>
    line([
      ...[p.axis, p.value, p.parameters.toLocaleString('en-US')],
      ...[p.train_ms.toFixed(1), (p.train_gflop / (p.train_ms / 1000)).toFixed(2)],
      ...[p.decode_ms.toFixed(1), mib(p.planned_bytes), mib(p.allocated_bytes)],
      `${(100 * (p.planned_bytes / p.allocated_bytes - 1)).toFixed(2)} %`,
    ]),
  );
  const slopes = AXES.map((axis) => {
    const of = SLOPES.map((name) => slope(along(scaling, axis), (p) => p[name]).toFixed(2));
    return line([axis, ...of]);
  });
  const largest = scaling.largest.map((m) =>
    line([
      ...[
        `${m.gigabytes} GiB`,
        m.batch,
        `${m.layers} × ${m.channels}`,
        m.rows.toLocaleString('en-US'),
      ],
      ...[`${(m.parameters / 1e6).toFixed(1)} M`, `${mib(m.planned_bytes)} MiB`],
    ]),
  );
  return [
    '| size | value | parameters | ms per step | GFLOP/s | ms per answer | planned MiB | allocated MiB | off by |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...points,
    '',
    '| size | slope of a step | expected | of answers | expected | of memory | expected |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...slopes,
    '',
    '| GPU memory | batch | layers × width | decoded at a time | parameters | planned |',
    '| --- | --- | --- | --- | --- | --- |',
    ...largest,
    '',
  ].join('\n');
}
