import { useEffect, useRef, useState, type JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import type { RunPhase } from '../../state/runSlice';
import type { MetricName, MetricSeries } from '../../state/resultsSlice';
import { speedAt } from '../../state/speed';
import { compact, duration, fixed, percent } from '../controls/numbers';
import { useIsLate } from '../useIsLate';
import { isOpening, stageText } from './stages';

const SPEAK_EVERY_MS = 5000;

/** Stage, progress, time left, speed and adapter; every part keeps its place. */
export function StatusLine(): JSX.Element {
  const phase = usePlayground((s) => s.phase);
  const metrics = usePlayground((s) => s.metrics);
  usePlayground((s) => s.metricsRevision); // the columns grow in place: this says when
  const rate = lastSpeed(metrics, 'tokensPerSecond');
  const gflops = lastSpeed(metrics, 'gflops');
  const roof = usePlayground((s) => s.profile?.step.roof.gflops);
  const adapter = usePlayground((s) => s.prepared?.adapter);
  const isRecording = usePlayground((s) => s.watching !== undefined);
  const isLate = useIsLate(isOpening(phase));
  const text = isLate ? 'Waiting for the GPU' : stageText(phase);
  const share = shareDone(phase);
  return (
    <div className="status">
      <div
        className="progress"
        role="progressbar"
        aria-label="Progress of this stage"
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share !== undefined && { 'aria-valuenow': Math.round(share * 100) })}
        data-busy={(share === undefined && isBusy(phase)) || undefined}
      >
        <span style={{ width: `${(share ?? 0) * 100}%` }} />
      </div>
      <div className="status-row">
        {isRecording && <span className="tag tag-warn">recording</span>}
        <span className="status-stage">{text}</span>
        <span className="status-count">
          {phase.name === 'running' &&
            phase.total > 0 &&
            `${compact(phase.done)} / ${compact(phase.total)}`}
        </span>
        <span className="status-left">
          {phase.name === 'running' &&
            phase.secondsLeft !== undefined &&
            `${duration(phase.secondsLeft)} left`}
        </span>
        <span className="spacer" />
        <span className="status-rate">
          {rate !== undefined && (
            <>
              <b>{compact(rate)}</b> tokens / s
            </>
          )}
          {!!gflops && ( // unknown in older recordings
            <>
              {' '}
              · <b>{fixed(gflops, gflops < 100 ? 2 : 0)}</b> GFLOP/s
              {roof !== undefined && `, ${percent(gflops / roof)} of the roof`}
            </>
          )}
        </span>
        <span className="status-adapter">
          {adapter ? adapter.name : ''}
          {adapter?.isSoftware && <span className="tag tag-warn">software</span>}
        </span>
      </div>
      <LiveRegion text={text} />
    </div>
  );
}

/** Undefined before the first step. */
const lastSpeed = (metrics: MetricSeries, rate: MetricName): number | undefined =>
  metrics.length > 0
    ? speedAt(metrics.column(rate), metrics.column('stepMs'), metrics.length - 1)
    : undefined;

const isBusy = ({ name }: RunPhase): boolean => name === 'running' || name === 'preparing';

function shareDone(phase: RunPhase): number | undefined {
  if (phase.name === 'finished') return 1;
  if (phase.name === 'paused') return phase.end.step / Math.max(1, phase.end.totalSteps);
  if (phase.name !== 'running') return phase.name === 'preparing' ? undefined : 0;
  return phase.total > 0 ? phase.done / phase.total : undefined;
}

/** Speaks the latest text, at most every five seconds. */
function LiveRegion({ text }: { readonly text: string }): JSX.Element {
  const [spoken, setSpoken] = useState(text);
  const spokenAt = useRef(-Infinity);
  useEffect(() => {
    const wait = Math.max(0, spokenAt.current + SPEAK_EVERY_MS - performance.now());
    const timer = setTimeout(() => {
      spokenAt.current = performance.now();
      setSpoken(text);
    }, wait);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="sr-only" role="status">
      {spoken}
    </span>
  );
}
