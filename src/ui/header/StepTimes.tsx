import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import type { KernelTimeView } from '../../state/profileSlice';
import type { RunEndView } from '../../state/runSlice';

/** Where the time of a training step goes, kernel by kernel; measured on demand. */
export function StepTimes({ end }: { readonly end: RunEndView }): JSX.Element {
  const profile = usePlayground((s) => (s.profile?.of === end ? s.profile : undefined));
  const isProfiling = usePlayground((s) => s.isProfiling);
  const error = usePlayground((s) => s.profileError);
  const measureStep = usePlayground((s) => s.measureStep);
  return (
    <section className="step-times">
      <h3>Where a step’s time goes</h3>
      {profile ? (
        <KernelTable kernels={profile.kernels} />
      ) : (
        <p className="quiet">Each kernel of the last step, run again and timed by itself.</p>
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

function KernelTable({ kernels }: { readonly kernels: readonly KernelTimeView[] }): JSX.Element {
  const total = kernels.reduce((ms, kernel) => ms + kernel.ms, 0);
  const flops = kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
  return (
    <table aria-label="Where a step’s time goes">
      <thead>
        <tr>
          <th scope="col">kernel</th>
          <th scope="col">calls</th>
          <th scope="col">ms</th>
          <th scope="col">share</th>
          <th scope="col">GFLOP/s</th>
        </tr>
      </thead>
      <tbody>
        {kernels.map(({ label, dispatches, ms, flops: own }) => (
          <tr key={label}>
            <th scope="row">
              <code>{label}</code>
            </th>
            <td>{dispatches}</td>
            <td>{ms.toFixed(ms < 10 ? 2 : 0)}</td>
            <td>{share(ms / total)}</td>
            <td>{rate(own, ms)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">together</th>
          <td>{kernels.reduce((n, kernel) => n + kernel.dispatches, 0)}</td>
          <td>{total.toFixed(total < 10 ? 2 : 0)}</td>
          <td>100 %</td>
          <td>{rate(flops, total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

const share = (part: number): string => (part < 0.005 ? '< 1 %' : `${Math.round(100 * part)} %`);

/** GFLOP/s, empty where a kernel states no operations. */
const rate = (flops: number, ms: number): string =>
  flops > 0 && ms > 0 ? (flops / ms / 1e6).toFixed(2) : '';
