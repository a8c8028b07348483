import { useState, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { METHOD_NAMES, methodView } from '../../state/methodViews';
import type { Budget } from '../../state/raceBudget';
import type { Rates } from '../../state/raceSlice';
import { Choice, type Option } from '../controls/Choice';
import { NumberEntry } from '../controls/NumberEntry';
import { Problem } from '../controls/Problem';
import { LineSample } from '../results/LineSample';
import { lookOf } from '../results/lines';
import { RaceRates } from './RaceRates';

const BUDGETS: readonly (Option<Budget['kind']> & {
  readonly usual: number;
  readonly meaning: string;
})[] = [
  {
    value: 'epochs',
    label: 'the settings’ epochs',
    usual: 0,
    meaning: 'Each trains for the epochs of the settings above.',
  },
  {
    value: 'steps',
    label: 'optimizer steps',
    usual: 64,
    meaning: 'Each takes as many epochs as the steps need.',
  },
  {
    value: 'trainedTokens',
    label: 'trained tokens',
    usual: 40_000,
    meaning: 'Each takes as many epochs as the tokens pay for.',
  },
  {
    value: 'sampledTokens',
    label: 'generated tokens',
    usual: 20_000,
    meaning: 'Each samples as many prompts as the tokens pay for.',
  },
  {
    value: 'seconds',
    label: 'seconds',
    usual: 30,
    meaning: 'Each takes as many epochs as fit into the time.',
  },
];
const PLAYS = (name: string): boolean => methodView(name).promptsPerRound !== undefined;
const PAIRS = (name: string): boolean =>
  methodView(name).settings.some((setting) => setting.startsWith('preference.'));
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['Frozen tries, weighted', METHOD_NAMES.filter((name) => !PLAYS(name) && !PAIRS(name))],
  ['Frozen tries, preferred', METHOD_NAMES.filter(PAIRS)],
  ['Plays while it learns', METHOD_NAMES.filter(PLAYS)],
];
const FIRST: readonly string[] = ['drift', 'sft', 'rft'];
const MOST_SEEDS = 10;
const MOST = 1e9;

/** Who races, with how many seeds, and what each run may spend. */
export function RaceForm(): JSX.Element {
  const [methods, setMethods] = useState(FIRST);
  const [seeds, setSeeds] = useState(1);
  const [budget, setBudget] = useState<Budget>({ kind: 'epochs', amount: 0 });
  const task = usePlayground((s) => s.config.task);
  const [allRates, setRates] = useState<Readonly<Record<string, Rates>>>({}); // by task
  const rates = allRates[task] ?? {};
  const [problem, setProblem] = useState<string>();
  const toggle = (name: string): void =>
    setMethods(METHOD_NAMES.filter((m) => methods.includes(m) !== (m === name)));
  const setWhole =
    (set: (value: number) => void, most: number) =>
    (value: number): string | undefined => {
      if (!Number.isInteger(value) || value < 1 || value > most)
        return `Give a whole number from 1 to ${most.toLocaleString('en-US')}.`;
      set(value);
      return undefined;
    };
  return (
    <>
      <div className="race-form" role="group" aria-label="Entries of the race">
        {KINDS.map(([title, names]) => (
          <fieldset key={title} className="race-row checks">
            <legend className="field-name">{title}</legend>
            {names.map((name) => (
              <label key={name} className="check" title={methodView(name).sentence}>
                <input
                  type="checkbox"
                  checked={methods.includes(name)}
                  onChange={() => toggle(name)}
                />
                {methodView(name).title}
                <LineSample {...lookOf(name)} />
              </label>
            ))}
          </fieldset>
        ))}
        <RaceRates
          {...{ task, methods, rates }}
          onChange={(changed) => setRates({ ...allRates, [task]: changed })}
          onProblem={setProblem}
        />
        <div className="race-row">
          <span className="field-name">Seeds of each</span>
          <span className="race-field">
            <NumberEntry
              label="Seeds"
              value={seeds}
              onEnter={setWhole(setSeeds, MOST_SEEDS)}
              onProblem={setProblem}
            />
          </span>
        </div>
        <div className="race-row">
          <span className="field-name">Each run may spend</span>
          <span className="race-field">
            {budget.kind !== 'epochs' && (
              <NumberEntry
                label="Budget of each run"
                value={budget.amount}
                onEnter={setWhole((amount) => setBudget({ ...budget, amount }), MOST)}
                onProblem={setProblem}
              />
            )}
            <Choice
              label="Kind of budget"
              value={budget.kind}
              options={BUDGETS}
              onChange={(kind) => setBudget({ kind, amount: budgetOf(kind).usual })}
            />
            <span className="quiet">
              {budgetOf(budget.kind).meaning}
              {budget.kind !== 'epochs' &&
                methods.some(PLAYS) &&
                ' One that plays while it learns comes back to its prompts until that is spent.'}
            </span>
          </span>
        </div>
      </div>
      <Problem text={problem} />
      <div className="race-start">
        <RaceButton plan={{ methods, rates, seeds, budget }} />
        <RaceState next={methods.length * seeds} />
      </div>
    </>
  );
}

const budgetOf = (kind: Budget['kind']) => BUDGETS.find((b) => b.value === kind)!;

type Plan = Parameters<ReturnType<ReturnType<typeof useActions>>['startRace']>[0];

function RaceButton({ plan }: { readonly plan: Plan }): JSX.Element {
  const isRacing = usePlayground((s) => s.race?.now !== undefined);
  const isRunning = usePlayground((s) => s.phase.name === 'running');
  const isRecording = usePlayground((s) => s.watching !== undefined);
  const act = useActions();
  const mustWait = !isRacing && (isRunning || isRecording || plan.methods.length === 0);
  return (
    <button
      type="button"
      className="button button-strong"
      aria-disabled={mustWait}
      onClick={() => {
        if (isRacing) act().pause();
        else if (!mustWait) void act().startRace(plan);
      }}
    >
      {isRacing ? 'Cancel the race' : 'Start the race'}
      {isRecording && <span className="quiet"> needs WebGPU</span>}
    </button>
  );
}

/** How far the race is, or how many runs the next one takes. */
function RaceState({ next }: { readonly next: number }): JSX.Element {
  const race = usePlayground((s) => s.race);
  const all = race ? race.plan.methods.length * race.plan.seeds : 0;
  const through = race ? race.runs.length + race.failures.length : 0;
  return (
    <p className="quiet" aria-live="polite">
      {race?.now
        ? `Run ${through + 1} of ${all}: ${methodView(race.now.method).title}, seed ${race.now.seed}. What is finished stays when you cancel.`
        : race && through < all
          ? `Ended after ${through} of ${all} runs.`
          : next === 0
            ? 'Choose a method.'
            : `${next} ${next === 1 ? 'run' : 'runs'}, one after the other, on the settings above, each method at its own rate.`}
    </p>
  );
}
