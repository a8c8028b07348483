import type { Leaf, LeafValue } from '../../config/leaves';
import type { MethodName } from '../../config/methodConfig';
import { TASK_TITLES } from '../../config/runConfig';
import { methodView } from '../../state/methodViews';
import { numberText } from './numbers';

/** Plain names for the options of the schema; an option without one is shown as it is. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ...Array.from(TASK_TITLES, ([name, title]): [string, string] => [`task.${name}`, title]),
  ['reference.source.shipped', 'ready-made'],
  ['reference.source.pretrain', 'pretrain here'],
  ['method.turns.last', 'last answer'],
  ['method.turns.all', 'every answer'],
  ['online.normalizer.rows', 'each try (GRPO)'],
  ['online.normalizer.tokens', 'all tokens (DAPO)'],
  ['online.normalizer.longest', 'longest (Dr. GRPO)'],
  ['online.baseline.batch', 'of the round'],
  ['online.baseline.group', 'of the group first'],
  ['method.rows.all', 'all tries'],
  ['method.rows.solved', 'the solved'],
  ['method.rows.first', 'solved at once'],
]);

/** An option of a setting, in words. */
export const optionText = (name: string, option: string): string =>
  name === 'method.name'
    ? methodView(option as MethodName).title
    : (OPTIONS.get(`${name}.${option}`) ?? option);

/** A setting's value, in words. */
export function settingText(leaf: Leaf, value: LeafValue): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return optionText(leaf.name, value);
}
