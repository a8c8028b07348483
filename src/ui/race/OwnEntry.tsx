import { useState, type JSX, type RefObject } from 'react';
import type { RunConfig } from '../../config/runConfig';
import type { Variant } from '../../config/variants';
import { usePlayground } from '../../state/hooks';
import { LONGEST_NAME, ownProblem, type Lineup } from '../../state/raceChoice';
import { entryOf, nearestEntry } from '../../state/raceEntries';
import { nameOf } from './entryText';

interface OwnEntryProps {
  readonly config: RunConfig;
  readonly lineup: Lineup;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onAdd: (entry: Variant) => void;
  readonly onProblem: (problem: string | undefined) => void;
}

/** The settings of the page as an entry of their own, where they are not one already. */
export function OwnEntry({ config, lineup, button, onAdd, onProblem }: OwnEntryProps): JSX.Element {
  const [draft, setDraft] = useState<string>();
  const preset = usePlayground((s) => s.preset.config);
  const nearest = nearestEntry(config, preset, [...lineup.offered, ...lineup.own]);
  const isNew = nearest.changes.length > 0;
  const name = draft ?? nameOf(nearest);
  const add = (): void => {
    if (!isNew) return;
    const given = name.trim();
    const problem = ownProblem(given, lineup);
    onProblem(problem);
    if (problem) return;
    setDraft(undefined);
    onAdd(entryOf(config, given));
  };
  return (
    <div className="race-row">
      <span className="field-name">As set above</span>
      <span className="race-field race-own">
        {isNew && (
          <input
            className="entry"
            autoComplete="off"
            spellCheck={false}
            aria-label="Name of the entry as set above"
            maxLength={LONGEST_NAME}
            value={name}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') add();
              if (event.key === 'Escape') setDraft(undefined);
            }}
          />
        )}
        <button
          ref={button}
          type="button"
          className="button"
          aria-label="Add the settings above as an entry"
          aria-disabled={!isNew}
          onClick={add}
        >
          Add
        </button>
        {!isNew && (
          <span className="quiet">The settings above are those of “{nearest.entry.name}”.</span>
        )}
      </span>
    </div>
  );
}
