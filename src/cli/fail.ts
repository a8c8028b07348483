import { CommanderError } from 'commander';
import { PlaygroundError, type ErrorCode } from '../shared/errors';

/** What the command ends with. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BAD_INPUT: ReadonlySet<ErrorCode> = new Set([
  'config-invalid',
  'file-invalid',
  'over-limit',
  'shape-mismatch',
]);

/** Says what went wrong, in one sentence where it is the user's to mend; returns the exit code. */
export function reportFailure(thrown: unknown, say: (text: string) => void): ExitCode {
  if (thrown instanceof CommanderError) {
    return thrown.exitCode === 0 ? EXIT.ok : EXIT.badInput; // commander has said it already
  }
  const error = PlaygroundError.from(thrown);
  say(`drift: ${error.message}\n`);
  if (error.code === 'bug') say(`${(error.cause as Error | undefined)?.stack ?? error.stack}\n`);
  if (error.code === 'aborted') return EXIT.interrupted;
  return BAD_INPUT.has(error.code) ? EXIT.badInput : EXIT.failed;
}
