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
  const { title, promptsPerRound } = methodView(run.method.name);
  const playsOn = promptsPerRound !== undefined;
  if (!costs || stageTimes(costs).took === 0) {
    return <p className="stage-times quiet">{planOf(playsOn, run.engine.overlap)}</p>;
  }
  const { took, addUpTo, overlapped, playedBeside } = stageTimes(costs);
  if (playsOn) {
    const { rollout, train } = costs.seconds;
    return (
      <p className="stage-times">
        {title} waits in every round: training for its tries,{' '}
        <b>{duration(rollout - playedBeside)}</b> in all, and the next tries for the policy,{' '}
        <b>{duration(train - playedBeside)}</b>. The stages took <b>{duration(took)}</b>
        {overlapped > playedBeside &&
          `; only evaluation overlapped, for ${duration(overlapped - playedBeside)}`}
        .
      </p>
    );
  }
  return (
    <div className="stage-times">
      {run.engine.overlap ? (
        <>
          <p>
            Stages overlapped for <b>{duration(overlapped)}</b>: they took <b>{duration(took)}</b>,
            and add up to <b>{duration(addUpTo)}</b> one after the other.
          </p>
          <p className="quiet">
            For {duration(playedBeside)} tries were played while the policy trained: an online
            method must wait for each round and cannot overlap these.
          </p>
        </>
      ) : (
        <p>
          Stages ran one after the other: they took <b>{duration(took)}</b>.
        </p>
      )}
      <Measured />
    </div>
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
    ? 'Stages will overlap: training starts when the first 32 groups are played, and evaluation runs beside it.'
    : 'Stages will run one after the other.';
}
