import { useEffect, useRef, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import type { PlaygroundState } from '../../state/store';

/** While a recording is watched: that it is one, of what, made on which adapter, and how to get a live one. */
export function RecordingNotice(): JSX.Element | null {
  const run = usePlayground((s) => s.watching);
  return run ? <Notice run={run} /> : null;
}

function Notice({ run }: { readonly run: NonNullable<PlaygroundState['watching']> }): JSX.Element {
  const title = usePlayground((s) => s.preset.title);
  const act = useActions();
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The buttons that bring this notice and take it away go with it: the focus would be nowhere.
    const isLost = (): boolean => document.activeElement === document.body;
    if (isLost()) panel.current?.focus({ preventScroll: true });
    return () => {
      if (isLost()) document.getElementById('main')?.focus({ preventScroll: true });
    };
  }, []);
  const { adapter } = run.prepared;
  return (
    <div ref={panel} className="panel panel-notice" role="status" tabIndex={-1}>
      <div className="panel-body">
        <p>
          <b>This is a recording</b> of “{title}”, seed {run.config.seed}, made on {adapter.name}
          {adapter.isSoftware && ', a software adapter'}. γ, β, λ and the format penalty act on its
          tries at once; everything else needs WebGPU, as in a current Chrome, Edge, Safari or
          Firefox.
        </p>
        <button type="button" className="button" onClick={() => void act().goLive()}>
          Leave the recording, run live
        </button>
      </div>
    </div>
  );
}
