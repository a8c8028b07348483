import { Popover } from '@base-ui/react/popover';
import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import type { PreparedView } from '../../state/previewSlice';
import type { RunEndView, StageName } from '../../state/runSlice';
import { stageTimes } from '../../state/stageTimes';
import { compact, duration } from '../controls/numbers';
import { KernelChoice } from './KernelChoice';
import { STAGES } from './stages';
import { StepTimes } from './StepTimes';

/** Seed, hash, costs and memory of the run. */
export function RunDetails(): JSX.Element {
  const prepared = usePlayground((s) => s.prepared);
  const seed = usePlayground((s) => (s.ranWith ?? s.config).seed);
  const end = usePlayground((s) =>
    s.phase.name === 'finished' || s.phase.name === 'paused' ? s.phase.end : undefined,
  );
  return (
    <Popover.Root>
      <Popover.Trigger className="button">Details</Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" sideOffset={6} collisionPadding={8} align="end">
          <Popover.Popup className="popup popup-details">
            <Popover.Title className="popup-title">This run</Popover.Title>
            <dl className="details">
              <Row name="seed" value={String(seed)} />
              {end && <EndRows end={end} />}
              {prepared && <PreparedRows prepared={prepared} />}
            </dl>
            {end && end.step > 0 && <StepTimes end={end} />}
            {prepared && <KernelChoice prepared={prepared} />}
            {!end && (
              <p className="quiet">
                {prepared
                  ? 'Costs and the hash of the weights come with the run.'
                  : 'Adapter, memory, kernels and costs come with the run.'}
              </p>
            )}
            <p className="quiet">
              The same seed on the same adapter with the same kernels gives the same bits; others
              differ in the last digits.
            </p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function EndRows({ end }: { readonly end: RunEndView }): JSX.Element {
  const { costs } = end;
  return (
    <>
      {end.weightsHash && <Row name="weights, SHA-256" value={end.weightsHash} isCode />}
      <Row name="optimizer steps" value={`${end.step} of ${end.totalSteps}`} />
      <Row name="sampled tokens" value={compact(costs.sampledTokens)} />
      <Row name="trained tokens" value={compact(costs.trainedTokens)} />
      <Row name="sequential passes" value={compact(costs.sequentialPasses)} />
      <Row name="round trips of weights" value={compact(costs.roundTrips)} />
      {Object.entries(costs.seconds)
        .filter(([, seconds]) => seconds > 0)
        .map(([stage, seconds]) => (
          <Row
            key={stage}
            name={STAGES[stage as StageName].toLowerCase()}
            value={duration(seconds)}
          />
        ))}
      <Row name="stages overlapped" value={duration(stageTimes(costs).overlapped)} />
    </>
  );
}

function PreparedRows({ prepared }: { readonly prepared: PreparedView }): JSX.Element {
  const { adapter, memory } = prepared;
  return (
    <>
      <Row name="adapter" value={adapter.name} />
      <Row name="optional features" value={adapter.features.join(', ') || 'none'} />
      <Row name="parameters" value={compact(memory.parameters)} />
      <Row name="GPU memory" value={megabytes(memory.totalBytes)} />
      {memory.parts.map((part) => (
        <Row key={part.label} name={`– ${part.label}`} value={megabytes(part.bytes)} />
      ))}
    </>
  );
}

interface RowProps {
  readonly name: string;
  readonly value: string;
  readonly isCode?: boolean;
}

function Row({ name, value, isCode }: RowProps): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{isCode ? <code>{value}</code> : value}</dd>
    </div>
  );
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
