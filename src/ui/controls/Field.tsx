import { useId, useState, type JSX } from 'react';
import { allowedValues, LEAVES, leafValue, type Leaf } from '../../config/leaves';
import { useActions, usePlayground } from '../../state/hooks';
import { isHidden } from '../../state/lesson';
import { focusControl } from './focusControl';
import { Help } from './Help';
import { BooleanControl, EnumControl, NumberControl } from './leafControls';
import { settingText } from './settingText';
import { Problem } from './Problem';

interface FieldProps {
  readonly name: string; // dotted, as in links
}

/** The control of one setting, drawn from its row of the schema. */
export function Field({ name }: FieldProps): JSX.Element | null {
  const leaf = LEAVES.get(name);
  const isLeftOut = usePlayground((s) => isHidden(s.lesson, name));
  return leaf && !isLeftOut ? <LeafField leaf={leaf} /> : null;
}

function LeafField({ leaf }: { readonly leaf: Leaf }): JSX.Element {
  const value = usePlayground((s) => leafValue(s.config, leaf));
  const usual = usePlayground((s) => leafValue(s.preset.config, leaf));
  const act = useActions();
  const id = useId();
  const [problem, setProblem] = useState<string>();
  const { label, unit, help } = leaf.meta;
  const shared = {
    label: unit ? `${label}, ${unit}` : label,
    describedBy: `${id}-help`,
    onEnter: (next: number | boolean | string) => act().setSetting(leaf.name, next),
  };

  return (
    <div className={`field field-${leaf.kind}`} data-changed={value !== usual || undefined}>
      <Help className="field-label" label={label}>
        <p>{help}</p>
        <p className="quiet">
          {allowedValues(leaf)}
          {unit && `, ${unit}`} · preset: {settingText(leaf, usual)} · <code>{leaf.name}</code>
        </p>
      </Help>
      {leaf.kind === 'number' && (
        <NumberControl {...shared} leaf={leaf} value={Number(value)} onProblem={setProblem} />
      )}
      {leaf.kind === 'enum' && <EnumControl {...shared} leaf={leaf} value={String(value)} />}
      {leaf.kind === 'boolean' && <BooleanControl {...shared} value={Boolean(value)} />}
      <button
        type="button"
        className="reset"
        hidden={value === usual}
        aria-label={`Reset ${label} to ${settingText(leaf, usual)}`}
        title={`Back to the preset's ${settingText(leaf, usual)}`}
        onClick={(event) => {
          act().resetSetting(leaf.name);
          focusControl(event.currentTarget.parentElement!); // the button itself goes
        }}
      >
        ↺
      </button>
      <span id={`${id}-help`} className="sr-only">
        {help}
      </span>
      <Problem text={problem} />
    </div>
  );
}
