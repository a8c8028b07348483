import type { RunConfig } from '../config/runConfig';
import { PlaygroundError, type ErrorCode } from '../shared/errors';
import type { OpenPlayground, PlaygroundClient, Prepared, RunEvent } from '../workers/contract';
import { sameSettings } from './configSlice';

/** After these the workers cannot be trusted any more: they are ended and opened anew when next needed. */
const FATAL: ReadonlySet<ErrorCode> = new Set([
  'webgpu-unavailable',
  'device-lost',
  'out-of-gpu-memory',
  'shader-invalid',
  'bug',
]);

/** Owns the page's one client: opens it when first needed and gives it one job at a time. */
export class Session {
  readonly #open: OpenPlayground;
  readonly #receive: (event: RunEvent) => void;
  #generation = 0; // events and results of an earlier generation come from closed workers
  #opening: Promise<PlaygroundClient> | undefined;
  #client: PlaygroundClient | undefined;
  #closedFor: PlaygroundError | undefined; // why the last workers were ended, unless asked to
  #tail: Promise<unknown> = Promise.resolve();
  #prepared: { readonly config: RunConfig; readonly report: Prepared } | undefined;

  constructor(open: OpenPlayground, receive: (event: RunEvent) => void) {
    this.#open = open;
    this.#receive = receive;
  }

  /** The client, once it is open; for what must not wait for the job in progress. */
  get client(): PlaygroundClient | undefined {
    return this.#client;
  }

  /** Runs a job after those before it; rejects with 'aborted' when the session is closed meanwhile. */
  use<T>(job: (client: PlaygroundClient) => Promise<T>): Promise<T> {
    const mine = this.#generation;
    const result = this.#tail.then(async () => {
      this.#expectCurrent(mine);
      try {
        const done = await job(await this.#opened());
        this.#expectCurrent(mine);
        return done;
      } catch (cause) {
        this.#expectCurrent(mine);
        const error = PlaygroundError.from(cause);
        if (FATAL.has(error.code)) this.close(error);
        throw error;
      }
    });
    this.#tail = result.catch(() => {}); // the job's caller handles its failure
    return result;
  }

  /** Whether the client has the reference of these settings at hand. */
  isPreparedFor(config: RunConfig): boolean {
    return this.#prepared !== undefined && sameSettings(this.#prepared.config, config);
  }

  /** Prepares the client for a configuration, unless it is. Called from within a job. */
  async prepare(client: PlaygroundClient, config: RunConfig): Promise<Prepared> {
    if (this.#prepared && this.isPreparedFor(config)) return this.#prepared.report;
    this.#prepared = undefined;
    const report = await client.prepare(config);
    this.#prepared = { config, report };
    return report;
  }

  /** The client is asked anew before the next run: other kernels may be quicker by now. */
  forgetPrepared(): void {
    this.#prepared = undefined;
  }

  /** Ends the workers and every job that waits for them, with the reason if there is one. */
  close(why?: PlaygroundError): void {
    this.#generation++;
    this.#closedFor = why;
    this.#client?.close();
    this.#client = undefined;
    this.#opening = undefined;
    this.#prepared = undefined;
    this.#tail = Promise.resolve();
  }

  #expectCurrent(generation: number): void {
    if (generation === this.#generation) return;
    throw this.#closedFor ?? new PlaygroundError('aborted', 'The run was stopped.');
  }

  #opened(): Promise<PlaygroundClient> {
    if (this.#opening) return this.#opening;
    const mine = this.#generation;
    const opening = this.#open((event) => {
      if (mine === this.#generation) this.#receive(event);
    }).then(
      (client) => {
        if (mine === this.#generation) this.#client = client;
        else client.close();
        return client;
      },
      (cause: unknown) => {
        if (mine === this.#generation) this.#opening = undefined;
        throw cause;
      },
    );
    this.#opening = opening;
    return opening;
  }
}
