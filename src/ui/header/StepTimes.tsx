import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import type { StepProfileView } from '../../state/profileSlice';
import type { RunEndView } from '../../state/runSlice';
import { significant } from '../controls/numbers';

/** Where the time of a training and a decoding step goes, kernel by kernel; measured on demand. */
export function StepTimes({ end }: { readonly end: RunEndView }): JSX.Element {
  const profile = usePlayground((s) => (s.profile?.of === end ? s.profile : undefined));
  const isProfiling = usePlayground((s) => s.isProfiling);
  const error = usePlayground((s) => s.profileError);
  const measureStep = usePlayground((s) => s.measureStep);
  return (
    <section className="step-times">
      <h3>Where a step’s time goes</h3>
      {profile ? (
        <Tables step={profile.step} />
      ) : (
        <p className="quiet">
          Each kernel of the last training step, and of a decoding step, run and timed by itself.
        </p>
      )}
      {error && <p role="alert">{error.message}</p>}
      <button
        type="button"
        className="button"
        aria-disabled={isProfiling}
        onClick={() => void measureStep()}
      >
        {isProfiling ? 'Measuring …' : profile ? 'Measure again' : 'Measure'}
      </button>
    </section>
  );
}

function Tables({ step }: { readonly step: StepProfileView }): JSX.Element {
  const { kernels, decoding, roof } = step;
  return (
    <>
      <KernelTable name="training step" {...{ kernels, roof }} />
      <KernelTable name="decoding step" {...{ roof }} kernels={decoding} />
      <p className="quiet">
        In the decoding step every row samples the last token that its context holds. This adapter
        at its best: {significant(roof.gflops)} GFLOP/s of multiply-adds,{' '}
        {significant(roof.gigabytesPerSecond)} GB/s of copies, measured just now. Of roof: the time
        that a kernel’s operations or bytes would take at that speed, whichever is longer, over its
        own.
      </p>
    </>
  );
}

interface KernelTableProps extends Pick<StepProfileView, 'kernels' | 'roof'> {
  readonly name: string;
}

function KernelTable({ name, kernels, roof }: KernelTableProps): JSX.Element {
  const sum = (of: (kernel: Kernel) => number): number =>
    kernels.reduce((n, kernel) => n + of(kernel), 0);
  const total = sum(({ ms }) => ms);
  const atBest = (kernel: Kernel): number => msAtBest(kernel, roof);
  return (
    <table aria-label={`Where the time of a ${name} goes`}>
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col">calls</th>
          <th scope="col">ms</th>
          <th scope="col">share</th>
          <th scope="col">GFLOP/s</th>
          <th scope="col">of roof</th>
        </tr>
      </thead>
      <tbody>
        {kernels.map((kernel) => {
          const { label, dispatches, ms, flops } = kernel;
          return (
            <tr key={label}>
              <th scope="row">
                <code>{label.split(/(?<=_)/).flatMap((part, i) => [part, <wbr key={i} />])}</code>
              </th>
              <td>{dispatches}</td>
              <td>{ms.toFixed(ms < 10 ? 2 : 0)}</td>
              <td>{share(ms / total)}</td>
              <td>{rate(flops, ms)}</td>
              <td>{ms > 0 && share(atBest(kernel) / ms)}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">together</th>
          <td>{sum(({ dispatches }) => dispatches)}</td>
          <td>{total.toFixed(total < 10 ? 2 : 0)}</td>
          <td>100 %</td>
          <td>
            {rate(
              sum(({ flops }) => flops),
              total,
            )}
          </td>
          <td>{share(sum(atBest) / total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

type Kernel = StepProfileView['kernels'][number];

/** Milliseconds that its operations, or its bytes, take at the adapter's best, whichever is longer. */
const msAtBest = ({ flops, bytes }: Kernel, roof: StepProfileView['roof']): number =>
  Math.max(flops / roof.gflops, bytes / roof.gigabytesPerSecond) / 1e6;

const share = (part: number): string => (part < 0.005 ? '< 1 %' : `${Math.round(100 * part)} %`);

/** GFLOP/s, empty where a kernel states no operations. */
const rate = (flops: number, ms: number): string =>
  flops > 0 && ms > 0 ? (flops / ms / 1e6).toFixed(2) : '';
