import type { StateCreator } from 'zustand/vanilla';
import type { RowFilter, RowOrder } from './rolloutViews';
import type { PlaygroundState } from './store';

/** Where the visitor is looking; no part of a link. */
export interface ViewSlice {
  readonly rowOrder: RowOrder;
  readonly rowFilter: RowFilter;
  /** Only this prompt's trajectories, or undefined for all. */
  readonly rowPrompt: number | undefined;
  readonly rowPage: number;
  readonly groupIndex: number;
  readonly decoding: 'greedy' | 'sampled'; // of the results shown
  setView(view: Partial<Omit<ViewSlice, 'setView'>>): void;
}

export const createViewSlice: StateCreator<PlaygroundState, [], [], ViewSlice> = (set) => ({
  rowOrder: 'sampled',
  rowFilter: 'all',
  rowPrompt: undefined,
  rowPage: 0,
  groupIndex: 0,
  decoding: 'greedy',
  setView: (view) => set(view),
});
