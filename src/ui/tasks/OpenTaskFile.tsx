import type { JSX } from 'react';
import { useActions } from '../../state/hooks';
import { OpenFile } from './OpenFile';

/** Lets the visitor choose a task file. */
export function OpenTaskFile(): JSX.Element {
  const act = useActions();
  return (
    <OpenFile
      label="Open a task file"
      accept="application/json,.json"
      onChoose={(file) => void act().openTaskFile(file)}
    />
  );
}
