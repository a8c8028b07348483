import { useState, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { Failure } from './Failure';
import { TaskFileNotices } from './TaskFileNotices';
import { RecordingNotice } from './RecordingNotice';

/** What the visitor must know now: a failed run, a bad link, a slow adapter. Never in the way. */
export function Panels(): JSX.Element {
  return (
    <div className="panels">
      <RecordingNotice />
      <FailurePanel />
      <TaskFileNotices />
      <LinkNotices />
      <SoftwareNotice />
    </div>
  );
}

function FailurePanel(): JSX.Element | null {
  const error = usePlayground((s) => (s.phase.name === 'failed' ? s.phase.error : undefined));
  const act = useActions();
  return error ? (
    <Failure key={error.message} error={error} onDismiss={() => act().dismissFailure()} />
  ) : null;
}

function LinkNotices(): JSX.Element | null {
  const notices = usePlayground((s) => s.notices);
  const act = useActions();
  if (notices.length === 0) return null;
  return (
    <div className="panel panel-notice" role="status">
      <div className="panel-body">
        <h2>Not everything in the link could be used.</h2>
        <ul>
          {notices.map((notice, i) => (
            <li key={i}>{notice}</li>
          ))}
        </ul>
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => act().dismissNotices()}
      >
        ×
      </button>
    </div>
  );
}

function SoftwareNotice(): JSX.Element | null {
  const adapter = usePlayground((s) => (s.watching ? undefined : s.prepared?.adapter));
  const [isDismissed, setDismissed] = useState(false);
  if (!adapter?.isSoftware || isDismissed) return null;
  return (
    <div className="panel panel-notice" role="status">
      <div className="panel-body">
        <p>
          <b>No GPU here: the browser computes on the processor.</b> “{adapter.name}” is a software
          adapter. Everything works, only much slower; for full speed, turn on hardware acceleration
          in the browser’s settings.
        </p>
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => setDismissed(true)}
      >
        ×
      </button>
    </div>
  );
}
