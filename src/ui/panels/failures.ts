import type { ErrorCode } from '../../shared/errors';

/** What a failure means for the visitor, and what to do next. */
export interface FailureHelp {
  readonly title: string;
  readonly next: string;
  /** Nothing can be computed here for now: offer a recorded run. */
  readonly offersRecording?: true;
  /** A reference can be pretrained here instead. */
  readonly offersPretraining?: true;
}

export const FAILURE_HELP: Readonly<Record<ErrorCode, FailureHelp>> = {
  'webgpu-unavailable': {
    title: 'This browser gives the page no GPU.',
    next: 'Use a current Chrome, Edge, Safari or Firefox with WebGPU on, and hardware acceleration enabled in its settings. After two crashes of the graphics process only a reload helps.',
    offersRecording: true,
  },
  'device-lost': {
    title: 'The GPU was taken away.',
    next: 'Press Run to open it again. If that fails, reload the page: the address keeps your settings.',
    offersRecording: true,
  },
  'out-of-gpu-memory': {
    title: 'The GPU has not enough memory left.',
    next: 'Lower the model’s width or the batch, or close other pages that use the GPU, then press Run.',
    offersRecording: true,
  },
  'over-limit': {
    title: 'These settings need more than this GPU allows.',
    next: 'Nothing was allocated. Lower the setting named here, or go back to the preset.',
  },
  'shader-invalid': {
    title: 'The GPU refused one of the page’s programs.',
    next: 'This is a fault of the page or the driver. Update the browser or the driver, and please report it with the facts below.',
    offersRecording: true,
  },
  'shape-mismatch': {
    title: 'Two tensors do not fit each other.',
    next: 'This is a fault of the page. Please report it with the facts below.',
  },
  'config-invalid': {
    title: 'These settings cannot be used together.',
    next: 'Change the setting named here, or go back to the preset.',
  },
  'reference-missing': {
    title: 'These settings have no ready-made reference yet.',
    next: 'It can be pretrained here first, on scripted dialogues: seconds to a minute on a GPU, many minutes without one. The line at the top shows how far it is and the time left.',
    offersPretraining: true,
  },
  'file-invalid': {
    title: 'The file cannot be read.',
    next: 'Mend what is named here, then choose the file again. All else is as it was.',
  },
  'non-finite-loss': {
    title: 'Training ran away: the loss is no longer a number.',
    next: 'The run stopped at the last good step. Lower the learning rate or the gradient clip, then press Run.',
  },
  'not-recorded': {
    title: 'A recording computes nothing.',
    next: 'Leave the recording to run it live, in a browser with WebGPU.',
  },
  aborted: { title: 'The run was stopped.', next: 'Press Run to start again.' },
  bug: {
    title: 'Something went wrong in the page.',
    next: 'Press Run to try again, or reload: the address keeps your settings. Please report it with the facts below.',
  },
};
