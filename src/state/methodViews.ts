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

/** What a method does with its coefficients, in the field's words. */
export function trainingName({ isSigned, promptsPerRound }: MethodView): string {
  if (!isSigned) return 'Weighted SFT';
  return promptsPerRound ? 'Policy gradient' : 'Preference optimization';
}
