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
}

/**
 * The environment in which a command gets Ctrl-C, once, as soon as it has written what matches to
 * standard error. Sent from within the process: a test that is kept waiting for its turn would send
 * it to a command that has ended meanwhile.
 */
export function interruptedAt(at: RegExp): NodeJS.ProcessEnv {
  const preload = `
    import { isMainThread } from 'node:worker_threads';
    const write = process.stderr.write;
    let written = '';
    if (isMainThread) process.stderr.write = function (chunk, ...rest) {
      const result = write.call(this, chunk, ...rest);
      written += String(chunk);
      if (${at}.test(written)) {
        process.stderr.write = write;
        process.kill(process.pid, 'SIGINT');
      }
      return result;
    };`;
  const url = `data:text/javascript,${encodeURIComponent(preload)}`;
  return { ...process.env, NODE_OPTIONS: `--import=${url}` };
}

/** Runs `drift ARGS` and waits for its end. */
export function runDrift(args: readonly string[], options: DriftOptions): Promise<Ended> {
  const { cwd, env = process.env, onStart } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env });
    onStart?.(child);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === null) reject(new Error(`drift was ended by ${signal}: ${err}`));
      else resolve({ code, out, err });
    });
  });
}
