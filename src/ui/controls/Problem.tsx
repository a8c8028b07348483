import type { JSX } from 'react';

/** What is wrong with an entry, said at once to whoever listens; nothing while all is well. */
export const Problem = ({ text }: { readonly text: string | undefined }): JSX.Element | null =>
  text ? (
    <p role="alert" className="field-problem">
      {text}
    </p>
  ) : null;
