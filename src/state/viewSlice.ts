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
  /** Row of the trajectory that the inspector shows. */
  readonly inspected: number | undefined;
  readonly decoding: 'greedy' | 'sampled'; // of the results shown
  setView(view: Partial<Omit<ViewSlice, 'setView' | 'inspect'>>): void;
  inspect(row: number | undefined): void;
}

export const createViewSlice: StateCreator<PlaygroundState, [], [], ViewSlice> = (set) => ({
  rowOrder: 'sampled',
  rowFilter: 'all',
  rowPrompt: undefined,
  rowPage: 0,
  groupIndex: 0,
  inspected: undefined,
  decoding: 'greedy',
  setView: (view) => set(view),
  inspect: (row) => set({ inspected: row }),
});
