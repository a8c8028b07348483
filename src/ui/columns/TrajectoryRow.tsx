import type { JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import type { TrajectoryView } from '../../state/rolloutViews';
import { AnswerChip } from '../AnswerChip';
import { fixed } from '../controls/numbers';
import { Picture } from '../pictures/Picture';

/** One trajectory at a glance: the prompt, the tries in order, return and weight. */
export function TrajectoryRow({ view }: { readonly view: TrajectoryView }): JSX.Element {
  const act = useActions();
  const isOpen = usePlayground((s) => s.inspected === view.row);
  return (
    <li className="row">
      <button
        type="button"
        className="row-button"
        aria-expanded={isOpen}
        onClick={() => act().inspect(isOpen ? undefined : view.row)}
      >
        <span className="row-prompt">
          <Picture prompt={view.prompt} turns={view.turns} />
        </span>
        <span className="chips">
          {view.turns.map((turn, i) => (
            <AnswerChip key={i} turn={turn} />
          ))}
        </span>
        <span className="row-score">
          <span>
            <abbr title="return">R</abbr> <b>{fixed(view.return, 2)}</b>
          </span>
          <span>
            <abbr title="weight">w</abbr> <b>{fixed(view.weight, 2)}</b>
          </span>
        </span>
      </button>
    </li>
  );
}
