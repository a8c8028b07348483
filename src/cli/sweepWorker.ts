import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { EXIT } from './fail';
import type { CommandEnd } from './main';

const STOPPED: CommandEnd = { code: EXIT.interrupted, said: '' };

/** A process that runs command lines of `drift`, one after the other; started when it is needed. */
export class SweepWorker {
  #child: ChildProcess | undefined;
  #log = '';
  #isInterrupted = false;

  /**
   * Runs `drift ARGS`.
   *
   * @param log file that takes what it says
   * @param began is handed the id of the process that runs it, before it does
   * @returns undefined where the process ended instead of answering
   * @throws what `began` throws; then nothing is run
   */
  async run(
    args: readonly string[],
    log: string,
    began: (pid: number) => void,
  ): Promise<CommandEnd | undefined> {
    if (this.#isInterrupted) return STOPPED;
    this.#log = log;
    const child = (this.#child ??= this.#start());
    if (child.pid !== undefined) began(child.pid);
    return new Promise((resolve, reject) => {
      const settle = (end?: CommandEnd): void => {
        child.off('message', settle).off('close', gone).off('error', failed);
        resolve(end);
      };
      const gone = (code: number | null): void =>
        settle(this.#isInterrupted || code === EXIT.interrupted ? STOPPED : undefined);
      const failed = (cause: Error): void =>
        this.#isInterrupted ? settle(STOPPED) : reject(cause);
      child.on('message', settle).on('close', gone).on('error', failed);
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

  /** Asks the run under way to save and end; a process that has none yet just ends. Nothing is run any more. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#child?.kill('SIGINT');
  }

  /** Lets the process go. */
  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }
}
