import { Slider } from '@base-ui/react/slider';
import { Switch } from '@base-ui/react/switch';
import { useMemo, type JSX } from 'react';
import type { EnumLeaf, LeafValue, NumberLeaf } from '../../config/leaves';
import { Choice } from './Choice';
import { NumberEntry } from './NumberEntry';
import { numberText } from './numbers';
import { scaleOf } from './scale';
import { optionText } from './settingText';

interface ControlProps<Value> {
  readonly label: string; // accessible name
  readonly describedBy: string;
  readonly value: Value;
  /** Takes the value, or says why not. */
  readonly onEnter: (value: LeafValue) => string | undefined;
}

interface NumberControlProps extends ControlProps<number> {
  readonly leaf: NumberLeaf;
  readonly onProblem: (problem: string | undefined) => void;
}

/** A slider and a text entry for the same number; only the entry where the range is too wide. */
export function NumberControl(props: NumberControlProps): JSX.Element {
  const { leaf, value, label, describedBy, onEnter, onProblem } = props;
  const scale = useMemo(() => sliderScale(leaf), [leaf]);
  return (
    <>
      {scale && (
        <Slider.Root
          className="slider"
          min={scale.min}
          max={scale.max}
          step={scale.step}
          largeStep={scale.step * 10}
          value={scale.toPosition(value)}
          onValueChange={(position) => onProblem(onEnter(scale.toValue(Number(position))))}
        >
          <Slider.Control className="slider-control">
            <Slider.Track className="slider-track">
              <Slider.Indicator className="slider-fill" />
              <Slider.Thumb
                className="slider-thumb"
                aria-label={label}
                aria-describedby={describedBy}
                getAriaValueText={() => numberText(value)}
              />
            </Slider.Track>
          </Slider.Control>
        </Slider.Root>
      )}
      <NumberEntry
        label={`${label}, as text`}
        describedBy={describedBy}
        value={value}
        onEnter={onEnter}
        onProblem={onProblem}
      />
    </>
  );
}

/** Undefined for ranges that no slider can serve, such as seeds. */
function sliderScale(leaf: NumberLeaf): ReturnType<typeof scaleOf> | undefined {
  const { scale, step } = leaf.meta;
  const isWide = scale !== 'log' && step === undefined && leaf.max - leaf.min > 5000;
  if (isWide) return undefined;
  return scaleOf({
    min: leaf.min,
    max: leaf.max,
    isInteger: leaf.isInteger,
    scale,
    step: step ?? leaf.multipleOf,
  });
}

interface EnumControlProps extends ControlProps<string> {
  readonly leaf: EnumLeaf;
}

/** One of a setting's options. */
export function EnumControl({ leaf, label, value, onEnter }: EnumControlProps): JSX.Element {
  const offered = [...new Set([...leaf.options, value])]; // a task file is no option until it is open
  const options = offered.map((option) => ({
    value: option,
    label: optionText(leaf.name, option),
  }));
  return <Choice label={label} value={value} options={options} onChange={onEnter} />;
}

/** A setting that is on or off. */
export function BooleanControl(props: ControlProps<boolean>): JSX.Element {
  return (
    <Switch.Root
      className="switch"
      aria-label={props.label}
      aria-describedby={props.describedBy}
      checked={props.value}
      onCheckedChange={props.onEnter}
    >
      <Switch.Thumb className="switch-thumb" />
    </Switch.Root>
  );
}
