/** Every setting by its dotted name, walked out of the schema: form, links, flags and docs use it. */
import { z } from 'zod';
import type { FieldMeta } from './field';
import { RunConfig } from './runConfig';

export type LeafValue = number | boolean | string;

/** Some settings by their dotted names, in the place of a configuration's own. */
export type Settings = Readonly<Record<string, LeafValue>>;

interface LeafBase {
  readonly name: string; //              dotted, as in links and flags
  readonly path: readonly string[]; //   the same, in parts
  readonly schema: z.ZodType<LeafValue>; // without the default: undefined is refused
  readonly meta: FieldMeta;
}

export interface NumberLeaf extends LeafBase {
  readonly kind: 'number';
  readonly isInteger: boolean;
  readonly min: number;
  readonly max: number;
  readonly multipleOf: number | undefined;
}

export interface EnumLeaf extends LeafBase {
  readonly kind: 'enum';
  readonly options: readonly string[];
}

export interface BooleanLeaf extends LeafBase {
  readonly kind: 'boolean';
}

/** One setting of the schema. */
export type Leaf = NumberLeaf | EnumLeaf | BooleanLeaf;

function leafOf(path: readonly string[], field: z.ZodDefault): Leaf {
  const whole = field.unwrap() as z.ZodType<LeafValue>;
  const meta = field.meta() as FieldMeta;
  const base = { name: path.join('.'), path, schema: whole, meta };
  const schema = whole instanceof z.ZodUnion ? whole.options[0] : whole; // the rest is not offered
  if (schema instanceof z.ZodNumber) {
    const { type, minimum, maximum, multipleOf } = z.toJSONSchema(schema);
    return {
      ...base,
      kind: 'number',
      isInteger: type === 'integer',
      min: minimum ?? -Infinity,
      max: maximum ?? Infinity,
      multipleOf,
    };
  }
  if (schema instanceof z.ZodEnum) {
    return { ...base, kind: 'enum', options: schema.options.map(String) };
  }
  return { ...base, kind: 'boolean' };
}

function leavesOf(shape: Readonly<Record<string, unknown>>, path: readonly string[]): Leaf[] {
  return Object.entries(shape).flatMap(([key, field]) => {
    if (field instanceof z.ZodDefault) return [leafOf([...path, key], field)];
    const section = (field as z.ZodPrefault<z.ZodObject>).unwrap();
    return leavesOf(section.shape, [...path, key]);
  });
}

/** All settings in schema order. A Map, because names come from links and other strangers. */
export const LEAVES: ReadonlyMap<string, Leaf> = new Map(
  leavesOf(RunConfig.shape, []).map((leaf) => [leaf.name, leaf]),
);

/** The value of a setting in a configuration. */
export function leafValue(config: RunConfig, leaf: Leaf): LeafValue {
  let value: unknown = config;
  for (const key of leaf.path) value = (value as Record<string, unknown>)[key];
  return value as LeafValue;
}

/** A copy of the configuration with one setting changed; the whole is not validated. */
export const withLeaf = (config: RunConfig, leaf: Leaf, value: LeafValue): RunConfig =>
  withValue(config, leaf.path, value) as RunConfig;

/** The same with several, each the name of a setting; the whole is not validated. */
export const withSettings = (config: RunConfig, settings: Settings): RunConfig =>
  Object.entries(settings).reduce(
    (changed, [name, value]) => withLeaf(changed, LEAVES.get(name)!, value),
    config,
  );

/** The settings in which two configurations differ, in schema order. */
export const differingLeaves = (a: RunConfig, b: RunConfig): readonly Leaf[] =>
  [...LEAVES.values()].filter((leaf) => leafValue(a, leaf) !== leafValue(b, leaf));

const withValue = (node: unknown, [key, ...rest]: readonly string[], value: LeafValue): unknown => {
  if (key === undefined) return value;
  const section = node as Readonly<Record<string, unknown>>;
  return { ...section, [key]: withValue(section[key], rest, value) };
};

/** What a setting accepts, in words: "a whole number from 1 to 64". */
export function allowedValues(leaf: Leaf): string {
  if (leaf.kind === 'boolean') return 'true or false';
  if (leaf.kind === 'enum') return `one of ${leaf.options.join(', ')}`;
  const noun = leaf.isInteger ? 'a whole number' : 'a number';
  const grain = leaf.multipleOf === undefined ? '' : ` that is a multiple of ${leaf.multipleOf}`;
  return `${noun} from ${leaf.min} to ${leaf.max}${grain}`;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The value that a text stands for, exactly spelled, or undefined where the setting refuses it. */
export function parseLeafText(leaf: Leaf, text: string): LeafValue | undefined {
  const value =
    leaf.kind === 'number' ? numberOf(text) : leaf.kind === 'boolean' ? BOOLEANS.get(text) : text;
  const checked = leaf.schema.safeParse(value);
  return checked.success ? checked.data : undefined;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** JSON's number syntax; −0 is 0. */
const numberOf = (text: string): number | undefined =>
  JSON_NUMBER.test(text) ? Number(text) + 0 : undefined;
