import { useEffect, useState, type JSX } from 'react';
import { FILE_TASK } from '../../config/taskSpec';
import { useActions, usePlayground } from '../../state/hooks';
import { linkTo } from '../../state/address';
import { copyText } from '../copyText';
import { Tip } from './Tip';

/** Copies a link that opens exactly these settings. */
export function ShareButton(): JSX.Element {
  const config = usePlayground((s) => s.config);
  const act = useActions();
  const isRecording = usePlayground((s) => s.watching !== undefined);
  const isFileTask = FILE_TASK.test(config.task);
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), 2500);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    copyText(linkTo(act(), location)).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  return (
    <>
      <Tip
        text={
          isRecording
            ? 'Copy a link that runs these settings live; the address bar keeps your own'
            : isFileTask
              ? 'Copy a link to these settings. It names the task file by its hash but cannot carry it: send the file along'
              : 'Copy a link to these settings, seed included; the address bar always holds it too'
        }
      >
        <button type="button" className="button button-share" onClick={copy}>
          {outcome === 'copied' ? 'Copied ✓' : outcome === 'failed' ? 'Use address' : 'Share'}
        </button>
      </Tip>
      <span role="status" className="sr-only">
        {outcome === 'copied' &&
          (isFileTask ? 'Link copied; send the task file along.' : 'Link copied.')}
        {outcome === 'failed' && 'Copying was refused; copy the address of the page instead.'}
      </span>
    </>
  );
}
