import { useMemo, type JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { formulaOf, methodView } from '../../state/methodViews';
import { weightSummary } from '../../state/rolloutViews';
import type { Rollouts } from '../../state/rolloutSlice';
import { Card } from '../Card';
import { fixed, percent } from '../controls/numbers';
import { Field } from '../controls/Field';
import { Figure } from '../Figure';
import { Symbols } from '../Symbols';
import { GroupChart } from './GroupChart';
import { TrainedWith } from './TrainedWith';
import { WeightHistogram } from './WeightHistogram';

/** Column 2: what the returns make of the tries; acts on frozen rollouts, so it is instant. */
export function WeightsColumn(): JSX.Element {
  const rollouts = usePlayground((s) => s.rollouts);
  const method = usePlayground((s) => s.config.method.name);
  const formula = usePlayground((s) => formulaOf(s.config));
  const { title, sentence, settings, promptsPerRound } = methodView(method);
  return (
    <Card className="weights" number={2} title="Return & weight">
      <p className="lead">
        <span className="formula">
          R = γ<sup>t−1</sup> if solved at turn t, minus penalties;&ensp;
          {method === 'drift' ? (
            <>
              w = e<sup>R/β</sup> / Z
            </>
          ) : (
            <Symbols text={formula} />
          )}
        </span>
        {method === 'drift' && ', so that a prompt’s weights average 1'}.
        {!promptsPerRound && ' Move a slider: nothing is sampled again.'}
      </p>
      <div className="fields">
        {settings.includes('drift.beta') && <Field name="drift.beta" />}
        <Field name="drift.gamma" />
        <Field name="drift.lambda" />
        <Field name="drift.formatPenalty" />
      </div>
      {method !== 'drift' && (
        <p className="remark">
          {title}: {sentence}
          {!settings.includes('drift.gamma') &&
            ' It does not look at R: γ, λ and the format penalty only change what is shown of it.'}
        </p>
      )}
      <GroupChart />
      <Figures rollouts={rollouts} />
      <WeightHistogram />
      <TrainedWith />
    </Card>
  );
}

function Figures({ rollouts }: { readonly rollouts: Rollouts | undefined }): JSX.Element {
  const summary = useMemo(() => rollouts && weightSummary(rollouts), [rollouts]);
  const tries = rollouts?.config.rollout.trajectories;
  const { isSigned } = methodView(usePlayground((s) => s.config.method.name));
  return (
    <div className="figures">
      <Figure
        value={fixed(summary && tries && !isSigned ? summary.essFraction * tries : undefined, 1)}
        unit={`of ${tries ?? '–'}`}
        label="effective tries"
        help="Effective sample size (Σw)²/Σw², mean over prompts: how many equally weighted tries would say as much. Advantages have none."
      />
      <Figure
        value={fixed(summary?.weightMax, 2)}
        label="largest weight"
        help="At most K: one try with all the weight of its prompt."
      />
      <Figure
        value={percent(isSigned ? undefined : summary?.weightOnWrong)}
        label="on wrong answers"
        help="Share of all weight on tries that were never solved. Prompts that no try solved keep a mean weight of 1."
      />
      <Figure
        value={percent(summary?.failedGroups)}
        label="prompts all failed"
        help="Share of prompts that no try solved: there is nothing right to learn from."
      />
      <Figure
        value={percent(summary?.solvedGroups)}
        label="prompts all solved"
        help="Share of prompts that every try solved: only how early they were solved differs."
      />
    </div>
  );
}
