/** What a sweep found, as a Markdown table and a plot: runs that differ only in seed are one row. */
import { bootstrap, type Interval } from '../shared/bootstrap';
import { ruler, tableRow } from './markdown';
import { encodePlotSvg, type PlotPanel } from './plotSvg';
import type { FinishedRow, SweepRow } from './sweepRow';

type Value = number | boolean | string;

const DEFAULT = 'default'; // what a run says nothing of stays as its preset has it

/** Runs with the same settings and different seeds. */
interface Group {
  readonly settings: ReadonlyMap<string, Value>; // those that vary, seed left out
  readonly finished: readonly FinishedRow[];
  readonly diverged: number;
}

export interface SweepReport {
  readonly markdown: string;
  readonly svg: string;
}

/** @param rows at least one */
export function sweepReport(rows: readonly SweepRow[]): SweepReport {
  const varied = variedSettings(rows);
  const groups = groupsOf(rows, varied);
  return { markdown: markdownOf(rows, varied, groups), svg: svgOf(varied, groups) };
}

/** Names of the settings that differ between rows, in their order, but for the seed. */
function variedSettings(rows: readonly SweepRow[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.settings)))];
  return names
    .filter((name) => name !== 'seed')
    .filter((name) => new Set(rows.map((row) => row.settings[name])).size > 1);
}

function groupsOf(rows: readonly SweepRow[], varied: readonly string[]): Group[] {
  const byKey = new Map<string, SweepRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(varied.map((name) => row.settings[name] ?? null));
    const group = byKey.get(key);
    if (group) group.push(row);
    else byKey.set(key, [row]);
  }
  return [...byKey.values()].map((some) => {
    const { settings } = some[0]!;
    const own = varied.flatMap((name) => {
      const value = settings[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const finished = some.filter((row) => row.status === 'finished');
    return { settings: new Map(own), finished, diverged: some.length - finished.length };
  });
}

type Decoding = 'solved_at' | 'solved_at_sampled';

/** Success within `turns` over the seeds and prompts of a group. */
const successOf = (group: Group, how: Decoding, turns: number): Interval =>
  bootstrap(
    group.finished.map(({ policy: { [how]: solvedAt } }) => ({
      solved: solvedAt.filter((turn) => turn > 0 && turn <= turns).length,
      prompts: solvedAt.length,
    })),
  );

const turnsOf = ({ finished }: Group): number =>
  Math.max(...finished.map((row) => row.policy.success.length));

function markdownOf(
  rows: readonly SweepRow[],
  varied: readonly string[],
  groups: readonly Group[],
): string {
  const columns = [
    ...varied,
    'seeds',
    'reference @T',
    'success @1',
    'success @T',
    'sampled @T',
    'KL',
    'sampled tokens',
    'trained tokens',
    'passes',
  ];
  const mean = (group: Group, pick: (row: FinishedRow) => number): number =>
    group.finished.reduce((sum, row) => sum + pick(row), 0) / group.finished.length;
  const lines = groups.map((group) => {
    const named = varied.map((name) => String(group.settings.get(name) ?? DEFAULT));
    const diverged = group.diverged > 0 ? ` + ${group.diverged} diverged` : '';
    const head = [...named, `${group.finished.length}${diverged}`];
    if (group.finished.length === 0) return [...head, ...columns.slice(head.length).map(() => '')];
    const T = turnsOf(group);
    return [
      ...head,
      mean(group, (row) => row.reference.success.at(-1)!).toFixed(3),
      intervalText(successOf(group, 'solved_at', 1)),
      intervalText(successOf(group, 'solved_at', T)),
      intervalText(successOf(group, 'solved_at_sampled', T)),
      mean(group, (row) => row.policy.kl ?? NaN).toFixed(3),
      ...[
        mean(group, (row) => row.sampled_tokens),
        mean(group, (row) => row.trained_tokens),
        mean(group, (row) => row.sequential_passes),
      ].map((n) => String(Math.round(n))),
    ];
  });
  const seeds = new Set(rows.map((row) => row.settings.seed)).size;
  return [
    tableRow(columns),
    ruler(varied.length, columns.length - varied.length),
    ...lines.map(tableRow),
    '\n',
    `${rows.length} runs, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}. Success is the share of held-out prompts solved in the first turn (@1) or within all turns (@T), greedy but for “sampled”, which is at temperature 1; in brackets the 95 % bootstrap interval over seeds and prompts. KL is in nats per answer token from the reference, estimated on sampled answers, so one near 0 may come out below it. The other columns are means over seeds.\n`,
  ].join('');
}

const intervalText = ({ mean, low, high }: Interval): string =>
  `${mean.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;

/** The setting with the most values, numbers first, is the x axis; every mixture of the others a line. */
function svgOf(varied: readonly string[], groups: readonly Group[]): string {
  const shown = groups.filter((group) => group.finished.length > 0);
  const valuesOf = (name: string): Value[] => [
    ...new Set(shown.flatMap(({ settings }) => settings.get(name) ?? [])),
  ];
  const isNumeric = (name: string): boolean => valuesOf(name).every((v) => typeof v === 'number');
  const [axis = ''] = [...varied].sort(
    (a, b) =>
      Number(isNumeric(b)) - Number(isNumeric(a)) || valuesOf(b).length - valuesOf(a).length,
  );
  const labelOf = ({ settings }: Group): string =>
    [...settings]
      .filter(([name]) => name !== axis)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ') || 'policy';
  const labels = [...new Set(shown.map(labelOf))];
  const panel = (title: string, how: Decoding): PlotPanel => ({
    title,
    xLabel: axis || 'the settings of the sweep',
    series: labels.map((label) => ({
      label,
      points: shown
        .filter((group) => labelOf(group) === label)
        .map((group) => {
          const value = group.settings.get(axis);
          const at = typeof value === 'number' ? value : String(value ?? DEFAULT);
          return { at, ...successOf(group, how, turnsOf(group)) };
        }),
    })),
  });
  return encodePlotSvg([
    panel('Success within all turns, greedy', 'solved_at'),
    panel('At temperature 1', 'solved_at_sampled'),
  ]);
}
