import type { JSX } from 'react';
import { LEAVES, leafValue } from '../../config/leaves';
import { useActions, usePlayground } from '../../state/hooks';
import { metricsText } from '../../state/runExport';
import { methodView } from '../../state/methodViews';
import type { FinishedRun } from '../../state/resultsSlice';
import { downloadBlob } from '../charts/download';
import { compact, duration, percent } from '../controls/numbers';
import { settingText } from '../controls/settingText';

/** The runs of this visit: settings, scores, costs and the hash of their weights. */
export function RunHistory(): JSX.Element | null {
  const history = usePlayground((s) => s.history);
  const act = useActions();
  if (history.length === 0) return null;
  return (
    <section className="history" aria-label="Finished runs">
      <div className="history-head">
        <h3>Finished runs</h3>
        <button type="button" className="link-button" onClick={() => act().clearHistory()}>
          clear
        </button>
      </div>
      <div className="table-scroll" role="region" aria-label="Finished runs, table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col">method</th>
              <th scope="col">changed settings</th>
              <th scope="col">solved, greedy</th>
              <th scope="col">sampled</th>
              <th scope="col">steps</th>
              <th scope="col">sampled tokens</th>
              <th scope="col">trained tokens</th>
              <th scope="col">sequential passes</th>
              <th scope="col">time</th>
              <th scope="col">weights</th>
              <th scope="col">take along</th>
            </tr>
          </thead>
          <tbody>
            {history.toReversed().map((run) => (
              <RunRow key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function RunRow({ run }: { readonly run: FinishedRun }): JSX.Element {
  const act = useActions();
  const base = usePlayground((s) => s.preset.config);
  const last = run.evaluations.at(-1);
  const changed = [...LEAVES.values()]
    .filter((leaf) => leaf.name !== 'method.name')
    .filter((leaf) => leafValue(run.config, leaf) !== leafValue(base, leaf))
    .map((leaf) => `${leaf.meta.label} ${settingText(leaf, leafValue(run.config, leaf))}`);
  return (
    <tr>
      <th scope="row">{run.id}</th>
      <td>{methodView(run.config.method.name).title}</td>
      <td className="wraps">{changed.length > 0 ? changed.join(', ') : 'as the preset'}</td>
      <td>{percent(last?.greedy.success.at(-1))}</td>
      <td>{percent(last?.sampled.success.at(-1))}</td>
      <td>{run.metrics.length.toLocaleString('en-US')}</td>
      <td>{compact(run.costs.sampledTokens)}</td>
      <td>{compact(run.costs.trainedTokens)}</td>
      <td>{compact(run.costs.sequentialPasses)}</td>
      <td>{duration(run.durationSeconds)}</td>
      <td>
        <code title={run.weightsHash}>{run.weightsHash.slice(0, 8)}</code>
      </td>
      <td>
        <button type="button" className="link-button" onClick={() => act().openLink(run.link)}>
          use again
        </button>{' '}
        <button
          type="button"
          className="link-button"
          aria-label={`Save the metrics of run ${run.id} as JSON lines`}
          onClick={() => saveMetrics(run)}
        >
          metrics
        </button>
      </td>
    </tr>
  );
}

const saveMetrics = (run: FinishedRun): void =>
  downloadBlob(
    new Blob([metricsText(run)], { type: 'application/jsonl' }),
    `metrics-run-${run.id}.jsonl`,
  );
