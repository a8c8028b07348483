import { Select } from '@base-ui/react/select';
import type { JSX } from 'react';

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

interface ChoiceProps<T extends string> {
  readonly label: string; // accessible name
  readonly value: T;
  readonly options: readonly Option<T>[];
  readonly onChange: (value: T) => void;
  readonly className?: string;
}

/** One of a few named options. */
export function Choice<T extends string>(props: ChoiceProps<T>): JSX.Element {
  const { label, value, options, onChange, className = '' } = props;
  return (
    <Select.Root
      items={options.map((o) => ({ value: o.value, label: o.label }))}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      modal={false}
    >
      <Select.Trigger className={`select ${className}`} aria-label={label}>
        <Select.Value className="select-value" />
        <Select.Icon className="select-icon" aria-hidden>
          ▾
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner
          className="positioner"
          sideOffset={4}
          collisionPadding={8}
          alignItemWithTrigger={false}
        >
          <Select.Popup className="popup popup-list">
            <Select.List>
              {options.map((option) => (
                <Select.Item key={option.value} value={option.value} className="option">
                  <Select.ItemText className="option-label">{option.label}</Select.ItemText>
                  {option.hint && <span className="option-hint">{option.hint}</span>}
                </Select.Item>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}
