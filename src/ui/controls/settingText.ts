import type { Leaf, LeafValue } from '../../config/leaves';
import { taskTitle } from '../../config/runConfig';
import { methodView } from '../../state/methodViews';
import { numberText } from './numbers';

/** Plain names for the options of the schema; an option without one is shown as it is. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['reference.source.shipped', 'ready-made'],
  ['reference.source.pretrain', 'pretrain here'],
  ['method.turns.last', 'last answer'],
  ['method.turns.all', 'every answer'],
  ['online.normalizer.rows', 'each try (GRPO)'],
  ['online.normalizer.tokens', 'all tokens (DAPO)'],
  ['online.normalizer.longest', 'longest (Dr. GRPO)'],
  ['online.baseline.batch', 'of the round'],
  ['online.baseline.group', 'of the group first'],
  ['engine.tile.invocation', '8 × 8 tiles'],
  ['engine.tile.small', '16 × 16 tiles by fours'],
  ['engine.tile.quad', '16 × 32 tiles by fours'],
  ['engine.tile.wide', '32 × 32 tiles by fours'],
  ['engine.tile.workgroup', '64 × 64 tiles, shared memory'],
  ['engine.reduce.tree', 'shared memory'],
  ['engine.reduce.subgroups', 'subgroups'],
  ['engine.reduce.serial', 'one invocation a row'],
  ['engine.store.f32', 'float32'],
  ['engine.store.f16', 'float16'],
  ['method.rows.all', 'all tries'],
  ['method.rows.solved', 'the solved'],
  ['method.rows.first', 'solved at once'],
]);

/** An option of a setting, in words. */
export function optionText(name: string, option: string): string {
  if (name === 'task') return taskTitle(option);
  if (name === 'method.name') return methodView(option).title;
  return OPTIONS.get(`${name}.${option}`) ?? option;
}

/** A setting's value, in words. */
export function settingText(leaf: Leaf, value: LeafValue): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return optionText(leaf.name, value);
}
