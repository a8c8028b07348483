import { createStore, type StoreApi } from 'zustand/vanilla';
import type { OpenPlayground } from '../workers/contract';
import { createChatSlice, type ChatSlice } from './chatSlice';
import { createConfigSlice, type ConfigSlice } from './configSlice';
import { createPreviewSlice, type PreviewSlice } from './previewSlice';
import { createResultsSlice, type ResultsSlice } from './resultsSlice';
import { createRolloutSlice, type RolloutSlice } from './rolloutSlice';
import { createRunSlice, type RunSlice } from './runSlice';
import { Session } from './session';
import { createViewSlice, type ViewSlice } from './viewSlice';

export type PlaygroundState = ConfigSlice &
  RunSlice &
  PreviewSlice &
  RolloutSlice &
  ResultsSlice &
  ChatSlice &
  ViewSlice;
export type PlaygroundStore = StoreApi<PlaygroundState>;

/** Everything the page knows. `open` starts the workers; it is called when something first needs them. */
export function createPlayground(open: OpenPlayground): PlaygroundStore {
  return createStore<PlaygroundState>()((set, get, store) => {
    const session = new Session(open, (event) => get().receive(event));
    return {
      ...createConfigSlice(set, get, store),
      ...createRolloutSlice(set, get, store),
      ...createResultsSlice(set, get, store),
      ...createPreviewSlice(session)(set, get, store),
      ...createRunSlice(session)(set, get, store),
      ...createChatSlice(set, get, store),
      ...createViewSlice(set, get, store),
    };
  });
}
