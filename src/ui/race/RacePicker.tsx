import type { JSX } from 'react';
import type { Variant } from '../../config/variants';
import { methodView } from '../../state/methodViews';
import { methodNameOf } from '../../state/raceEntries';

export const playsWhileItLearns = (entry: Variant): boolean =>
  methodView(methodNameOf(entry)).promptsPerRound !== undefined;

const learnsFromPairs = (entry: Variant): boolean =>
  methodView(methodNameOf(entry)).settings.some((setting) => setting.startsWith('preference.'));

const KINDS: readonly (readonly [string, (entry: Variant) => boolean])[] = [
  ['Frozen tries, weighted', (entry) => !playsWhileItLearns(entry) && !learnsFromPairs(entry)],
  ['Frozen tries, preferred', learnsFromPairs],
  ['Plays while it learns', playsWhileItLearns],
];

interface RacePickerProps {
  readonly offered: readonly Variant[];
  readonly chosen: readonly string[]; // names
  readonly onToggle: (name: string) => void;
}

/** The ready-made entries, sorted by what they learn from, to tick. */
export const RacePicker = ({ offered, chosen, onToggle }: RacePickerProps): JSX.Element => (
  <>
    {KINDS.map(([title, isOfKind]) => (
      <fieldset key={title} className="race-row checks">
        <legend className="field-name">{title}</legend>
        <div className="race-checks">
          {offered.filter(isOfKind).map((entry) => (
            <label
              key={entry.name}
              className="check"
              title={methodView(methodNameOf(entry)).sentence}
            >
              <input
                type="checkbox"
                checked={chosen.includes(entry.name)}
                onChange={() => onToggle(entry.name)}
              />
              {entry.name}
            </label>
          ))}
        </div>
      </fieldset>
    ))}
  </>
);
