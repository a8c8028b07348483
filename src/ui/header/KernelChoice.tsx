import type { JSX } from 'react';
import { LEAVES } from '../../config/leaves';
import { usePlayground } from '../../state/hooks';
import type { CalibrationView } from '../../state/calibrationSlice';
import { soon, stagesOf } from '../../shared/kernelForms';
import type { PreparedView } from '../../state/previewSlice';
import { optionText } from '../controls/settingText';
import { fixed } from '../controls/numbers';
import { agoText } from './ago';

type Forms = NonNullable<PreparedView['adapter']['kernels']>;

/** Which forms of the kernels run, why, and what was measured of all of them. */
export function KernelChoice({
  prepared,
}: {
  readonly prepared: PreparedView;
}): JSX.Element | null {
  const { name, kernels, isSoftware } = prepared.adapter;
  const measured = usePlayground((s) => s.calibrations.find(({ adapter }) => adapter === name));
  const isBusy = usePlayground((s) => s.isCalibrating);
  const isPaused = usePlayground((s) => s.phase.name === 'paused' || s.phase.name === 'running');
  const isRecording = usePlayground((s) => s.watching !== undefined);
  const error = usePlayground((s) => s.calibrationError);
  const measureKernels = usePlayground((s) => s.measureKernels);
  if (!kernels) return null; // a recording from before they were told apart
  const forms = { ...kernels, isSoftware };
  const { tile: decodes } = soon(forms);
  return (
    <section className="step-times">
      <h3>Which kernels run</h3>
      <dl className="details">
        <div>
          <dt>matrix products</dt>
          <dd>{formText('tile', kernels.tile, kernels.tileFrom, measured)}</dd>
        </div>
        <div>
          <dt>sums over rows</dt>
          <dd>{formText('reduce', kernels.reduce, kernels.reduceFrom, measured)}</dd>
        </div>
        <div>
          <dt>slopes of the MLP</dt>
          <dd>{formText('store', kernels.store, kernels.storeFrom, measured)}</dd>
        </div>
      </dl>
      {stagesOf(forms).length > 1 && (
        <p className="quiet">
          Training begins with smaller tiles, which compile sooner and have the same results.
          {decodes !== forms.tile && ` Decoding keeps to ${optionText('engine.tile', decodes)}.`}
        </p>
      )}
      {measured && <FormTimes measured={measured} />}
      {error && <p role="alert">{error.message}</p>}
      {!isRecording && (
        <button
          type="button"
          className="button"
          aria-disabled={isBusy || isPaused}
          onClick={() => void measureKernels()}
        >
          {isBusy ? 'Timing …' : 'Find the quickest'}
        </button>
      )}
      <p className="quiet">
        Times every form at the sizes of these settings and keeps the quickest for this adapter,
        from the next run on. A form that the settings name goes before it, and links carry that.
      </p>
    </section>
  );
}

const WHY: Readonly<Record<Forms['tileFrom'], string>> = {
  set: 'as set',
  measured: 'measured',
  usual: 'usual for such an adapter and model',
};

function formText(
  kind: 'tile' | 'reduce' | 'store',
  form: string,
  from: Forms['tileFrom'],
  measured: CalibrationView | undefined,
): string {
  const when = from === 'measured' && measured ? ` ${agoText(measured.at, Date.now())}` : '';
  const text = (name: string): string => optionText(`engine.${kind}`, name);
  const next = from === 'usual' && measured ? `; from the next run ${text(measured[kind])}` : '';
  return `${text(form)}, ${WHY[from]}${when}${next}`;
}

/** Every form with its time, in the order of the settings. */
function FormTimes({ measured }: { readonly measured: CalibrationView }): JSX.Element {
  const rows = (['tile', 'reduce', 'store'] as const).flatMap((kind) => {
    const times: Readonly<Record<string, number | undefined>> = measured[`${kind}Ms`];
    const leaf = LEAVES.get(`engine.${kind}`)!;
    return Object.entries(times).map(([form, ms]) => ({
      what: `${leaf.meta.label}: ${optionText(leaf.name, form)}`,
      isQuickest: measured[kind] === form,
      ms,
    }));
  });
  return (
    <table aria-label="Times of the kernels’ forms">
      <thead>
        <tr>
          <th scope="col">form</th>
          <th scope="col">ms</th>
          <th scope="col">chosen</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ what, isQuickest, ms }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{fixed(ms, 2)}</td>
            <td>{isQuickest ? 'yes' : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
