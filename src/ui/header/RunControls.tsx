import { useLayoutEffect, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { sameSettings } from '../../state/configSlice';
import { configToRun } from '../../state/watchSlice';
import { singly } from '../controls/singly';
import { Tip } from './Tip';

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** Run or pause, one step, and back to the start. */
export function RunControls(): JSX.Element {
  const phase = usePlayground((s) => s.phase);
  const unchanged = usePlayground(
    (s) => s.ranWith !== undefined && sameSettings(s.ranWith, configToRun(s)),
  );
  const act = useActions();
  useShortcuts();
  const isRunning = phase.name === 'running';
  const isPausing = isRunning && phase.pausing;
  const isRacing = usePlayground((s) => s.race?.now !== undefined);
  const label = isPausing
    ? 'Pausing'
    : isRunning
      ? isRacing
        ? 'Cancel race'
        : 'Pause'
      : phase.name === 'paused' && unchanged
        ? 'Go on'
        : phase.name === 'finished' && unchanged
          ? 'Again'
          : 'Run';

  return (
    <div className="run-controls" role="group" aria-label="Run">
      <Tip text={<Shortcut text="Run or pause" keys={`${COMMAND} Enter`} />}>
        <button
          type="button"
          className="button button-run"
          aria-disabled={isPausing}
          onClick={singly(() => toggleRun(act()))}
        >
          <span aria-hidden="true">{isRunning ? '❚❚' : '▶'}</span> {label}
        </button>
      </Tip>
      <Tip text={<Shortcut text="Train one step" keys={`${COMMAND} Shift Enter`} />}>
        <button
          type="button"
          className="button"
          aria-disabled={isRunning}
          onClick={() => !isRunning && void act().run(1)}
        >
          Step
        </button>
      </Tip>
      <Tip
        text={
          <Shortcut
            text="Forget tries and training; settings and finished runs stay"
            keys="Alt Shift R"
          />
        }
      >
        <button type="button" className="button" onClick={() => void act().reset()}>
          Reset
        </button>
      </Tip>
    </div>
  );
}

function Shortcut({ text, keys }: { readonly text: string; readonly keys: string }): JSX.Element {
  return (
    <>
      {text} <kbd>{keys}</kbd>
    </>
  );
}

type State = ReturnType<ReturnType<typeof useActions>>;

function toggleRun(state: State): void {
  if (state.phase.name === 'running') state.pause();
  else void state.run();
}

/** All with a modifier, so that none can be typed by accident; they act as soon as the buttons are there. */
function useShortcuts(): void {
  const act = useActions();
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = event.ctrlKey || event.metaKey;
      const state = act();
      if (command && event.key === 'Enter') {
        event.preventDefault();
        if (event.repeat) return;
        if (!event.shiftKey) toggleRun(state);
        else if (state.phase.name !== 'running') void state.run(1);
      } else if (event.altKey && event.shiftKey && event.code === 'KeyR') {
        event.preventDefault();
        void state.reset();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [act]);
}
