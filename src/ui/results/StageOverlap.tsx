import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { methodView } from '../../state/methodViews';
import {
  besideOnline,
  costsOf,
  measuredSaving,
  stageTimes,
  type Timed,
} from '../../state/stageTimes';
import { duration } from '../controls/numbers';

/** How long stages were at work at once, what that saves, and what an online method waits for. */
export function StageOverlap(): JSX.Element | null {
  const run = usePlayground((s) => s.ranWith ?? s.config);
  const isRacing = usePlayground((s) => s.race?.now !== undefined);
  const costs = usePlayground((s) => (isRacing ? undefined : costsOf(s.phase)));
  const isRecording = usePlayground((s) => s.watching !== undefined);
  if (isRecording) return null; // of another machine
  const isOnline = methodView(run.method.name).promptsPerRound !== undefined;
  const { overlap } = run.engine;
  return (
    <section className="stage-times" aria-label="Overlap of stages">
      {!costs || stageTimes(costs).took === 0 ? (
        <p className="quiet">{planOf(isRacing, isOnline, overlap)}</p>
      ) : isOnline ? (
        <Waiting costs={costs} title={methodView(run.method.name).title} />
      ) : (
        <>
          {overlap ? <Overlapping costs={costs} /> : <InTurn costs={costs} />}
          <Measured />
        </>
      )}
      {costs && <BesideOnline />}
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
  const { overlapping, inTurn } = measuredSaving(history, run);
  if (overlapping === undefined || inTurn === undefined) {
    const { overlap } = run.engine;
    const isMeasured = (overlap ? overlapping : inTurn) !== undefined;
    return (
      <p className="quiet">
        Stages share this machine, so each is slower beside another. Run it again with{' '}
        <i>Overlap stages</i> {overlap ? 'off' : 'on'}
        {!isMeasured && `, then ${overlap ? 'on' : 'off'},`} to measure what overlap saves; the
        weights will be the same bits.
        {!isMeasured && ' A first run also compiles its kernels, so it is not compared.'}
      </p>
    );
  }
  return (
    <p className="quiet">
      Measured: {duration(overlapping)} with overlap, {duration(inTurn)} without,{' '}
      <b>{differenceOf(inTurn - overlapping, 'saved', 'lost')}</b>. Both played their tries anew,
      with kernels compiled before.
    </p>
  );
}

/** What overlap saves against a method that plays while it learns, once both were run. */
function BesideOnline(): JSX.Element | null {
  const history = usePlayground((s) => s.history);
  const run = usePlayground((s) => s.ranWith ?? s.config);
  const both = besideOnline(history, run);
  if (!both) return null;
  const { online, offline } = both;
  const first = [online, offline].filter(({ isWarm }) => !isWarm).map(titleOf);
  return (
    <p className="quiet">
      On the same prompts, with as many tries and epochs, rollouts and training took{' '}
      {duration(online.seconds)} by {titleOf(online)} and {duration(offline.seconds)} by{' '}
      {titleOf(offline)} with overlap,{' '}
      <b>{differenceOf(online.seconds - offline.seconds, 'less', 'more')}</b>.
      {first.length > 0 &&
        ` Kernels may have compiled in the time of ${first.join(' and ')}: run ${first.length > 1 ? 'both' : 'it'} again to compare without.`}
    </p>
  );
}

const titleOf = ({ method }: Timed): string => methodView(method).title;

const differenceOf = (seconds: number, gain: string, loss: string): string =>
  `${duration(Math.abs(seconds))} ${seconds >= 0 ? gain : loss}`;

/** What will happen, before it does. */
function planOf(isRacing: boolean, isOnline: boolean, overlap: boolean): string {
  if (isRacing) {
    return 'In a race stages hardly overlap: training waits for tries and for evaluations.';
  }
  if (isOnline) return 'Rollouts and training will wait for each other in every round.';
  return overlap
    ? 'Stages will overlap: training can start after 32 groups of tries, and evaluation runs beside it.'
    : 'Stages will run one after the other.';
}
