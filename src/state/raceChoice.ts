/** What a visitor has chosen to race, and the fields of a link that carry it. */
import { problemsOf } from '../config/caps';
import { LEAVES, parseLeafText, withLeaf } from '../config/leaves';
import type { RunConfig } from '../config/runConfig';
import { variantsOf, type Variant } from '../config/variants';
import { BUDGET_KINDS, type Budget } from './raceBudget';
import { changesOf, entryOf, RATE } from './raceEntries';

/** Learning rates of the visitor's, by the names of entries. */
export type Rates = ReadonlyMap<string, number>;
/** Something of each task's. */
type ByTask<T> = Readonly<Record<string, T>>;

export interface RaceChoice {
  readonly chosen: readonly string[]; //       names of ready-made entries
  readonly own: ByTask<readonly Variant[]>; // entries of the visitor's
  readonly rates: ByTask<Rates>;
  readonly seeds: number;
  readonly budget: Budget;
}

export const FIRST_RACE: RaceChoice = {
  chosen: ['DRIFT, last turn', 'DRIFT, all turns', 'SFT', 'RFT'],
  own: {},
  rates: {},
  seeds: 1,
  budget: { kind: 'epochs', amount: 0 },
};

export const MOST_SEEDS = 10;
export const MOST_BUDGET = 1e9;
export const LONGEST_NAME = 60; // of an entry of the visitor's, characters
const MOST_OWN = 12; //            of them on a task

/** Of a task: the entries offered, the visitor's, those of both that race, and their learning rates. */
export interface Lineup {
  readonly offered: readonly Variant[];
  readonly own: readonly Variant[];
  readonly racing: readonly Variant[];
  readonly rates: Rates;
}

export function lineupOn(
  { chosen, own, rates }: RaceChoice,
  task: string,
  offered: readonly Variant[] = variantsOf(task),
): Lineup {
  const mine = own[task] ?? [];
  const racing = [...offered.filter(({ name }) => chosen.includes(name)), ...mine];
  return { offered, own: mine, racing, rates: rates[task] ?? new Map() };
}

/** Why an entry of the visitor's cannot be added under a name, if it cannot. */
export function ownProblem(name: string, { offered, own }: Lineup): string | undefined {
  if (own.length >= MOST_OWN) return `A race takes at most ${MOST_OWN} entries of your own.`;
  if (name === '') return 'Give the entry a name.';
  if (name !== name.trim() || name.length > LONGEST_NAME || /\p{C}/u.test(name))
    return `Give a name of at most ${LONGEST_NAME} characters that can be shown.`;
  if ([...offered, ...own].some((entry) => entry.name === name))
    return `There is an entry “${name}” already.`;
  return undefined;
}

const OWN = 'race.own.';
const RATE_OF = 'race.rate.';

/** The fields of a link that carry a race, beside settings; none for the first choice. */
export function raceFields(race: RaceChoice, config: RunConfig): (readonly [string, string])[] {
  const { offered, own, rates } = lineupOn(race, config.task);
  const names = offered.map(({ name }) => name).filter((name) => race.chosen.includes(name));
  const { kind, amount } = race.budget;
  const fields = [
    ['race.entries', names.join(';'), FIRST_RACE.chosen.join(';')],
    ['race.seeds', String(race.seeds), String(FIRST_RACE.seeds)],
    ['race.budget', kind === 'epochs' ? kind : `${kind}:${amount}`, FIRST_RACE.budget.kind],
  ] as const;
  const changes = (entry: Variant): string =>
    changesOf(entry, config)
      .map(({ leaf, value }) => `${leaf.name}:${value}`)
      .join(';');
  return [
    ...fields.flatMap(([name, text, first]) => (text === first ? [] : [[name, text] as const])),
    ...own.map((entry) => [OWN + entry.name, changes(entry)] as const),
    ...[...rates].map(([name, rate]) => [RATE_OF + name, String(rate)] as const),
  ];
}

/** Takes the fields of a race out of a link's. */
export function takeRace(fields: Map<string, string>): ReadonlyMap<string, string> {
  const taken = new Map([...fields].filter(([name]) => name.startsWith('race.')));
  for (const name of taken.keys()) fields.delete(name);
  return taken;
}

/**
 * The race of a link, undefined without fields; what they do not say is as in the first choice.
 *
 * @param config the link's settings
 * @param refuse is told the name of a field that cannot be used
 */
export function readRace(
  fields: ReadonlyMap<string, string>,
  config: RunConfig,
  refuse: (name: string) => void,
): RaceChoice | undefined {
  if (fields.size === 0) return undefined;
  const offered = variantsOf(config.task); // once: a stranger's link may have hundreds of fields
  let race = FIRST_RACE;
  for (const [name, text] of fields) {
    const lineup = lineupOn(race, config.task, offered);
    const read = withField(race, lineup, [name, text], config);
    if (read) race = read;
    else refuse(name);
  }
  return race;
}

/** The race with what a field says; undefined where it says nothing that can be. */
function withField(
  race: RaceChoice,
  lineup: Lineup,
  [name, text]: readonly [string, string],
  config: RunConfig,
): RaceChoice | undefined {
  const { task } = config;
  if (name === 'race.entries') {
    const chosen = text === '' ? [] : text.split(';');
    const isOffered = chosen.every((asked) => lineup.offered.some((entry) => entry.name === asked));
    return isOffered ? { ...race, chosen } : undefined;
  }
  if (name === 'race.seeds') {
    const seeds = wholeNumber(text, MOST_SEEDS);
    return seeds === undefined ? undefined : { ...race, seeds };
  }
  if (name === 'race.budget') {
    const budget = budgetOf(text);
    return budget && { ...race, budget };
  }
  if (name.startsWith(OWN)) {
    const entry = ownEntry(name.slice(OWN.length), text, lineup, config);
    return entry && { ...race, own: { [task]: [...lineup.own, entry] } };
  }
  const of = name.startsWith(RATE_OF) ? name.slice(RATE_OF.length) : undefined;
  const rate = parseLeafText(LEAVES.get(RATE)!, text);
  const isKnown = [...lineup.offered, ...lineup.own].some((entry) => entry.name === of);
  if (of === undefined || rate === undefined || !isKnown) return undefined;
  return { ...race, rates: { [task]: new Map([...lineup.rates, [of, Number(rate)]]) } };
}

function ownEntry(
  name: string,
  changes: string,
  lineup: Lineup,
  config: RunConfig,
): Variant | undefined {
  if (ownProblem(name, lineup)) return undefined;
  let changed = config;
  const names: string[] = [];
  for (const change of changes === '' ? [] : changes.split(';')) {
    const [leafName = '', text = ''] = change.split(':', 2);
    const leaf = LEAVES.get(leafName);
    const value = leaf && parseLeafText(leaf, text);
    if (!leaf || value === undefined) return undefined;
    changed = withLeaf(changed, leaf, value);
    names.push(leafName);
  }
  const entry = entryOf(changed, name);
  const hasAll = names.every((leafName) => Object.hasOwn(entry.set, leafName)); // no entry sets what all share
  return hasAll && problemsOf(changed).length === 0 ? entry : undefined;
}

function budgetOf(text: string): Budget | undefined {
  const [name, amount = ''] = text.split(':', 2);
  const kind = BUDGET_KINDS.find((known) => known === name);
  if (kind === 'epochs') return text === kind ? { kind, amount: 0 } : undefined;
  const most = wholeNumber(amount, MOST_BUDGET);
  return kind && most ? { kind, amount: most } : undefined;
}

/** A whole number from 1 on. */
function wholeNumber(text: string, most: number): number | undefined {
  const value = /^[1-9]\d*$/.test(text) ? Number(text) : NaN;
  return value <= most ? value : undefined;
}
