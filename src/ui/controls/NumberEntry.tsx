import { useState, type JSX } from 'react';
import { numberText, parseNumber } from './numbers';

interface NumberEntryProps {
  readonly id?: string;
  readonly label: string; // accessible name
  readonly describedBy?: string;
  readonly value: number;
  /** Takes the value, or says why not. */
  readonly onEnter: (value: number) => string | undefined;
  readonly onProblem: (problem: string | undefined) => void;
}

/** A number as text: taken on Enter or when left, given back on Escape. */
export function NumberEntry(props: NumberEntryProps): JSX.Element {
  const [draft, setDraft] = useState<string>();
  const [isWrong, setWrong] = useState(false);

  const report = (problem: string | undefined): void => {
    setWrong(problem !== undefined);
    props.onProblem(problem);
  };
  const drop = (): void => {
    setDraft(undefined);
    report(undefined);
  };
  const enter = (): void => {
    if (draft === undefined) return;
    const value = parseNumber(draft);
    const problem = value === undefined ? 'This is not a number.' : props.onEnter(value);
    if (problem === undefined) drop();
    else report(problem);
  };

  return (
    <input
      id={props.id}
      className="entry"
      inputMode="decimal"
      autoComplete="off"
      spellCheck={false}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={isWrong || undefined}
      value={draft ?? numberText(props.value)}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => (isWrong ? drop() : enter())}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) enter();
        if (event.key === 'Escape') drop();
      }}
    />
  );
}
