import { useRef, type JSX } from 'react';
import { allowedValues, LEAVES } from '../../config/leaves';
import { usualRate } from '../../config/methodRates';
import type { RunConfig } from '../../config/runConfig';
import type { Variant } from '../../config/variants';
import { methodView } from '../../state/methodViews';
import type { Rates } from '../../state/raceChoice';
import { methodNameOf, RATE } from '../../state/raceEntries';
import { focusControl } from '../controls/focusControl';
import { Help } from '../controls/Help';
import { NumberEntry } from '../controls/NumberEntry';
import { numberText } from '../controls/numbers';
import { LineSample } from '../results/LineSample';
import type { EntryLook } from './entryLooks';
import { changesText } from './entryText';

const LEAF = LEAVES.get(RATE)!;

interface RaceEntriesProps {
  readonly config: RunConfig;
  readonly entries: readonly Variant[]; // those that race
  readonly own: readonly Variant[]; //     of these the visitor's
  readonly looks: ReadonlyMap<string, EntryLook>;
  readonly rates: Rates;
  readonly onRates: (rates: Rates) => void;
  readonly onRemove: (entry: Variant) => void;
  readonly onProblem: (problem: string | undefined) => void;
}

/** Who races: the look of each entry's line, what it changes of the settings, and its learning rate. */
export function RaceEntries(props: RaceEntriesProps): JSX.Element | null {
  const { config, entries, own, looks, rates, onRates, onRemove, onProblem } = props;
  if (entries.length === 0) return null;
  return (
    <div className="race-entries">
      <p className="race-entry race-entries-head" aria-hidden="true">
        <span>Entry</span>
        <span>Changes of the settings above</span>
        <span>Learning rate</span>
      </p>
      <ul aria-label="Entries of the race">
        {entries.map((entry) => (
          <li key={entry.name} className="race-entry">
            <span className="race-entry-name">
              <LineSample {...looks.get(entry.name)!} />
              <EntryHelp entry={entry} isOwn={own.includes(entry)} task={config.task} />
            </span>
            <span className="race-entry-changes">
              {changesText(entry, config) || (
                <span className="quiet">
                  {methodNameOf(entry) === config.method.name
                    ? 'as set above'
                    : 'as set above, but for the method'}
                </span>
              )}
            </span>
            <EntryRate
              entry={entry}
              rate={rates.get(entry.name)}
              onEnter={(rate) => {
                if (!LEAF.schema.safeParse(rate).success) return `Give ${allowedValues(LEAF)}.`;
                onRates(new Map([...rates, [entry.name, rate]]));
                return undefined;
              }}
              onReset={() => onRates(without(rates, entry.name))}
              onProblem={onProblem}
            />
            {own.includes(entry) && (
              <button
                type="button"
                className="reset race-entry-remove"
                aria-label={`Remove ${entry.name}`}
                title="Remove"
                onClick={() => onRemove(entry)}
              >
                ✕
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The learning rates but for one. */
export const without = (rates: Rates, name: string): Rates =>
  new Map([...rates].filter(([other]) => other !== name));

interface EntryHelpProps {
  readonly entry: Variant;
  readonly isOwn: boolean;
  readonly task: string;
}

/** The name of an entry, which tells what its method does and where its rate comes from. */
function EntryHelp({ entry, isOwn, task }: EntryHelpProps): JSX.Element {
  const method = methodNameOf(entry);
  return (
    <Help label={entry.name}>
      <p>{methodView(method).sentence}</p>
      <p>
        Learning rate {numberText(Number(entry.set[RATE]))}:{' '}
        {isOwn ? 'as set when it was added.' : usualRate(task, method).source}
      </p>
    </Help>
  );
}

interface EntryRateProps {
  readonly entry: Variant;
  readonly rate: number | undefined; // the visitor's own
  readonly onEnter: (rate: number) => string | undefined;
  readonly onReset: () => void;
  readonly onProblem: (problem: string | undefined) => void;
}

function EntryRate({ entry, rate, onEnter, onReset, onProblem }: EntryRateProps): JSX.Element {
  const field = useRef<HTMLSpanElement>(null);
  const { name } = entry;
  const usual = Number(entry.set[RATE]);
  const isChanged = rate !== undefined && rate !== usual;
  return (
    <span ref={field} className="race-field race-entry-rate">
      <NumberEntry
        label={`Learning rate of ${name}`}
        value={rate ?? usual}
        onEnter={onEnter}
        onProblem={onProblem}
      />
      <button
        type="button"
        className="reset"
        hidden={!isChanged}
        aria-label={`Reset the learning rate of ${name} to ${numberText(usual)}`}
        onClick={() => {
          onReset();
          focusControl(field.current!); // the button itself goes
        }}
      >
        ↺
      </button>
    </span>
  );
}
