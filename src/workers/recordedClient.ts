import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import type { LoadRecording, OpenPlayground, RecordedRun } from './contract';
import { readRecording } from './recordedRun';
import { Replay } from './replay';

/** Fetches a recording from beside the page. */
export const loadRecording: LoadRecording = async (preset) => {
  const file = `${preset}.jsonl`;
  let response: Response;
  try {
    response = await fetch(new URL(`recordings/${file}`, document.baseURI));
  } catch (cause) {
    throw unreadable(file, 'the network did not answer', cause);
  }
  if (!response.ok) throw unreadable(file, `the server answered ${response.status}`);
  return readRecording(await response.text(), file);
};

const unreadable = (file: string, why: string, cause?: unknown): PlaygroundError =>
  new PlaygroundError(
    'file-invalid',
    `The recording ${file} could not be loaded (${why}); reload the page.`,
    { file },
    { cause },
  );

/** Opens a recording in place of the workers: the same calls and events, but nothing is computed. */
export const openRecording =
  (run: RecordedRun): OpenPlayground =>
  async (emit) => {
    const replay = new Replay(run, emit);
    const expectSame = (config: RunConfig): void => {
      if (JSON.stringify(config) !== JSON.stringify(run.config))
        throw notRecorded('Other settings');
    };
    return {
      openTask: async () => {}, // no recording is of one
      adoptCalibration: async () => {}, // nothing is computed
      async calibrate() {
        throw notRecorded('Times of kernels');
      },
      async prepare(config) {
        expectSame(config);
        return run.prepared;
      },
      async preview(config, prompts) {
        expectSame(config);
        await replay.preview(prompts);
      },
      async run(config, options) {
        expectSame(config);
        return replay.run(options?.maxSteps ?? Infinity);
      },
      pause: async () => replay.pause(),
      setSpeed: async (stepsPerSecond) => replay.setPace(stepsPerSecond / run.stepsPerSecond),
      forgetTraining: async () => {}, // what it trains comes with its tries: only `reset` takes both back
      reset: async () => replay.rewind(),
      async chat() {
        throw notRecorded('New answers');
      },
      async openRollouts() {
        throw notRecorded('Tries of a file');
      },
      async score() {
        throw notRecorded('Log-probs of the policy');
      },
      async profile() {
        throw notRecorded('Times of kernels');
      },
      close: () => replay.close(),
    };
  };

const notRecorded = (what: string): PlaygroundError =>
  new PlaygroundError('not-recorded', `${what} are not in the recording; they need WebGPU.`);
