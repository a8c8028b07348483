import { useEffect, useState, type JSX } from 'react';
import { useActions } from '../../state/hooks';
import { OpenTaskFile } from './OpenTaskFile';

const EXAMPLE = 'capitals.json';

/** A task of the visitor's own: from a file, dropped anywhere on the page, or the example as it is. */
export function TaskFile(): JSX.Element {
  const act = useActions();
  const [problem, setProblem] = useState<string>();
  useDroppedFile((file) => void act().openTaskFile(file));
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
      {problem && (
        <p role="alert" className="field-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Hands over a file that is dropped on the page, which would otherwise make way for it. */
function useDroppedFile(take: (file: File) => void): void {
  useEffect(() => {
    const onDragOver = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      take(file);
    };
    addEventListener('dragover', onDragOver);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onDragOver);
      removeEventListener('drop', onDrop);
    };
  });
}
