import type { JSX } from 'react';
import { useActions } from '../../state/hooks';

/** Lets the visitor choose a task file. */
export function OpenTaskFile(): JSX.Element {
  const act = useActions();
  return (
    <label className="button file-button">
      Open a task file
      <input
        type="file"
        className="sr-only"
        accept="application/json,.json"
        onChange={(event) => {
          const input = event.currentTarget;
          const file = input.files?.[0];
          input.value = ''; // the same file can be chosen again, once mended
          if (file) void act().openTaskFile(file);
        }}
      />
    </label>
  );
}
