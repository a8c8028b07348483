import type { JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { OpenTaskFile } from '../tasks/OpenTaskFile';
import { Failure } from './Failure';

/** A task file that was refused, and a link that waits for one. */
export function TaskFileNotices(): JSX.Element {
  const error = usePlayground((s) => s.fileError);
  const waiting = usePlayground((s) => s.waitingLink);
  const act = useActions();
  return (
    <>
      {error && (
        <Failure key={error.message} error={error} onDismiss={() => act().dismissFileError()} />
      )}
      {waiting && (
        <div className="panel panel-notice" role="status">
          <div className="panel-body">
            <h2>This link needs its task file.</h2>
            <p>
              Its task is in a file that a link cannot carry. Open that file, and the settings of
              the link come with it; the hash in its name is <code>{waiting.task.slice(5)}</code>.
            </p>
            <div className="panel-actions">
              <OpenTaskFile />
            </div>
          </div>
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss"
            onClick={() => act().dismissWaitingLink()}
          >
            ×
          </button>
        </div>
      )}
    </>
  );
}
