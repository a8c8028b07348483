import type { RunConfig } from '../config/runConfig';
import { trajectoriesOf } from '../data/answers';
import { taskNamed } from '../data/tasks/registry';
import { lineError } from '../formats/jsonLines';
import { parseRecording, type Recording } from '../formats/recordingJsonl';
import type { RecordedEvent, RecordedRun } from './contract';

/**
 * Reads a recording; the task's verifier judges every answer again.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export function readRecording(text: string, file: string): RecordedRun {
  const { header, events: recorded, end } = parseRecording(text, file);
  const { preset, config, referenceHash, adapter, memory, totalSteps } = header;
  const { at: durationSeconds, ...ended } = end;
  const events = eventsOf(config, recorded, file);
  return {
    preset,
    config,
    prepared: { adapter, memory, totalSteps },
    referenceHash,
    stepsPerSecond: paceOf(events),
    durationSeconds,
    events,
    end: { reason: 'finished', ...ended },
  };
}

function eventsOf(config: RunConfig, recorded: Recording['events'], file: string): RecordedEvent[] {
  const task = taskNamed(config.task);
  const { trajectories: tries, turns, prompts: count } = config.rollout;
  const prompts = task.prompts('train', count, config.seed);
  let asked = 0;
  return recorded.map(({ line, at, ...rest }): RecordedEvent => {
    switch (rest.kind) {
      case 'progress':
        return { at, event: { secondsLeft: undefined, ...rest }, costs: undefined };
      case 'evaluation':
        return { at, event: rest, costs: undefined };
      case 'step': {
        const { costs, ...event } = rest;
        return { at, event, costs };
      }
      case 'trajectories': {
        const { costs, tokens, logp } = rest;
        const groups = Math.ceil(tokens.length / tries);
        const those = { task, prompts: prompts.slice(asked, asked + groups), tries, turns };
        asked += groups;
        const batch = trajectoriesOf(those, { tokens, logp }, (what) =>
          lineError(file, line, 'tokens', what),
        );
        return { at, event: { kind: 'trajectories', batch }, costs };
      }
      default:
        return rest satisfies never;
    }
  });
}

/** Optimizer steps per second from the first step of training to the last. */
function paceOf(events: readonly RecordedEvent[]): number {
  const times = events.flatMap(({ at, event }) =>
    event.kind === 'step' && event.stage === 'train' ? [at] : [],
  );
  const seconds = times.at(-1)! - times[0]!;
  return seconds > 0 ? (times.length - 1) / seconds : 1;
}
