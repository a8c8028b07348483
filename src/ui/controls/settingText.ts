import type { Leaf, LeafValue } from '../../config/leaves';
import { TASK_TITLES } from '../../config/runConfig';
import { numberText } from './numbers';

/** Plain names for the options of the schema; an option without one is shown as it is. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ...Array.from(TASK_TITLES, ([name, title]): [string, string] => [`task.${name}`, title]),
  ['reference.source.shipped', 'ready-made'],
  ['reference.source.pretrain', 'pretrain here'],
  ['method.name.drift', 'DRIFT'],
  ['method.name.sft', 'SFT'],
  ['method.name.rft', 'RFT'],
  ['method.turns.last', 'last answer'],
  ['method.turns.all', 'every answer'],
]);

/** An option of a setting, in words. */
export const optionText = (name: string, option: string): string =>
  OPTIONS.get(`${name}.${option}`) ?? option;

/** A setting's value, in words. */
export function settingText(leaf: Leaf, value: LeafValue): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return optionText(leaf.name, value);
}
