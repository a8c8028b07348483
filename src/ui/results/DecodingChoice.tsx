import type { JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { Segments } from '../controls/Segments';

const DECODING = [
  { value: 'greedy', label: 'greedy' },
  { value: 'sampled', label: 'sampled' },
] as const;

interface DecodingChoiceProps {
  readonly label: string;
}

/** How the answers are decoded whose success the charts show; one choice for all of them. */
export function DecodingChoice({ label }: DecodingChoiceProps): JSX.Element {
  const decoding = usePlayground((s) => s.decoding);
  const act = useActions();
  return (
    <Segments
      label={label}
      value={decoding}
      options={DECODING}
      onChange={(next) => act().setView({ decoding: next })}
    />
  );
}
