import { useId, useState, type JSX } from 'react';
import { allowedValues, LEAVES, type NumberLeaf } from '../../config/leaves';
import { usePlayground, useTheory } from '../../state/hooks';
import { foundNoGpu } from '../../state/watchSlice';
import type { TheoryPhase, TheoryState } from '../../state/theoryStore';
import { Choice } from '../controls/Choice';
import { Help } from '../controls/Help';
import { singly } from '../controls/singly';
import { NumberControl } from '../controls/leafControls';
import { Problem } from '../controls/Problem';
import { FAILURE_HELP } from '../panels/failures';
import { Symbols } from '../Symbols';

type Settings = TheoryState['settings'];

const GAMES = [
  { value: '1 all', label: 'one turn' },
  { value: '3 all', label: 'three turns, all trained' },
  { value: '3 last', label: 'three turns, only the last trained' },
] as const;

/** The setting's own row, over the range in which something happens here. */
const within = (name: string, min: number, max: number): NumberLeaf => {
  const leaf = LEAVES.get(name) as NumberLeaf;
  return { ...leaf, min, max, meta: { ...leaf.meta, scale: 'log' } };
};
const BETA = within('drift.beta', 0.05, 5);
const TRIES = within('rollout.trajectories', 1, 64);

/** β, K and the game; what they lead to by theory is drawn at once, and the model follows. */
export function TheoryControls(): JSX.Element {
  const { settings, phase, change, train, pause, restart } = useTheory();
  const isBusy = phase.name === 'opening' || phase.name === 'training';
  const needsGpu = usePlayground(foundNoGpu);
  return (
    <>
      <p className="lead" aria-live="polite">
        <Symbols text={stateText(phase, settings)} />
      </p>
      <div className="fields">
        <SliderField
          name="β in theory"
          leaf={BETA}
          value={settings.beta}
          onChange={(beta) => change({ beta })}
        />
        <SliderField
          name="K in theory"
          leaf={TRIES}
          value={settings.K}
          onChange={(K) => change({ K })}
        />
      </div>
      <div className="theory-buttons">
        <Choice
          label="Game"
          value={`${settings.turns} ${settings.trained}`}
          options={GAMES}
          onChange={(game) => {
            const [turns, trained] = game.split(' ') as ['1' | '3', Settings['trained']];
            change({ turns: turns === '1' ? 1 : 3, trained });
          }}
        />
        <button
          type="button"
          className="button button-strong"
          aria-disabled={needsGpu}
          onClick={singly(() => (isBusy ? pause() : needsGpu || void train()))}
        >
          {isBusy ? 'Pause' : 'Train the model'}
          {needsGpu && <span className="quiet"> needs WebGPU</span>}
        </button>
        <button type="button" className="button" onClick={() => void restart()}>
          Back to the reference
        </button>
      </div>
      {phase.name === 'failed' && (
        <p role="alert" className="field-problem">
          {phase.error.message} {FAILURE_HELP[phase.error.code].next}
        </p>
      )}
    </>
  );
}

/** What goes on, for whoever has just pressed or moved something. */
function stateText({ name }: TheoryPhase, { trained }: Settings): string {
  if (name === 'opening') return 'The reference is pretrained, a second or two …';
  if (name === 'idle' || name === 'failed') {
    return 'Move β and K: the lines follow at once. Then train the model and see where it ends.';
  }
  if (trained === 'last') {
    const why =
      'With the loss on the last turn only, earlier turns learn from successes alone: p_K is no fixed point, and every prompt runs to 100 %.';
    return name === 'training' ? why : `Settled: it stays where it is. ${why}`;
  }
  return name === 'training'
    ? 'The model is on its way to p_K. Move β or K meanwhile, and it follows.'
    : 'Settled: it stays at p_K, however long it is trained. Move β or K, and it goes on.';
}

interface SliderFieldProps {
  readonly name: string; // accessible, unlike the run's own
  readonly leaf: NumberLeaf;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function SliderField({ name, leaf, value, onChange }: SliderFieldProps): JSX.Element {
  const id = useId();
  const [problem, setProblem] = useState<string>();
  const { label, help } = leaf.meta;
  return (
    <div className="field field-number">
      <Help className="field-label" label={label}>
        <p>{help}</p>
      </Help>
      <NumberControl
        leaf={leaf}
        label={name}
        describedBy={id}
        value={value}
        onProblem={setProblem}
        onEnter={(entered) => {
          const isAllowed = leaf.schema.safeParse(entered).success;
          const isWithin = Number(entered) >= leaf.min && Number(entered) <= leaf.max;
          if (!isAllowed || !isWithin) return `Give ${allowedValues(leaf)}.`;
          onChange(Number(entered));
          return undefined;
        }}
      />
      <span id={id} className="sr-only">
        {help}
      </span>
      <Problem text={problem} />
    </div>
  );
}
