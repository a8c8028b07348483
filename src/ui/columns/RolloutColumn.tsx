import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { methodView } from '../../state/methodViews';
import { Card } from '../Card';
import { Disclosure } from '../controls/Disclosure';
import { Field } from '../controls/Field';
import { counted } from '../controls/numbers';
import { Shown } from '../lesson/Shown';
import { RolloutFile } from '../tasks/RolloutFile';
import { TaskFile } from '../tasks/TaskFile';
import { useDroppedFile } from '../tasks/useDroppedFile';
import { TrajectoryList } from './TrajectoryList';

/** Column 1: what the frozen reference does when it is asked. */
export function RolloutColumn(): JSX.Element {
  useDroppedFile();
  const tries = usePlayground((s) => s.config.rollout.trajectories);
  const turns = usePlayground((s) => s.config.rollout.turns);
  const file = usePlayground((s) => s.rollouts?.file?.name);
  const plays = methodView(usePlayground((s) => s.config.method.name)).promptsPerRound;
  return (
    <Card
      className="rollout"
      number={1}
      title="Rollout"
      aside={
        plays ? (
          <>
            from the policy π<sub>θ</sub> as it is
          </>
        ) : (
          <>
            from the frozen reference π<sub>ref</sub>
          </>
        )
      }
    >
      <p className="lead">
        {tries} tries per prompt, at most {counted(turns, 'turn')} each, feedback after each miss.{' '}
        {plays
          ? 'Sampled in rounds while it learns: each waits for the steps before it.'
          : file
            ? `Taken from ${file}; none is sampled.`
            : 'Sampled once; never again while it learns.'}
      </p>
      <div className="fields">
        <Field name="task" />
        <Field name="rollout.trajectories" />
        <Field name="rollout.turns" />
        <Field name="rollout.temperature" />
        <Shown part="files">
          <Disclosure title="Bring your own task">
            <TaskFile />
          </Disclosure>
          <Disclosure title="Tries from a file, or into one">
            <RolloutFile />
          </Disclosure>
        </Shown>
        <Shown part="more">
          <Disclosure title="Prompts, top-k, top-p, seed">
            <Field name="rollout.prompts" />
            <Field name="rollout.topK" />
            <Field name="rollout.topP" />
            <Field name="seed" />
          </Disclosure>
        </Shown>
      </div>
      <TrajectoryList />
    </Card>
  );
}
