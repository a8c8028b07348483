import type { JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { methodView } from '../../state/methodViews';
import type { InspectorView } from '../../state/rolloutViews';
import { fixed, numberText } from '../controls/numbers';

/** Return and weight, spelled out with this trajectory's numbers. */
export function Arithmetic({ view }: { readonly view: InspectorView }): JSX.Element {
  const { beta, gamma, lambda, formatPenalty } = usePlayground((s) => s.config.drift);
  const method = usePlayground((s) => s.config.method.name);
  const { solvedAt, readable, distinct } = view;
  return (
    <dl className="arithmetic">
      <dt>success</dt>
      <dd>
        {solvedAt > 0
          ? `γ^(t−1) = ${numberText(gamma)}^${solvedAt - 1} = ${fixed(view.discounted, 4)}`
          : 'no correct turn: 0'}
      </dd>
      <dt>format</dt>
      <dd>
        {view.unreadable === 0
          ? 'every answer can be read: 0'
          : `${view.unreadable} × ${numberText(formatPenalty)} = ${fixed(view.formatPenalty, 4)}`}
      </dd>
      <dt>repetition</dt>
      <dd>
        {readable === 0
          ? 'no readable answer: 0'
          : `λ · (1 − distinct/answers) = ${numberText(lambda)} · (1 − ${distinct}/${readable}) = ${fixed(view.repeatPenalty, 4)}`}
      </dd>
      <dt>return</dt>
      <dd>
        R = {fixed(view.discounted, 4)} {signed(view.formatPenalty)} −{' '}
        {fixed(view.repeatPenalty, 4)} = <b>{fixed(view.return, 4)}</b>
      </dd>
      <dt>weight</dt>
      <dd>
        exp((R − best R of the group)/{numberText(beta)}) = {fixed(view.tilt, 4)}; divided by the
        group’s mean {fixed(view.partition, 4)} = <b>{fixed(view.driftWeight, 4)}</b>
        {method !== 'drift' &&
          ` (DRIFT’s; ${methodView(method).title} uses ${fixed(view.weight, 2)})`}
      </dd>
    </dl>
  );
}

const signed = (value: number): string =>
  value < 0 ? `− ${fixed(-value, 4)}` : `+ ${fixed(value, 4)}`;
