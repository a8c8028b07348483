import { AWR } from './awr';
import { DFT } from './dft';
import { DPO } from './dpo';
import { DRIFT } from './drift';
import { GRPO } from './grpo';
import { ITERATED_DRIFT } from './iteratedDrift';
import { IW_SFT } from './iwSft';
import { KTO } from './kto';
import type { Method } from './method';
import { REINFORCE } from './reinforce';
import { REINFORCE_PLUS_PLUS } from './reinforcePlusPlus';
import { REST } from './rest';
import { RFT } from './rft';
import { RLOO } from './rloo';
import { RWR } from './rwr';
import { SFT } from './sft';

const methods: readonly Method[] = [
  ...[DRIFT, ITERATED_DRIFT, SFT, RFT, REST, RWR, AWR, DFT, IW_SFT],
  ...[REINFORCE, RLOO, REINFORCE_PLUS_PLUS, GRPO, DPO, KTO],
];

/** Every method by its name, in the order in which they are offered. */
export const METHODS: ReadonlyMap<string, Method> = new Map(methods.map((m) => [m.name, m]));

/** What the setting `method.name` may be. */
export const METHOD_NAMES: readonly string[] = [...METHODS.keys()];
