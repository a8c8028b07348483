import type { StateCreator } from 'zustand/vanilla';
import { PlaygroundError } from '../shared/errors';
import type { RunEnd, StepProfile } from '../workers/contract';
import type { PlaygroundState } from './store';

export type StepProfileView = StepProfile;

/** Where the time of a training and a decoding step goes, measured when asked for. */
export interface ProfileSlice {
  readonly profile: ProfileView | undefined;
  readonly isProfiling: boolean;
  readonly profileError: PlaygroundError | undefined;
  /** Measures the last step of the run that has just ended or paused. */
  measureStep(): Promise<void>;
}

export interface ProfileView {
  /** The run whose step it is: of no use for another. */
  readonly of: RunEnd;
  readonly step: StepProfile;
}

export const createProfileSlice: StateCreator<PlaygroundState, [], [], ProfileSlice> = (
  set,
  get,
) => ({
  profile: undefined,
  isProfiling: false,
  profileError: undefined,

  async measureStep() {
    const { phase, ranWith, isProfiling } = get();
    if (isProfiling || !ranWith || (phase.name !== 'finished' && phase.name !== 'paused')) return;
    set({ isProfiling: true, profileError: undefined });
    try {
      const step = await get().withClient(ranWith, (client) => client.profile());
      set({ profile: { of: phase.end, step } });
    } catch (cause) {
      set({ profileError: PlaygroundError.from(cause) });
    } finally {
      set({ isProfiling: false });
    }
  },
});
