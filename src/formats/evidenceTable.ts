/** What an experiment found: a Markdown table, what was tuned, and a plot. */
import { bootstrap, type Interval } from '../shared/bootstrap';
import type { EvidenceRow, Outcome } from './evidenceRow';
import type { ComparedMethod, Experiment } from './experimentJson';
import { encodePlotSvg, type PlotPanel, type PlotPoint } from './plotSvg';

type How = 'success' | 'success_sampled';
type Success = Pick<Outcome['policy'], How>;

/** A method's finished runs with the settings that it was tuned to. */
interface Group {
  readonly name: string;
  readonly settings: string; // what was tuned
  readonly outcomes: readonly Outcome[];
  readonly diverged: number;
}

/** Tables of an experiment; methods without a run are left out. */
export function evidenceTables(experiment: Experiment, rows: readonly EvidenceRow[]): string {
  const groups = groupsOf(experiment, rows, 'report');
  const tuned = tuningLines(experiment, rows);
  const bySeed = new Map(
    rows.map(({ stage, settings, outcome }) => [stage === 'report' && settings.seed, outcome]),
  );
  bySeed.delete(false);
  const references = [...bySeed.values()].flatMap((outcome) => outcome?.reference ?? []);
  const parts = [groups.length > 0 ? table(groups, references) : 'No run yet.\n'];
  if (tuned.length > 0) {
    const lines = [row(['method', 'settings', 'greedy @T', 'sampled @T']), ruler(2, 2), ...tuned];
    parts.push(
      `<details><summary>Tuning: 256 prompts of the tuning split, seed 100</summary>\n\n${lines.join('')}\n</details>\n`,
    );
  }
  return parts.join('\n');
}

function groupsOf(
  { methods }: Experiment,
  rows: readonly EvidenceRow[],
  stage: EvidenceRow['stage'],
): Group[] {
  return methods.flatMap((method) => {
    const own = rows.filter((r) => r.stage === stage && r.method === method.name);
    if (own.length === 0) return [];
    const outcomes = own.flatMap(({ outcome }) => outcome ?? []);
    const settings = tunedText(method, own[0]!);
    return [{ name: method.name, settings, outcomes, diverged: own.length - outcomes.length }];
  });
}

/** The settings of a row that its method is tuned over. */
const tunedText = ({ tune }: ComparedMethod, { settings }: EvidenceRow): string =>
  [...new Set(tune.flatMap((point) => Object.keys(point)))]
    .map((name) => `${SHORT.get(name) ?? name} ${settings[name]}`)
    .join(', ');

const SHORT = new Map([
  ['optimizer.learningRate', 'lr'],
  ['optimizer.epochs', 'epochs'],
]);

function table(groups: readonly Group[], references: readonly Success[]): string {
  const all = groups.flatMap(({ outcomes }) => outcomes);
  const costs = (outcomes: readonly Outcome[]): string[] => [
    mean(outcomes, (o) => o.sampled_tokens / 1000).toFixed(1),
    mean(outcomes, (o) => o.trained_tokens / 1000).toFixed(1),
    mean(outcomes, (o) => o.gflop).toFixed(0),
    mean(outcomes, (o) => o.passes_at_once).toFixed(0),
    mean(outcomes, (o) => o.round_trips).toFixed(0),
  ];
  const head = ['method', 'tuned to', 'seeds', ...SUCCESS, 'unique', 'KL', ...COSTS];
  const prompts = all[0]?.prompts ?? 1;
  return [
    row(head),
    ruler(2, head.length - 2),
    ...(all.length > 0
      ? [
          row([
            'reference',
            '',
            '',
            ...successCells(references, prompts),
            ...blank(2 + COSTS.length),
          ]),
        ]
      : []),
    ...groups.map(({ name, settings, outcomes, diverged }) => {
      const seeds = `${outcomes.length}${diverged > 0 ? ` + ${diverged} diverged` : ''}`;
      if (outcomes.length === 0) return row([name, settings, seeds, ...blank(head.length - 3)]);
      return row([
        ...[name, settings, seeds],
        ...successCells(
          outcomes.map((o) => o.policy),
          prompts,
        ),
        mean(outcomes, (o) => o.policy.unique_answer_ratio).toFixed(2),
        mean(outcomes, (o) => o.policy.kl ?? NaN).toFixed(3),
        ...costs(outcomes),
      ]);
    }),
  ].join('');
}

const SUCCESS = ['greedy @1', 'greedy @T', '95 %', 'sampled @1', 'sampled @T', '95 %'];
const COSTS = ['sampled k', 'trained k', 'GFLOP', 'passes', 'round trips'];

function successCells(some: readonly Success[], prompts: number): string[] {
  const cells = (how: How): string[] => {
    const { low, high } = interval(some, how, prompts);
    return [
      spread(some.map((one) => one[how][0]!)),
      spread(some.map((one) => one[how].at(-1)!)),
      `${share(low)}–${share(high)}`,
    ];
  };
  return [...cells('success'), ...cells('success_sampled')];
}

/** Of success within all turns, over seeds and prompts. */
const interval = (some: readonly Success[], how: How, prompts: number): Interval =>
  bootstrap(some.map((one) => ({ solved: Math.round(one[how].at(-1)! * prompts), prompts })));

/** Mean ± population standard deviation. */
function spread(values: readonly number[]): string {
  const center = mean(values, (x) => x);
  const deviation = Math.sqrt(mean(values, (x) => (x - center) ** 2));
  return values.length > 1 ? `${share(center)} ± ${share(deviation)}` : share(center);
}

const mean = <T>(items: readonly T[], pick: (item: T) => number): number =>
  items.reduce((sum, item) => sum + pick(item), 0) / items.length;

/** ".982" */
const share = (x: number): string => x.toFixed(3).replace(/^0/, '');

/** Every point that was tried, the chosen one in bold. */
function tuningLines({ methods }: Experiment, rows: readonly EvidenceRow[]): string[] {
  return methods.flatMap((method) => {
    const own = rows.filter((r) => r.stage === 'tune' && r.method === method.name);
    const chosen = rows.find((r) => r.stage === 'report' && r.method === method.name);
    return own.map((tried) => {
      const settings = tunedText(method, tried);
      const isChosen = chosen && tunedText(method, chosen) === settings;
      const success = (how: How): string =>
        tried.outcome ? share(tried.outcome.policy[how].at(-1)!) : 'diverged';
      const shown = isChosen ? `**${settings}**` : settings;
      return row([method.name, shown, success('success'), success('success_sampled')]);
    });
  });
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
const ruler = (left: number, right: number): string =>
  row([...Array<string>(left).fill('---'), ...Array<string>(right).fill('---:')]);
const blank = (count: number): string[] => Array<string>(count).fill('');

/** Success against what could not be done at once; undefined without a run. */
export function evidenceSvg(
  experiment: Experiment,
  rows: readonly EvidenceRow[],
): string | undefined {
  const groups = groupsOf(experiment, rows, 'report').filter((g) => g.outcomes.length > 0);
  if (groups.length === 0) return undefined;
  const panel = (title: string, how: How): PlotPanel => ({
    title,
    xLabel: 'sequential decoding passes',
    series: groups.map(({ name, outcomes }) => ({
      label: name,
      points: [
        point(
          outcomes,
          how,
          mean(outcomes, (o) => o.passes_at_once),
        ),
      ],
    })),
  });
  return encodePlotSvg([
    panel('Success within all turns, greedy', 'success'),
    panel('At temperature 1', 'success_sampled'),
  ]);
}

const point = (outcomes: readonly Outcome[], how: How, at: number): PlotPoint => ({
  at,
  ...interval(
    outcomes.map((o) => o.policy),
    how,
    outcomes[0]!.prompts,
  ),
});
