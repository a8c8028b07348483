import type { JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { Choice } from '../controls/Choice';

const SPEEDS = [
  { value: '1', label: '1 step / s', hint: 'slow motion' },
  { value: '4', label: '4 steps / s' },
  { value: '16', label: '16 steps / s' },
  { value: 'Infinity', label: 'full speed' },
] as const;

/** How fast training may go, for watching. */
export function SpeedControl(): JSX.Element {
  const value = usePlayground((s) => String(s.stepsPerSecond)) as (typeof SPEEDS)[number]['value'];
  const act = useActions();
  return (
    <Choice
      label="Speed of training"
      className="speed"
      value={value}
      options={SPEEDS}
      onChange={(speed) => act().setSpeed(Number(speed))}
    />
  );
}
