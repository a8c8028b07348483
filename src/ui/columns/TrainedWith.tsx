import type { JSX } from 'react';
import { differingLeaves, leafValue } from '../../config/leaves';
import { usePlayground } from '../../state/hooks';
import { looksAt, methodView } from '../../state/methodViews';
import { settingText } from '../controls/settingText';

/** After training, says where the settings now differ from those it was done with. */
export function TrainedWith(): JSX.Element | null {
  const config = usePlayground((s) => s.config);
  const ranWith = usePlayground((s) => s.ranWith);
  const steps = usePlayground((s) => s.metrics.length);
  const isRecording = usePlayground((s) => s.watching !== undefined);
  if (!ranWith || steps === 0) return null;
  const methods = [config, ranWith].map(({ method }) => methodView(method.name));
  const changed = differingLeaves(config, ranWith).filter(({ name }) =>
    methods.some((method) => looksAt(method, name)),
  );
  if (changed.length === 0) return null;
  const plays = methods[0]!.promptsPerRound !== undefined;
  const needsSampling =
    plays || changed.some((leaf) => /^(task|seed|reference|model|rollout)\b/.test(leaf.name));
  const was = changed
    .slice(0, 4)
    .map((leaf) =>
      `${leaf.meta.label} ${settingText(leaf, leafValue(ranWith, leaf))}`.replace(/^Method /, ''),
    );
  return (
    <p className="remark">
      The policy was trained with {was.join(', ')}
      {changed.length > 4 && ' …'}.{' '}
      {isRecording
        ? 'This is a recording: to train it again needs WebGPU.'
        : `Run trains it again${needsSampling ? ', on new tries.' : '; nothing is sampled again.'}`}
    </p>
  );
}
