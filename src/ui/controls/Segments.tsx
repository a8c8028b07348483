import { ToggleGroup } from '@base-ui/react/toggle-group';
import { Toggle } from '@base-ui/react/toggle';
import type { JSX } from 'react';

interface SegmentsProps<T extends string> {
  readonly label: string; // accessible name of the group
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

/** Two or three options side by side, one of them chosen. */
export function Segments<T extends string>(props: SegmentsProps<T>): JSX.Element {
  return (
    <ToggleGroup
      className="segments"
      aria-label={props.label}
      value={[props.value]}
      onValueChange={([next]) => next !== undefined && props.onChange(next as T)}
    >
      {props.options.map((option) => (
        <Toggle key={option.value} value={option.value} className="segment">
          {option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
