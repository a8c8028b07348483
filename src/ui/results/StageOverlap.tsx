import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { methodView } from '../../state/methodViews';
import { costsOf, measuredSaving, stageTimes } from '../../state/stageTimes';
import { duration } from '../controls/numbers';

/** How long stages were at work at once, what that saves, and what an online method waits for. */
export function StageOverlap(): JSX.Element | null {
  const costs = usePlayground((s) => costsOf(s.phase));
  const run = usePlayground((s) => s.ranWith ?? s.config);
  const isRecording = usePlayground((s) => s.watching !== undefined);
  if (isRecording) return null; // of another machine
  const playsOn = methodView(run.method.name).promptsPerRound !== undefined;
  const { overlap } = run.engine;
  return (
    <section className="stage-times" aria-label="Overlap of stages">
      {!costs || stageTimes(costs).took === 0 ? (
        <p className="quiet">{planOf(playsOn, overlap)}</p>
      ) : playsOn ? (
        <Waiting costs={costs} title={methodView(run.method.name).title} />
      ) : (
        <>
          {overlap ? <Overlapping costs={costs} /> : <InTurn costs={costs} />}
          <Measured />
        </>
      )}
    </section>
  );
}

interface TimesProps {
  readonly costs: Parameters<typeof stageTimes>[0];
}

function Overlapping({ costs }: TimesProps): JSX.Element {
  const { took, addUpTo, overlapped, playedBeside } = stageTimes(costs);
  return (
    <>
      <p>
        Stages overlapped for <b>{duration(overlapped)}</b>: they took <b>{duration(took)}</b>;
        their times add up to <b>{duration(addUpTo)}</b>.
      </p>
      <p className="quiet">
        For {duration(playedBeside)} tries were played while the policy trained: an online method
        must wait for each round and cannot overlap these.
      </p>
    </>
  );
}

const InTurn = ({ costs }: TimesProps): JSX.Element => (
  <p>
    Stages ran one after the other: they took <b>{duration(stageTimes(costs).took)}</b>.
  </p>
);

/** A policy that plays while it learns waits for its own tries, and they for it. */
function Waiting({ costs, title }: TimesProps & { readonly title: string }): JSX.Element {
  const { took, overlapped, playedBeside } = stageTimes(costs);
  const { rollout, train } = costs.seconds;
  return (
    <>
      <p>
        {title} cannot overlap rollouts and training: they took <b>{duration(took)}</b>, evaluation
        included.
      </p>
      <p className="quiet">
        Training waited for the tries of each round, {duration(rollout - playedBeside)} in all, and
        tries for the policy, {duration(train - playedBeside)}. Evaluation ran beside training for{' '}
        {duration(overlapped - playedBeside)}.
      </p>
    </>
  );
}

/** What overlap saved where both were tried, else how to find out. */
function Measured(): JSX.Element {
  const history = usePlayground((s) => s.history);
  const run = usePlayground((s) => s.ranWith ?? s.config);
  const measured = measuredSaving(history, run);
  if (!measured) {
    return (
      <p className="quiet">
        Stages share this machine, so each is slower beside another. Run it again with{' '}
        <i>Overlap stages</i> {run.engine.overlap ? 'off' : 'on'} to measure what overlap saves; the
        weights will be the same bits.
      </p>
    );
  }
  const { overlapping, inTurn } = measured;
  const saved = inTurn - overlapping;
  return (
    <p className="quiet">
      Measured: {duration(overlapping)} with overlap, {duration(inTurn)} without,{' '}
      <b>
        {duration(Math.abs(saved))} {saved >= 0 ? 'saved' : 'lost'}
      </b>
      . A first run also compiles its kernels.
    </p>
  );
}

/** What will happen, before it does. */
function planOf(playsOn: boolean, overlap: boolean): string {
  if (playsOn) return 'Rollouts and training will wait for each other in every round.';
  return overlap
    ? 'Stages will overlap: training can start after 32 groups of tries, and evaluation runs beside it.'
    : 'Stages will run one after the other.';
}
