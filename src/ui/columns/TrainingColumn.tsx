import { useMemo, type JSX } from 'react';
import { LEAVES } from '../../config/leaves';
import { useActions, usePlayground } from '../../state/hooks';
import { isHidden } from '../../state/lesson';
import { formulaOf, METHOD_NAMES, methodView, trainingName } from '../../state/methodViews';
import { Card } from '../Card';
import { Choice } from '../controls/Choice';
import { Disclosure } from '../controls/Disclosure';
import { Field } from '../controls/Field';
import { Shown } from '../lesson/Shown';
import { TrainingCharts } from './TrainingCharts';
import { Symbols } from '../Symbols';
import { UsualRate } from './UsualRate';

const SHOWN = new Set([
  'method.name',
  'method.turns',
  'optimizer.learningRate',
  'optimizer.epochs',
  'optimizer.batch',
  'engine.overlap',
]);
/** Settings of methods that few will touch. */
const RARE = [
  ...['method.sequence', 'method.batchRule', 'method.dropFailedGroups', 'method.pruneBelow'],
  ...['online.passes', 'online.clipLow', 'online.clipHigh'],
];
const MORE: readonly (readonly [string, readonly string[]])[] = [
  ['More of the optimizer', namesUnder('optimizer')],
  ['Model', namesUnder('model')],
  ['Reference', namesUnder('reference')],
  ['Evaluation', namesUnder('eval')],
  ['Kernels', namesUnder('engine')],
];

/** Settings of methods, each shown where the method looks at it. */
const OF_METHODS = ['online', 'preference', 'method'].flatMap(namesUnder);

function namesUnder(section: string): readonly string[] {
  return [...LEAVES.keys()].filter((name) => name.startsWith(`${section}.`) && !SHOWN.has(name));
}

/** Column 3: fine-tuning of the policy, each try or token times its weight. */
export function TrainingColumn(): JSX.Element {
  const name = usePlayground((s) => s.config.method.name);
  const isFixed = usePlayground((s) => isHidden(s.lesson, 'method.name'));
  const act = useActions();
  const method = methodView(name);
  const formula = usePlayground((s) => formulaOf(s.config));
  const options = useMemo(
    () =>
      METHOD_NAMES.map((value) => {
        const { title, sentence } = methodView(value);
        return { value, label: title, hint: sentence };
      }),
    [],
  );
  const own = OF_METHODS.filter((leaf) => method.settings.includes(leaf));
  const more = [
    ['More of the method', own.filter((leaf) => RARE.includes(leaf))],
    ...MORE,
  ] as const;
  return (
    <Card
      className="training"
      number={3}
      title={trainingName(method)}
      aside={
        <>
          of the policy π<sub>θ</sub>
        </>
      }
    >
      <p className="lead">
        {method.isSigned ? (
          <>
            Descends Σ c · (−log π<sub>θ</sub>) over the same tokens as weighted SFT; where c is
            below 0, a token becomes less likely. Methods differ only in c.
          </>
        ) : (
          <>
            Descends Σ w · (−log π<sub>θ</sub>), as supervised learning does. Methods differ only in
            w.
          </>
        )}
      </p>
      <div className="method">
        {isFixed ? (
          <b>{method.title}</b>
        ) : (
          <Choice
            label="Method"
            className="select-strong"
            value={name}
            options={options}
            onChange={(value) => act().setSetting('method.name', value)}
          />
        )}
        <code className="formula">
          <Symbols text={formula} />
        </code>
        <p className="quiet">
          {method.sentence} <span className="source">{method.source}</span>
        </p>
      </div>
      <div className="fields">
        {method.settings.includes('method.turns') && <Field name="method.turns" />}
        {own
          .filter((leaf) => !RARE.includes(leaf))
          .map((leaf) => (
            <Field key={leaf} name={leaf} />
          ))}
        <Field name="optimizer.learningRate" />
        <UsualRate />
        <Field name="optimizer.epochs" />
        <Field name="optimizer.batch" />
        <Field name="engine.overlap" />
        <Shown part="more">
          <Disclosure title="More settings">
            {more.map(
              ([title, names]) =>
                names.length > 0 && (
                  <fieldset key={title} className="more">
                    <legend>{title}</legend>
                    {names.map((leaf) => (
                      <Field key={leaf} name={leaf} />
                    ))}
                  </fieldset>
                ),
            )}
          </Disclosure>
        </Shown>
      </div>
      <TrainingCharts />
    </Card>
  );
}
