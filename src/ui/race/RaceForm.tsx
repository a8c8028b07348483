import { useState, type JSX } from 'react';
import type { MethodName } from '../../config/methodConfig';
import { useActions, usePlayground } from '../../state/hooks';
import { METHOD_ORDER, methodView } from '../../state/methodViews';
import type { Budget } from '../../state/raceBudget';
import { Choice, type Option } from '../controls/Choice';
import { NumberEntry } from '../controls/NumberEntry';

const BUDGETS: readonly (Option<Budget['kind']> & { readonly usual: number })[] = [
  { value: 'epochs', label: 'the settings’ epochs', usual: 0 },
  { value: 'steps', label: 'optimizer steps', usual: 64 },
  { value: 'trainedTokens', label: 'trained tokens', usual: 40_000 },
  { value: 'sampledTokens', label: 'generated tokens', usual: 20_000 },
  { value: 'seconds', label: 'seconds', usual: 30 },
];
const FIRST: readonly MethodName[] = ['drift', 'sft', 'rft'];
const MOST_SEEDS = 10;
const MOST = 1e9;

/** Who races, with how many seeds, and what each run may spend. */
export function RaceForm(): JSX.Element {
  const [methods, setMethods] = useState(FIRST);
  const [seeds, setSeeds] = useState(1);
  const [budget, setBudget] = useState<Budget>({ kind: 'epochs', amount: 0 });
  const [problem, setProblem] = useState<string>();
  const toggle = (name: MethodName): void =>
    setMethods(METHOD_ORDER.filter((m) => methods.includes(m) !== (m === name)));
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
      <div className="race-form">
        <fieldset className="checks">
          <legend>Methods</legend>
          {METHOD_ORDER.map((name) => (
            <label key={name} className="check" title={methodView(name).sentence}>
              <input
                type="checkbox"
                checked={methods.includes(name)}
                onChange={() => toggle(name)}
              />
              {methodView(name).title}
            </label>
          ))}
        </fieldset>
        <div className="race-field">
          Seeds
          <NumberEntry
            label="Seeds"
            value={seeds}
            onEnter={setWhole(setSeeds, MOST_SEEDS)}
            onProblem={setProblem}
          />
        </div>
        <div className="race-field">
          Each run may spend
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
            onChange={(kind) =>
              setBudget({ kind, amount: BUDGETS.find((b) => b.value === kind)!.usual })
            }
          />
        </div>
        <RaceButton plan={{ methods, seeds, budget }} />
      </div>
      {problem && (
        <p role="alert" className="field-problem">
          {problem}
        </p>
      )}
      <RaceState />
    </>
  );
}

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

/** How far the race is, or what a budget means. */
function RaceState(): JSX.Element {
  const race = usePlayground((s) => s.race);
  const all = race ? race.plan.methods.length * race.plan.seeds : 0;
  const through = race ? race.runs.length + race.failures.length : 0;
  return (
    <p className="quiet race-state" aria-live="polite">
      {race?.now
        ? `Run ${through + 1} of ${all}: ${methodView(race.now.method).title}, seed ${race.now.seed}. What is finished stays when you cancel.`
        : race && through < all
          ? `Ended after ${through} of ${all} runs.`
          : 'Runs take turns, all with the settings above. A budget of steps, trained tokens or seconds takes as many epochs as it needs; one of generated tokens as many prompts as it pays for. A method that samples while it trains ends with its prompts.'}
    </p>
  );
}
