/** What `drift run --record` writes: the run as the page can play it back. */
import type { RunConfig } from '../config/runConfig';
import { answersOf } from '../data/answers';
import type { AdapterReport, Costs, MemoryPlan, SessionEvent } from '../data/results';
import { encodeRecording, type RecordedEvent } from '../formats/recordingJsonl';
import { sha256 } from '../shared/sha256';
import type { SessionEnd } from '../training/session';
import { writeFileAtomic } from './files';

/** What a recorded run was. */
export interface Recorded {
  readonly config: RunConfig;
  readonly reference: Float32Array<ArrayBuffer>; // [P]
  readonly prepared: { readonly adapter: AdapterReport; readonly memory: MemoryPlan };
}

/** Notes every event of a run with its time, the first one's being zero. */
export class Recorder {
  readonly #path: string;
  readonly #preset: string;
  readonly #events: RecordedEvent[] = [];
  #begun: number | undefined;

  /** @param preset that the run started from */
  constructor(path: string, preset: string) {
    this.#path = path;
    this.#preset = preset;
  }

  /** Seconds since the first event. */
  get #at(): number {
    this.#begun ??= performance.now();
    return (performance.now() - this.#begun) / 1000;
  }

  /** @param costs of the run, this event's included */
  add(event: SessionEvent, costs: Costs): void {
    this.#events.push(recordedEvent(this.#at, event, costs));
  }

  /** Writes the recording of a finished run, whole or not at all. */
  async write(run: Recorded, { step, totalSteps, costs, weightsHash }: SessionEnd): Promise<void> {
    const { config, reference, prepared } = run;
    const { adapter, memory } = prepared;
    const referenceHash = await sha256(reference);
    const header = { preset: this.#preset, config, referenceHash, adapter, memory, totalSteps };
    const end = { at: this.#at, step, totalSteps, costs, weightsHash };
    await writeFileAtomic(this.#path, encodeRecording(header, this.#events, end));
  }
}

function recordedEvent(at: number, event: SessionEvent, costs: Costs): RecordedEvent {
  switch (event.kind) {
    case 'progress': {
      const { secondsLeft, ...rest } = event;
      return { at, ...rest, ...(secondsLeft === undefined ? {} : { secondsLeft }) };
    }
    case 'trajectories':
      return { at, kind: 'trajectories', costs, ...answersOf(event.batch) };
    case 'step':
      return { at, costs, ...event };
    case 'evaluation':
      return { at, ...event };
    default:
      return event satisfies never;
  }
}
