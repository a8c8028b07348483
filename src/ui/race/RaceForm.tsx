import { useMemo, useRef, useState, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import type { Budget } from '../../state/raceBudget';
import { lineupOn, MOST_BUDGET, MOST_SEEDS, type RaceChoice } from '../../state/raceChoice';
import { RATE } from '../../state/raceEntries';
import { runsOf } from '../../state/raceSlice';
import { lacksGpu } from '../../state/watchSlice';
import { Choice } from '../controls/Choice';
import { NumberEntry } from '../controls/NumberEntry';
import { duration } from '../controls/numbers';
import { Problem } from '../controls/Problem';
import { singly } from '../controls/singly';
import { budgetOf, BUDGETS } from './budgets';
import { entryLooks } from './entryLooks';
import { OwnEntry } from './OwnEntry';
import { RaceEntries, without } from './RaceEntries';
import { playsWhileItLearns, RacePicker } from './RacePicker';

/** Who races, with how many seeds, and what each run may spend. */
export function RaceForm(): JSX.Element {
  const config = usePlayground((s) => s.config);
  const race = usePlayground((s) => s.raceChoice);
  const act = useActions();
  const [problem, setProblem] = useState<string>();
  const addButton = useRef<HTMLButtonElement>(null);
  const { task } = config;
  const lineup = useMemo(() => lineupOn(race, task), [race, task]);
  const { offered, own, racing, rates } = lineup;
  const { chosen, seeds, budget } = race;
  const choose = (changes: Partial<RaceChoice>): void => setProblem(act().chooseRace(changes));
  const entries = racing.map(({ name, set }) => ({
    name,
    set: { ...set, [RATE]: rates.get(name) ?? set[RATE]! },
  }));
  return (
    <>
      <div className="race-form" role="group" aria-label="Settings of the race">
        <RacePicker
          offered={offered}
          chosen={chosen}
          onToggle={(name) =>
            choose({
              chosen: chosen.includes(name) ? chosen.filter((n) => n !== name) : [...chosen, name],
            })
          }
        />
        <OwnEntry
          config={config}
          lineup={lineup}
          button={addButton}
          onAdd={(entry) => choose({ own: { ...race.own, [task]: [...own, entry] } })}
          onProblem={setProblem}
        />
        <RaceEntries
          {...{ config, entries: racing, own, rates }}
          looks={entryLooks(task, own)}
          onRates={(changed) => choose({ rates: { ...race.rates, [task]: changed } })}
          onRemove={(entry) => {
            choose({
              own: { ...race.own, [task]: own.filter((other) => other !== entry) },
              rates: { ...race.rates, [task]: without(rates, entry.name) },
            });
            addButton.current?.focus(); // the entry's own button goes
          }}
          onProblem={setProblem}
        />
        <RaceLimits
          {...{ seeds, budget }}
          hasPlayers={entries.some(playsWhileItLearns)}
          onSeeds={(next) => choose({ seeds: next })}
          onBudget={(next) => choose({ budget: next })}
          onProblem={setProblem}
        />
      </div>
      <Problem text={problem} />
      <div className="race-start">
        <RaceButton plan={{ entries, seeds, budget }} />
        <RaceState next={entries.length * seeds} />
      </div>
    </>
  );
}

interface RaceLimitsProps {
  readonly seeds: number;
  readonly budget: Budget;
  readonly hasPlayers: boolean; // whether an entry plays while it learns
  readonly onSeeds: (seeds: number) => void;
  readonly onBudget: (budget: Budget) => void;
  readonly onProblem: (problem: string | undefined) => void;
}

/** How many runs of each entry, and what each may spend. */
function RaceLimits(props: RaceLimitsProps): JSX.Element {
  const { seeds, budget, hasPlayers, onSeeds, onBudget, onProblem } = props;
  const { kind, amount } = budget;
  return (
    <>
      <div className="race-row">
        <span className="field-name">Seeds of each</span>
        <span className="race-field">
          <NumberEntry
            label="Seeds"
            value={seeds}
            onEnter={whole(onSeeds, MOST_SEEDS)}
            onProblem={onProblem}
          />
        </span>
      </div>
      <div className="race-row">
        <span className="field-name">Each run may spend</span>
        <span className="race-field">
          {kind !== 'epochs' && (
            <NumberEntry
              label="Budget of each run"
              value={amount}
              onEnter={whole((changed) => onBudget({ kind, amount: changed }), MOST_BUDGET)}
              onProblem={onProblem}
            />
          )}
          <Choice
            label="Kind of budget"
            value={kind}
            options={BUDGETS}
            onChange={(next) => onBudget({ kind: next, amount: budgetOf(next).usual })}
          />
          <span className="quiet">
            {budgetOf(kind).meaning}
            {kind !== 'epochs' &&
              hasPlayers &&
              ' One that plays while it learns comes back to its prompts until that is spent.'}
          </span>
        </span>
      </div>
    </>
  );
}

/** Takes a whole number, or says why not. */
const whole =
  (set: (value: number) => void, most: number) =>
  (value: number): string | undefined => {
    if (!Number.isInteger(value) || value < 1 || value > most)
      return `Give a whole number from 1 to ${most.toLocaleString('en-US')}.`;
    set(value);
    return undefined;
  };

type Plan = Parameters<ReturnType<ReturnType<typeof useActions>>['startRace']>[0];

function RaceButton({ plan }: { readonly plan: Plan }): JSX.Element {
  const isRacing = usePlayground((s) => s.race?.now !== undefined);
  const isRunning = usePlayground((s) => s.phase.name === 'running');
  const needsGpu = usePlayground(lacksGpu);
  const act = useActions();
  const mustWait = !isRacing && (isRunning || needsGpu || plan.entries.length === 0);
  return (
    <button
      type="button"
      className="button button-strong"
      aria-disabled={mustWait}
      onClick={singly(() => {
        if (isRacing) act().pause();
        else if (!mustWait) void act().startRace(plan);
      })}
    >
      {isRacing ? 'Cancel the race' : 'Start the race'}
      {needsGpu && <span className="quiet"> needs WebGPU</span>}
    </button>
  );
}

/** How far the race is, or how many runs the next one takes. */
function RaceState({ next }: { readonly next: number }): JSX.Element {
  const race = usePlayground((s) => s.race);
  const { through, all } = race ? runsOf(race) : { through: 0, all: 0 };
  const seconds = race?.now?.secondsLeft;
  const left = seconds === undefined ? '' : ` About ${duration(seconds)} left.`;
  const takes =
    next === 0
      ? 'Choose an entry.'
      : next === 1
        ? 'One run, on the settings above but for its changes'
        : `${next} runs, one after the other, on the settings above but for those changes`;
  const replaces = next === 0 ? '' : race ? '; the results below make room.' : '.';
  const isPaused = usePlayground((s) => s.phase.name === 'paused');
  const file = usePlayground((s) => s.rollouts?.file?.name);
  const ends = [
    ...(isPaused ? ['The run that is paused ends with it.'] : []),
    ...(file ? [`Every seed samples its own tries; those of ${file} go.`] : []),
  ].join(' ');
  return (
    <p className="quiet" aria-live="polite">
      {race?.now
        ? `Run ${through + 1} of ${all}: ${race.now.entry}, seed ${race.now.seed}.${left} What is finished stays when you cancel.`
        : `${race && through < all ? `Ended after ${through} of ${all} runs. ` : ''}${takes}${replaces} ${ends}`.trim()}
    </p>
  );
}
