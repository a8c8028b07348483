import type { RunConfig } from '../../config/runConfig';
import type { Variant } from '../../config/variants';
import {
  changesOf,
  hasOneRound,
  RATE,
  type Change,
  type nearestEntry,
} from '../../state/raceEntries';
import { settingText } from '../controls/settingText';

/** What an entry changes of the settings, in words; its method and rate stand beside it. */
export function changesText(entry: Variant, config: RunConfig): string {
  const changes = changesOf(entry, config).filter(
    ({ leaf }) => leaf.name !== 'method.name' && leaf.name !== RATE,
  );
  const words = changes.map(({ leaf, value }) => `${leaf.meta.label}: ${settingText(leaf, value)}`);
  if (hasOneRound(entry, config)) words.push('a single round with so few prompts');
  return words.join(' · ');
}

const MOST_NAMED = 2; // changes in a name

/** A name for the settings, after the ready-made entry that they are nearest to. */
export function nameOf({ entry, changes }: ReturnType<typeof nearestEntry>): string {
  const named = changes.slice(0, MOST_NAMED).map(shortText);
  return [entry.name, ...named, ...(changes.length > MOST_NAMED ? ['…'] : [])].join(', ');
}

const shortText = ({ leaf, value }: Change): string =>
  `${leaf.meta.label} ${settingText(leaf, value)}`;
