import { useMemo, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import { PACES } from '../../state/watchSlice';
import { Choice, type Option } from '../controls/Choice';

const SPEEDS: readonly Option<string>[] = [
  { value: '1', label: '1 step / s', hint: 'slow motion' },
  { value: '4', label: '4 steps / s' },
  { value: '16', label: '16 steps / s' },
  { value: 'Infinity', label: 'full speed' },
];

const PACE_HINTS = new Map<number, string>([
  [0.25, 'slow motion'],
  [1, 'as it was recorded'],
]);

/** A recording is slowed down or sped up as a whole. */
const recordedSpeeds = (stepsPerSecond: number): readonly Option<string>[] => [
  ...PACES.map((pace) => {
    const hint = PACE_HINTS.get(pace);
    const option = { value: String(pace * stepsPerSecond), label: `${pace}×` };
    return hint ? { ...option, hint } : option;
  }),
  { value: 'Infinity', label: 'at once' },
];

/** How fast training may go, for watching. */
export function SpeedControl(): JSX.Element {
  const value = usePlayground((s) => String(s.stepsPerSecond));
  const recorded = usePlayground((s) => s.watching?.stepsPerSecond);
  const act = useActions();
  const options = useMemo(() => (recorded ? recordedSpeeds(recorded) : SPEEDS), [recorded]);
  return (
    <Choice
      label={recorded ? 'Speed of the recording' : 'Speed of training'}
      className="speed"
      value={value}
      options={options}
      onChange={(speed) => act().setSpeed(Number(speed))}
    />
  );
}
