import { z } from 'zod';
import { RunConfig } from '../config/runConfig';
import { readAs, type JsonFile } from './jsonFile';

const VERSION = 1;

const Count = z.number().min(0);

/** What the run has cost so far. */
export const Costs = z.strictObject({
  sampledTokens: Count,
  trainedTokens: Count,
  sequentialPasses: Count,
  roundTrips: Count.default(0),
  overlapSeconds: Count.default(0),
  evaluationOverlapSeconds: Count.default(0),
  seconds: z.strictObject({ pretrain: Count, rollout: Count, train: Count, evaluate: Count }),
});

const TrainerState = z.strictObject({
  version: z.literal(VERSION),
  step: z.int().min(0), // optimizer steps taken
  seed: RunConfig.shape.seed.unwrap(),
  config: RunConfig,
  costs: Costs.optional(),
});
/** trainer_state.json: what it takes, beside weights and moments, to go on with a run. */
export type TrainerState = z.infer<typeof TrainerState>;

/** The state of a run after `step` optimizer steps. */
export const trainerState = (
  config: RunConfig,
  step: number,
  costs?: z.infer<typeof Costs>,
): TrainerState => ({
  version: VERSION,
  step,
  seed: config.seed,
  config,
  ...(costs ? { costs } : {}),
});

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export const parseTrainerState = (json: JsonFile): TrainerState => readAs(TrainerState, json);
