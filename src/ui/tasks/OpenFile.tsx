import type { JSX } from 'react';

interface OpenFileProps {
  readonly label: string;
  readonly accept: string; // media types and endings
  readonly onChoose: (file: File) => void;
}

/** Lets the visitor choose a file. */
export function OpenFile({ label, accept, onChoose }: OpenFileProps): JSX.Element {
  return (
    <label className="button file-button">
      {label}
      <input
        type="file"
        className="sr-only"
        accept={accept}
        onChange={(event) => {
          const input = event.currentTarget;
          const file = input.files?.[0];
          input.value = ''; // the same file can be chosen again, once mended
          if (file) onChoose(file);
        }}
      />
    </label>
  );
}
