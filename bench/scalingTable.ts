/** What --scaling prints: Markdown tables. */
import { along, AXES, slope, type Scaling } from './scaling';

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

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
    const those = along(scaling, axis);
    return line([
      axis,
      ...[
        slope(those, (p) => p.train_ms).toFixed(2),
        slope(those, (p) => p.train_gflop).toFixed(2),
      ],
      slope(those, (p) => p.decode_ms).toFixed(2),
      ...[
        slope(those, (p) => p.allocated_bytes).toFixed(2),
        slope(those, (p) => p.planned_bytes).toFixed(2),
      ],
    ]);
  });
  const largest = scaling.largest.map((m) =>
    line([
      ...[`${m.gigabytes} GiB`, m.batch, `${m.layers} × ${m.channels}`],
      ...[`${(m.parameters / 1e6).toFixed(1)} M`, `${mib(m.planned_bytes)} MiB`],
    ]),
  );
  return [
    '| size | value | parameters | ms per step | GFLOP/s | ms per answer | planned MiB | allocated MiB | off by |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...points,
    '',
    '| size | slope of a step | expected from FLOPs | of an answer | of memory | planned |',
    '| --- | --- | --- | --- | --- | --- |',
    ...slopes,
    '',
    '| GPU memory | batch | layers × width | parameters | planned |',
    '| --- | --- | --- | --- | --- |',
    ...largest,
    '',
  ].join('\n');
}
