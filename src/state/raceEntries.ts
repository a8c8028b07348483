/** Entries of a race: variants of methods, as settings in the place of the page's. Pure. */
import {
  differingLeaves,
  LEAVES,
  leafValue,
  withSettings,
  type Leaf,
  type LeafValue,
} from '../config/leaves';
import type { RunConfig } from '../config/runConfig';
import type { Variant } from '../config/variants';
import { isRefreshed, roundPrompts } from '../method/coefficients/methods';
import { isOfMethods, looksAt, methodView } from './methodViews';
import { rolloutKey } from './rolloutSlice';

/** The setting that every entry has of its own. */
export const RATE = 'optimizer.learningRate';

export const methodNameOf = ({ set }: Variant): string => String(set['method.name']);

/** The settings of one run. */
export const runOf = ({ set }: Variant, config: RunConfig, seed: number): RunConfig =>
  withSettings(config, { ...set, seed });

/** The entries as they run: those that learn from the same tries follow one another. */
export function inTurn(entries: readonly Variant[], config: RunConfig): Variant[] {
  const byTries = new Map<string, Variant[]>();
  for (const entry of entries) {
    const own = runOf(entry, config, config.seed);
    const tries = isRefreshed(own) ? entry.name : rolloutKey(own);
    byTries.set(tries, [...(byTries.get(tries) ?? []), entry]);
  }
  return [...byTries.values()].flat();
}

/** Whether an entry that plays while it learns has too few prompts to come to its second round. */
export function hasOneRound(entry: Variant, config: RunConfig): boolean {
  const own = withSettings(config, entry.set);
  const { rollout, online } = own;
  return isRefreshed(own) && online.passes === 1 && roundPrompts(own) >= rollout.prompts;
}

const ENTRYS_OWN: ReadonlySet<string> = new Set(['rollout', 'optimizer']);
const SHARED: ReadonlySet<string> = new Set(['rollout.prompts']);

/** Whether a setting may differ among entries, and an entry of this method looks at it. */
const isOwn = ({ name, path: [section] }: Leaf, method: string): boolean =>
  (isOfMethods(name) || (ENTRYS_OWN.has(section!) && !SHARED.has(name))) &&
  looksAt(methodView(method), name);

export interface Change {
  readonly leaf: Leaf;
  readonly value: LeafValue;
}

const changesBetween = (from: RunConfig, to: RunConfig): Change[] =>
  differingLeaves(from, to)
    .filter((leaf) => isOwn(leaf, to.method.name))
    .map((leaf) => ({ leaf, value: leafValue(to, leaf) }));

/** What an entry changes of settings, in what it looks at; its learning rate included. */
export const changesOf = ({ set }: Variant, config: RunConfig): Change[] =>
  changesBetween(config, withSettings(config, set));

/** The settings as an entry, which keeps them when they are changed; what all share is left out. */
export function entryOf(config: RunConfig, name: string): Variant {
  const own = [...LEAVES.values()].filter((leaf) => isOwn(leaf, config.method.name));
  return { name, set: Object.fromEntries(own.map((leaf) => [leaf.name, leafValue(config, leaf)])) };
}

/** The entry of the settings' method that is nearest to them, and what they change of it on its preset. */
export function nearestEntry(
  config: RunConfig,
  preset: RunConfig,
  entries: readonly Variant[],
): { readonly entry: Variant; readonly changes: readonly Change[] } {
  const [nearest] = entries
    .filter((entry) => methodNameOf(entry) === config.method.name)
    .map((entry) => ({ entry, changes: changesBetween(withSettings(preset, entry.set), config) }))
    .sort((a, b) => a.changes.length - b.changes.length);
  return nearest!; // every method is ready-made
}
