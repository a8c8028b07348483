import { useMemo, type JSX } from 'react';
import { usePlayground } from '../../state/hooks';
import { Card } from '../Card';
import { counted } from '../controls/numbers';
import { DecodingChoice } from './DecodingChoice';
import { runLines } from './lines';
import { OverSteps } from './OverSteps';
import { OverTurns } from './OverTurns';
import { Race } from './Race';
import { RunHistory } from './RunHistory';
import { StageOverlap } from './StageOverlap';

/** What came of it: the policy beside the reference and every earlier run. */
export function Results(): JSX.Element {
  const reference = usePlayground((s) => s.reference);
  const evaluations = usePlayground((s) => s.evaluations);
  const metrics = usePlayground((s) => s.metrics);
  const ranWith = usePlayground((s) => s.ranWith);
  const totalSteps = usePlayground((s) => s.totalSteps.train);
  const history = usePlayground((s) => s.history);
  const decoding = usePlayground((s) => s.decoding);
  const config = usePlayground((s) => s.config);
  const base = ranWith ?? config;
  const lines = useMemo(
    () => runLines({ ranWith, reference, evaluations, metrics }, history, base),
    [ranWith, reference, evaluations, metrics, history, base],
  );
  const shown = reference ?? lines[0]?.evaluations.find((e) => e.who === 'reference');
  const shared = { lines, reference: shown, decoding, totalSteps };
  return (
    <Card
      className="results"
      title="Result"
      aside={`on ${counted(shown?.prompts ?? base.eval.prompts, 'held-out prompt')}, never rolled out for training`}
    >
      <div className="results-tools">
        <DecodingChoice label="Decoding of the results" />
      </div>
      <div className="results-grid">
        <Race {...shared} />
        <OverTurns {...shared} what="success" />
        <OverTurns {...shared} what="correctionRate" />
        <OverSteps {...shared} what="unique" />
        <OverSteps {...shared} what="kl" />
      </div>
      <StageOverlap />
      <RunHistory />
    </Card>
  );
}
