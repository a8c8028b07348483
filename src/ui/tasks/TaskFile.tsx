import { useState, type JSX } from 'react';
import { useActions } from '../../state/hooks';
import { OpenTaskFile } from './OpenTaskFile';
import { Problem } from '../controls/Problem';

const EXAMPLE = 'capitals.json';

/** A task of the visitor's own: from a file, dropped anywhere on the page, or the example as it is. */
export function TaskFile(): JSX.Element {
  const act = useActions();
  const [problem, setProblem] = useState<string>();
  const tryExample = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const response = await fetch(new URL(`tasks/${EXAMPLE}`, document.baseURI));
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      await act().openTaskFile(new File([await response.blob()], EXAMPLE));
    } catch (cause) {
      setProblem(`The example could not be loaded (${String(cause)}).`);
    }
  };
  return (
    <div className="task-file">
      <p className="quiet">
        Your own prompts and answers, in a JSON file; drop it here or anywhere. It stays in this
        browser.
      </p>
      <p className="task-file-ways">
        <OpenTaskFile />
        <button type="button" className="link-button" onClick={() => void tryExample()}>
          try the capitals
        </button>
        <a className="link-button" href={`tasks/${EXAMPLE}`} download={EXAMPLE}>
          download them as a template
        </a>
      </p>
      <Problem text={problem} />
    </div>
  );
}
