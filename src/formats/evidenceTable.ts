/** What an experiment found, as Markdown tables: what is reported, and what was tuned. */
import { bootstrap, bootstrapDifference, type Interval, type Solved } from '../shared/bootstrap';
import { median } from '../shared/quantile';
import type { EvidenceRow, Outcome } from './evidenceRow';
import type { ComparedMethod, Experiment } from './experimentJson';
import { ruler, tableRow } from './markdown';

export type How = 'success' | 'success_sampled';
type Success = Pick<Outcome['policy'], How>;

/** A method's finished runs with the settings that it was tuned to. */
export interface Group {
  readonly method: ComparedMethod;
  readonly settings: string; // what was tuned
  readonly outcomes: readonly Outcome[];
  readonly diverged: number;
}

/** Tables of an experiment; methods without a run are left out. */
export function evidenceTables(experiment: Experiment, rows: readonly EvidenceRow[]): string {
  const groups = groupsOf(experiment, rows);
  const tuned = tuningLines(experiment, rows);
  const reported = reportedOf(rows);
  const parts = groups.length > 0 ? [table(groups, referencesOf(rows))] : [];
  const compared = comparedLines(experiment, reported);
  if (compared.length > 0) {
    const head = ['difference', 'seeds', 'greedy @T', '95 %', 'sampled @T', '95 %'];
    parts.push([tableRow(head), ruler(1, head.length - 1), ...compared].join(''));
  }
  if (tuned.length > 0) {
    const lines = [
      tableRow(['method', 'settings', 'greedy @T', 'sampled @T']),
      ruler(2, 2),
      ...tuned,
    ];
    parts.push(
      `<details><summary>Tuning: 256 prompts of the tuning split, seed 100</summary>\n\n${lines.join('')}\n</details>\n`,
    );
  }
  return parts.join('\n');
}

const reportedOf = (rows: readonly EvidenceRow[]): EvidenceRow[] =>
  rows.filter((r) => r.stage === 'report' && r.outcome !== null);

/** How the reference did, once for each seed. */
const referencesOf = (rows: readonly EvidenceRow[]): Success[] => [
  ...new Map(reportedOf(rows).map((r) => [r.settings.seed, r.outcome!.reference])).values(),
];

/** An experiment with what was found. */
export interface Found {
  readonly experiment: Experiment;
  readonly rows: readonly EvidenceRow[];
}

/** Mean success within all turns, greedy · sampled, of every method in every experiment. */
export function overviewTable(all: readonly Found[]): string {
  const columns = all.map(({ experiment, rows }) => {
    const groups = groupsOf(experiment, rows).filter(({ outcomes }) => outcomes.length > 0);
    const means = groups.map(
      ({ method, outcomes }) => [method.name, bothMeans(outcomes.map((o) => o.policy))] as const,
    );
    return {
      title: experiment.title,
      reference: bothMeans(referencesOf(rows)),
      means: new Map(means),
      best: BOTH.map((_, i) => Math.max(...means.map(([, both]) => both[i]!))),
    };
  });
  const methods = new Set(columns.flatMap(({ means }) => [...means.keys()]));
  const text = (x: number, best?: number): string => (x === best ? `**${share(x)}**` : share(x));
  return [
    tableRow(['method', ...columns.map(({ title }) => title)]),
    ruler(1, columns.length),
    tableRow(['reference', ...columns.map((c) => c.reference.map((x) => text(x)).join(' · '))]),
    ...[...methods].map((name) =>
      tableRow([
        name,
        ...columns.map(({ means, best }) =>
          (means.get(name) ?? []).map((x, i) => text(x, best[i])).join(' · '),
        ),
      ]),
    ),
  ].join('');
}

const BOTH = ['success', 'success_sampled'] as const satisfies readonly How[];
const bothMeans = (some: readonly Success[]): number[] =>
  BOTH.map((how) => meanOf(some, (one) => one[how].at(-1)!));

/** The methods that have a reported run, in the order of the experiment. */
export function groupsOf({ methods }: Experiment, rows: readonly EvidenceRow[]): Group[] {
  return methods.flatMap((method) => {
    const own = rows.filter((r) => r.stage === 'report' && r.method === method.name);
    if (own.length === 0) return [];
    const outcomes = own.flatMap(({ outcome }) => outcome ?? []);
    const settings = tunedText(method, own[0]!);
    return [{ method, settings, outcomes, diverged: own.length - outcomes.length }];
  });
}

/** The settings of a row that its method is tuned over. */
const tunedText = ({ tune }: ComparedMethod, { settings }: EvidenceRow): string =>
  [...new Set(tune.flatMap((point) => Object.keys(point)))]
    .filter((name) => name in settings) // points of a grid need not say the same
    .map((name) => `${SHORT.get(name) ?? name} ${settings[name]}`)
    .join(', ');

const SHORT = new Map([
  ['optimizer.learningRate', 'lr'],
  ['optimizer.epochs', 'epochs'],
  ['drift.gamma', 'γ'],
  ['method.threshold', 'τ'],
  ['method.thresholdRise', 'rise of τ'],
]);

function table(groups: readonly Group[], references: readonly Success[]): string {
  const all = groups.flatMap(({ outcomes }) => outcomes);
  const wall = wallSeconds(all);
  const isTimed = all.every((outcome) => outcome.seconds);
  const costNames = isTimed ? [...COSTS, 'seconds'] : COSTS;
  const costs = (outcomes: readonly Outcome[]): string[] => [
    meanOf(outcomes, (o) => o.sampled_tokens / 1000).toFixed(1),
    meanOf(outcomes, (o) => o.trained_tokens / 1000).toFixed(1),
    meanOf(outcomes, (o) => o.gflop).toFixed(0),
    meanOf(outcomes, (o) => o.passes_at_once).toFixed(0),
    meanOf(outcomes, (o) => o.round_trips).toFixed(0),
    ...(isTimed ? [median(outcomes.map(wall)).toFixed(0)] : []),
  ];
  const head = ['method', 'tuned to', 'seeds', ...SUCCESS, 'unique', 'KL', ...costNames];
  const prompts = all[0]?.prompts ?? 1;
  return [
    tableRow(head),
    ruler(2, head.length - 2),
    ...(all.length > 0
      ? [
          tableRow([
            'reference',
            '',
            '',
            ...successCells(references, prompts),
            ...blank(2 + costNames.length),
          ]),
        ]
      : []),
    ...groups.map(({ method: { name }, settings, outcomes, diverged }) => {
      const seeds = `${outcomes.length}${diverged > 0 ? ` + ${diverged} diverged` : ''}`;
      if (outcomes.length === 0)
        return tableRow([name, settings, seeds, ...blank(head.length - 3)]);
      return tableRow([
        ...[name, settings, seeds],
        ...successCells(
          outcomes.map((o) => o.policy),
          prompts,
        ),
        meanOf(outcomes, (o) => o.policy.unique_answer_ratio).toFixed(2),
        meanOf(outcomes, (o) => o.policy.kl ?? NaN).toFixed(3),
        ...costs(outcomes),
      ]);
    }),
  ].join('');
}

const SUCCESS = ['greedy @1', 'greedy @T', '95 %', 'sampled @1', 'sampled @T', '95 %'];
const COSTS = ['sampled k', 'trained k', 'GFLOP', 'passes', 'round trips'];

/**
 * Seconds of rollouts and training. A process plays the same tries once, for the first run that wants
 * them: here every run has paid for them.
 */
function wallSeconds(all: readonly Outcome[]): (outcome: Outcome) => number {
  const played = new Map<number, number>();
  const isShared = ({ round_trips }: Outcome): boolean => round_trips === 0;
  for (const one of all.filter(isShared)) {
    const { sampled_tokens: tries, seconds } = one; // as many tokens: the same tries
    played.set(tries, Math.max(played.get(tries) ?? 0, seconds?.rollout ?? 0));
  }
  return (one) => {
    const { rollout = 0, train = 0 } = one.seconds ?? {};
    return train + (isShared(one) ? played.get(one.sampled_tokens)! : rollout);
  };
}

function successCells(some: readonly Success[], prompts: number): string[] {
  const cells = (how: How): string[] => {
    const { low, high } = successInterval(some, how, prompts);
    return [
      spread(some.map((one) => one[how][0]!)),
      spread(some.map((one) => one[how].at(-1)!)),
      `${share(low)}–${share(high)}`,
    ];
  };
  return [...cells('success'), ...cells('success_sampled')];
}

/** Of success within all turns, over seeds and prompts. */
export const successInterval = (some: readonly Success[], how: How, prompts: number): Interval =>
  bootstrap(some.map((one) => solvedOf(one, how, prompts)));

const solvedOf = (one: Success, how: How, prompts: number): Solved => ({
  solved: Math.round(one[how].at(-1)! * prompts),
  prompts,
});

/** Mean ± population standard deviation. */
function spread(values: readonly number[]): string {
  const center = meanOf(values, (x) => x);
  const deviation = Math.sqrt(meanOf(values, (x) => (x - center) ** 2));
  return values.length > 1 ? `${share(center)} ± ${share(deviation)}` : share(center);
}

export const meanOf = <T>(items: readonly T[], pick: (item: T) => number): number =>
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
      return tableRow([method.name, shown, success('success'), success('success_sampled')]);
    });
  });
}

/** One method minus another, over the seeds that both have. */
function comparedLines({ compare }: Experiment, reported: readonly EvidenceRow[]): string[] {
  const bySeed = (name: string): ReadonlyMap<unknown, Outcome> =>
    new Map(
      reported.filter((r) => r.method === name).map((r) => [r.settings.seed, r.outcome!] as const),
    );
  return compare.flatMap(([name, otherName]) => {
    const others = bySeed(otherName);
    const pairs = [...bySeed(name)].flatMap(([seed, outcome]) => {
      const other = others.get(seed);
      return other ? [[outcome, other] as const] : [];
    });
    if (pairs.length === 0) return [];
    const cells = (how: How): string[] => {
      const solved = ({ policy, prompts }: Outcome): Solved => solvedOf(policy, how, prompts);
      const { mean, low, high } = bootstrapDifference(
        pairs.map(([one, other]) => [solved(one), solved(other)]),
      );
      return [signed(mean), `${signed(low)} to ${signed(high)}`];
    };
    const label = `${name} − ${otherName}`;
    return [tableRow([label, `${pairs.length}`, ...cells('success'), ...cells('success_sampled')])];
  });
}

/** "+.012" */
function signed(x: number): string {
  const size = share(Math.abs(x));
  if (size === '.000') return size;
  return `${x < 0 ? '−' : '+'}${size}`;
}

const blank = (count: number): string[] => Array<string>(count).fill('');
