import type { MethodName } from '../../config/runConfig';
import { DRIFT } from './drift';
import type { Method } from './method';
import { RFT } from './rft';
import { SFT } from './sft';

/** Every method by its name, in the order in which they are offered. */
export const METHODS: ReadonlyMap<MethodName, Method> = new Map(
  [DRIFT, SFT, RFT].map((method) => [method.name, method]),
);
