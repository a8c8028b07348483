import { z } from 'zod';
import { plainMessage } from './zodMessages';

// Before the first schema. The page's security policy admits no code made from text: no JIT.
z.config({ jitless: true, customError: plainMessage });

/** How a control, the command line and the docs show a setting. Unit '' = none. */
export interface FieldShape {
  readonly label: string;
  readonly unit: string;
  readonly help: string;
  /** How a slider runs between min and max; `step` is the grain of a linear one. */
  readonly scale?: 'linear' | 'log';
  readonly step?: number;
}
export type FieldMeta = Pick<FieldShape, keyof FieldShape>;

/** The row of the schema that tells of a setting. */
export const field = (
  label: string,
  unit: string,
  help: string,
  more: { scale?: 'linear' | 'log'; step?: number } = {},
): FieldMeta => ({ label, unit, help, ...more });
