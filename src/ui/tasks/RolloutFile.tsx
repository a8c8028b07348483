import type { JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { rolloutsText } from '../../state/rolloutFileSlice';
import { downloadBlob } from '../charts/download';
import { OpenFile } from './OpenFile';

/** Tries that go into a file, or come from one. */
export function RolloutFile(): JSX.Element {
  const rollouts = usePlayground((s) => s.rollouts);
  const act = useActions();
  const save = (): void => {
    if (!rollouts) return;
    const text = rolloutsText(rollouts);
    downloadBlob(new Blob([text], { type: 'application/jsonl' }), 'rollouts.jsonl');
  };
  return (
    <div className="task-file">
      <p className="quiet">
        {rollouts?.file
          ? `These tries are those of ${rollouts.file.name}. A link cannot carry them; another setting of this column samples anew.`
          : 'One try a line, with the fields of the paper’s code, as the command line writes and reads them too. The verifier judges every answer again.'}
      </p>
      <p className="task-file-ways">
        <OpenFile
          label="Open a rollout file"
          accept=".jsonl,.ndjson,application/jsonl"
          onChoose={(file) => void act().openRollouts(file)}
        />
        {rollouts && (
          <button type="button" className="link-button" onClick={save}>
            save these {rollouts.weights.length.toLocaleString('en-US')} tries
          </button>
        )}
      </p>
    </div>
  );
}
