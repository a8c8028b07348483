import { useRef, type JSX } from 'react';
import { allowedValues, LEAVES } from '../../config/leaves';
import { usualRate } from '../../config/methodRates';
import { methodView } from '../../state/methodViews';
import type { Rates } from '../../state/raceSlice';
import { Help } from '../controls/Help';
import { NumberEntry } from '../controls/NumberEntry';
import { numberText } from '../controls/numbers';

const LEAF = LEAVES.get('optimizer.learningRate')!;

interface RaceRatesProps {
  readonly task: string;
  readonly methods: readonly string[];
  readonly rates: Rates;
  readonly onChange: (rates: Rates) => void;
  readonly onProblem: (problem: string | undefined) => void;
}

/** The learning rate of every method that races: none does its best with another's. */
export function RaceRates({
  task,
  methods,
  rates,
  onChange,
  onProblem,
}: RaceRatesProps): JSX.Element {
  const reset = (name: string): void => {
    const { [name]: _, ...others } = rates;
    onChange(others);
  };
  return (
    <fieldset className="race-row checks">
      <legend className="field-name">Learning rates</legend>
      {methods.map((name) => (
        <RaceRate
          key={name}
          name={name}
          usual={usualRate(task, name)}
          rate={rates[name]}
          onEnter={(rate) => {
            if (!LEAF.schema.safeParse(rate).success) return `Give ${allowedValues(LEAF)}.`;
            onChange({ ...rates, [name]: rate });
            return undefined;
          }}
          onReset={() => reset(name)}
          onProblem={onProblem}
        />
      ))}
    </fieldset>
  );
}

interface RaceRateProps {
  readonly name: string;
  readonly usual: ReturnType<typeof usualRate>;
  readonly rate: number | undefined; // the visitor's own
  readonly onEnter: (rate: number) => string | undefined;
  readonly onReset: () => void;
  readonly onProblem: (problem: string | undefined) => void;
}

function RaceRate({ name, usual, rate, onEnter, onReset, onProblem }: RaceRateProps): JSX.Element {
  const field = useRef<HTMLDivElement>(null);
  const { title } = methodView(name);
  const isOwn = rate !== undefined && rate !== usual.rate;
  return (
    <div ref={field} className="race-field">
      <Help label={title}>
        <p>
          {numberText(usual.rate)}: {usual.source}
        </p>
      </Help>
      <NumberEntry
        label={`Learning rate of ${title}`}
        value={rate ?? usual.rate}
        onEnter={onEnter}
        onProblem={onProblem}
      />
      <button
        type="button"
        className="reset"
        hidden={!isOwn}
        aria-label={`Reset the learning rate of ${title} to ${numberText(usual.rate)}`}
        onClick={() => {
          onReset();
          field.current?.querySelector('input')?.focus(); // the button itself goes
        }}
      >
        ↺
      </button>
    </div>
  );
}
