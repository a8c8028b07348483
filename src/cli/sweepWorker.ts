import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { EXIT } from './fail';
import type { CommandEnd } from './main';

/** A process that runs command lines of `drift`, one after the other; started when it is needed. */
export class SweepWorker {
  #child: ChildProcess | undefined;
  #log = '';

  /**
   * Runs `drift ARGS`.
   *
   * @param log file that takes what it says
   * @param began is handed the id of the process that runs it
   * @returns undefined where the process ended instead of answering
   */
  async run(
    args: readonly string[],
    log: string,
    began: (pid: number) => void,
  ): Promise<CommandEnd | undefined> {
    this.#log = log;
    const child = (this.#child ??= this.#start());
    if (child.pid !== undefined) began(child.pid);
    return new Promise((resolve, reject) => {
      const settle = (end?: CommandEnd): void => {
        child.off('message', settle).off('close', gone).off('error', reject);
        resolve(end);
      };
      const gone = (code: number | null): void =>
        settle(code === EXIT.interrupted ? { code, said: '' } : undefined);
      child.on('message', settle).on('close', gone).on('error', reject);
      child.send([...args]);
    });
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [process.argv[1]!, 'serve'], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // it ends when the channel does, that is, with this process
    });
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk: Buffer) => appendFileSync(this.#log, chunk));
    }
    child.on('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }

  /** Asks the run under way to save and end. */
  interrupt(): void {
    this.#child?.kill('SIGINT');
  }

  /** Lets the process go. */
  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }
}
