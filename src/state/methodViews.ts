import { METHODS } from '../method/coefficients/registry';

/** What the page says of a method. */
export interface MethodView {
  readonly title: string;
  readonly sentence: string;
  readonly source: string;
  /** Dotted names of the settings, of those that not every method has, that it looks at. */
  readonly settings: readonly string[];
  /** Present where the policy plays while it learns. */
  readonly promptsPerRound?: unknown;
  /** Weights are advantages, below 0 for tries that are made less likely. */
  readonly isSigned?: boolean;
}

export { formulaOf } from '../method/coefficients/methods';
export { METHOD_NAMES } from '../method/coefficients/registry';

/** A method, for its reader. */
export const methodView = (name: string): MethodView => METHODS.get(name)!;

const METHODS_OWN: ReadonlySet<string> = new Set(['method', 'drift', 'online', 'preference']);

/** Whether a setting, by dotted name, is about methods. */
export const isOfMethods = (name: string): boolean => METHODS_OWN.has(name.split('.', 1)[0]!);

/** Whether a method looks at a setting, by dotted name; all do at those that are not about methods. */
export const looksAt = ({ settings }: MethodView, name: string): boolean =>
  name === 'method.name' || settings.includes(name) || !isOfMethods(name);

/** What a method does with its coefficients, in the field's words. */
export function trainingName({ isSigned, promptsPerRound }: MethodView): string {
  if (!isSigned) return 'Weighted SFT';
  return promptsPerRound ? 'Policy gradient' : 'Preference optimization';
}
