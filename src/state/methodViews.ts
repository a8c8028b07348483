import type { MethodName } from '../config/runConfig';
import { METHODS } from '../method/coefficients/methods';

/** What the page says of a method. */
export interface MethodView {
  readonly title: string;
  readonly formula: string;
  readonly sentence: string;
  readonly source: string;
}

/** A method, for its reader. */
export const methodView = (name: MethodName): MethodView => METHODS.get(name)!;
