/** What a race offers: methods, and settings of theirs worth comparing, as docs/results.md names them. */
import { METHODS } from '../method/coefficients/registry';
import type { Settings } from './leaves';
import { usualRate } from './methodRates';

/** A method under settings of its own; what it does not set is what all that are compared share. */
export interface Variant {
  readonly name: string; // unlike any other's in the same comparison
  readonly set: Settings; // method and learning rate at least
}

interface Offer extends Variant {
  /** Where a task wants it otherwise. */
  readonly on?: Readonly<Record<string, Partial<Variant>>>;
}

const LAST = { 'method.turns': 'last' };
const ALL = { 'method.turns': 'all' };
const GRPO = { 'method.name': 'grpo' };
const DRIFT = { 'method.name': 'drift' };

/** Variants of the methods that have several; any other method is offered once, under its title. */
const OFFERS: readonly Offer[] = [
  { name: 'DRIFT, last turn', set: { ...DRIFT, ...LAST, 'drift.gamma': 0.9 } },
  { name: 'DRIFT, last turn, γ 1', set: { ...DRIFT, ...LAST, 'drift.gamma': 1 } },
  {
    name: 'DRIFT, all turns',
    set: { ...DRIFT, ...ALL },
    on: {
      boxes: {
        set: { ...DRIFT, ...ALL, 'method.dropFailedGroups': true, 'method.pruneBelow': 0.1 },
      },
    },
  },
  {
    name: 'DRIFT, all turns, failed groups dropped',
    set: { ...DRIFT, ...ALL, 'method.dropFailedGroups': true },
    on: { boxes: { name: 'DRIFT, all turns, nothing dropped', set: { ...DRIFT, ...ALL } } },
  },
  { name: 'SFT', set: { 'method.name': 'sft' } },
  {
    name: 'SFT, single turn',
    set: { 'method.name': 'sft', 'method.rows': 'first', 'rollout.turns': 1 },
  },
  { name: 'RFT', set: { 'method.name': 'rft' } },
  {
    name: 'RFT, normalized per group',
    set: {
      ...DRIFT,
      ...LAST,
      'drift.beta': 0.001,
      'drift.gamma': 1,
      'drift.lambda': 0,
      'method.dropFailedGroups': true,
      'method.pruneBelow': 0.01,
    },
  },
  {
    name: 'DRIFT, in rounds', // the evidence calls it "two rounds"; how many depends on the prompts
    set: { 'method.name': 'iterated-drift', ...ALL, 'online.refreshEvery': 32 },
    on: {
      facts: { set: { 'method.name': 'iterated-drift', ...LAST, 'online.refreshEvery': 16 } },
    },
  },
  { name: 'GRPO, multi-turn', set: GRPO },
  { name: 'GRPO, single turn', set: { ...GRPO, 'drift.gamma': 0.9, 'rollout.turns': 1 } },
];

/** Tasks whose experiments do not discount but where they say so; the published γ is 0.9. */
const UNDISCOUNTED: ReadonlySet<string> = new Set(['boxes', 'stain', 'hilo', 'maze', 'sums']);

/** What a variant that does not say otherwise has of the settings that its method looks at. */
const usual = (task: string): Settings => ({
  'drift.gamma': UNDISCOUNTED.has(task) ? 1 : 0.9,
  'method.turns': 'last',
  'method.rows': 'all',
  'method.dropFailedGroups': false,
  'method.pruneBelow': 0,
});

/** The ready-made variants on a task, every method among them; none depends on another setting. */
export function variantsOf(task: string): Variant[] {
  const listed = new Set(OFFERS.map(({ set }) => set['method.name']));
  const others = [...METHODS.values()].filter(({ name }) => !listed.has(name));
  const offers: Offer[] = [
    ...OFFERS,
    ...others.map(({ name, title }) => ({ name: title, set: { 'method.name': name } })),
  ];
  return offers.map((offer) => {
    const { name, set } = { ...offer, ...offer.on?.[task] };
    const method = String(set['method.name']);
    const { settings } = METHODS.get(method)!;
    const own = Object.entries(usual(task)).filter(([leaf]) => settings.includes(leaf));
    const { rate } = usualRate(task, method);
    return { name, set: { ...Object.fromEntries(own), ...set, 'optimizer.learningRate': rate } };
  });
}
