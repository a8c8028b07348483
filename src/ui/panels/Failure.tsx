import { useEffect, useRef, useState, type JSX } from 'react';
import type { PlaygroundError } from '../../shared/errors';
import { useActions } from '../../state/hooks';
import { copyText } from '../copyText';
import { FAILURE_HELP } from './failures';
import { WatchButton } from './WatchButton';

interface FailureProps {
  readonly error: PlaygroundError;
  readonly onDismiss?: () => void;
}

/** What happened, why, and the next step; with facts to copy for a report. */
export function Failure({ error, onDismiss }: FailureProps): JSX.Element {
  const { title, next, offersRecording, offersPretraining } = FAILURE_HELP[error.code];
  const facts = Object.entries(error.facts);
  const panel = useRef<HTMLDivElement>(null);
  // What failed may be far below, such as a file that was chosen.
  useEffect(() => {
    void panel.current?.scrollIntoView({ block: 'nearest' }); // a promise, in newer browsers
  }, []);
  return (
    <div
      ref={panel}
      className={`panel ${offersPretraining ? 'panel-notice' : 'panel-failure'}`}
      role="alert"
    >
      <div className="panel-body">
        <h2>{title}</h2>
        <p>{error.message}</p>
        <p>{next}</p>
        {facts.length > 0 && (
          <dl className="facts">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        )}
        <div className="panel-actions">
          {offersRecording && <WatchButton className="button button-strong" />}
          {offersPretraining && <PretrainButton />}
          <CopyFacts error={error} />
        </div>
      </div>
      {onDismiss && (
        <button type="button" className="icon-button" aria-label="Dismiss" onClick={onDismiss}>
          ×
        </button>
      )}
    </div>
  );
}

/** Runs the same settings with a reference of their own. */
function PretrainButton(): JSX.Element {
  const act = useActions();
  const pretrain = (): void => {
    act().setSetting('reference.source', 'pretrain');
    void act().run();
  };
  return (
    <button type="button" className="button button-strong" onClick={pretrain}>
      Pretrain one here and run
    </button>
  );
}

function CopyFacts({ error }: { readonly error: PlaygroundError }): JSX.Element {
  const [state, setState] = useState<'copy' | 'copied' | 'failed'>('copy');
  const report = JSON.stringify(
    {
      code: error.code,
      message: error.message,
      facts: error.facts,
      cause: error.cause === undefined ? undefined : String(error.cause),
      page: location.href,
      browser: navigator.userAgent,
    },
    null,
    2,
  );
  const copy = (): void => {
    copyText(report).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  return (
    <>
      <button type="button" className="button" onClick={copy}>
        {state === 'copied' ? 'Copied' : 'Copy the facts'}
      </button>
      {state === 'failed' && <pre className="facts-text">{report}</pre>}
    </>
  );
}
