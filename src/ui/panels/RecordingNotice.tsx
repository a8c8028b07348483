import type { JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';

/** While a recording is watched: that it is one, of what, made on which adapter, and how to get a live one. */
export function RecordingNotice(): JSX.Element | null {
  const run = usePlayground((s) => s.watching);
  const title = usePlayground((s) => s.preset.title);
  const act = useActions();
  if (!run) return null;
  const { adapter } = run.prepared;
  return (
    <div className="panel panel-notice" role="status">
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
