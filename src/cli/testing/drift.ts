/** The real command, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const COMMAND = join(import.meta.dirname, '../../../scripts/drift.mjs');

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface DriftOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onStart?: (child: ChildProcess) => void;
  /** Handed what standard error has said so far, whenever it says more. */
  readonly onProgress?: (child: ChildProcess, err: string) => void;
}

/** Sends Ctrl-C, once, when standard error matches. */
export function interruptAt(at: RegExp): NonNullable<DriftOptions['onProgress']> {
  let hasInterrupted = false;
  return (child, err) => {
    if (!hasInterrupted && at.test(err)) hasInterrupted = child.kill('SIGINT');
  };
}

/** Runs `drift ARGS` and waits for its end. */
export function runDrift(args: readonly string[], options: DriftOptions): Promise<Ended> {
  const { cwd, env = process.env, onStart, onProgress } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env });
    onStart?.(child);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
      onProgress?.(child, err);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === null) reject(new Error(`drift was ended by ${signal}: ${err}`));
      else resolve({ code, out, err });
    });
  });
}
