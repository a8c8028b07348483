/** docs/results/NAME.jsonl: what the runs of an experiment came to, small enough to be kept beside the text. */
import { z } from 'zod';
import { parseJsonRows } from './jsonRows';

const Count = z.int().min(0);
const Success = z.object({ success: z.array(z.number()), success_sampled: z.array(z.number()) });

const Row = z.strictObject({
  stage: z.enum(['tune', 'report']),
  method: z.string(),
  settings: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
  /** null: the loss was no number after some step. */
  outcome: z
    .strictObject({
      prompts: Count.min(1),
      reference: Success,
      policy: Success.extend({ unique_answer_ratio: z.number(), kl: z.number().nullable() }),
      sampled_tokens: Count,
      trained_tokens: Count,
      gflop: z.number(), //             of rollouts and training, 2 and 6 for each parameter and token
      sequential_passes: Count, //      on the adapter that played
      passes_at_once: Count, //         where all tries of a round are played at once
      round_trips: Count,
      /** Wall time on `adapter`, other runs beside it; of rollouts that a run before had played, next to none. */
      seconds: z
        .strictObject({ adapter: z.string(), rollout: z.number(), train: z.number() })
        .optional(),
    })
    .nullable(),
});
export type EvidenceRow = z.infer<typeof Row>;
export type Outcome = NonNullable<EvidenceRow['outcome']>;

export const encodeEvidence = (rows: readonly EvidenceRow[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export const parseEvidence = (text: string, file: string): EvidenceRow[] =>
  parseJsonRows(Row, text, file);
