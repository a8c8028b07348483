import { CommanderError } from 'commander';
import { PlaygroundError, type ErrorCode } from '../shared/errors';

/** What the command ends with. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, diverged: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BAD_INPUT: ReadonlySet<ErrorCode> = new Set([
  'config-invalid',
  'file-invalid',
  'over-limit',
  'shape-mismatch',
]);

/** A command that has done what it could, of which some failed; the message tells all. */
export class PartlyFailed extends Error {}

/** Says what went wrong, in one sentence where it is the user's to mend; returns the exit code. */
export function reportFailure(thrown: unknown, say: (text: string) => void): ExitCode {
  if (thrown instanceof CommanderError) {
    return thrown.exitCode === 0 ? EXIT.ok : EXIT.badInput; // commander has said it already
  }
  if (thrown instanceof PartlyFailed) {
    say(`drift: ${thrown.message}\n`);
    return EXIT.failed;
  }
  const error = PlaygroundError.from(thrown);
  say(`drift: ${error.message}\n`);
  if (error.code === 'bug') say(`${(error.cause as Error | undefined)?.stack ?? error.stack}\n`);
  if (error.code === 'aborted') return EXIT.interrupted;
  if (error.code === 'non-finite-loss') return EXIT.diverged;
  return BAD_INPUT.has(error.code) ? EXIT.badInput : EXIT.failed;
}
