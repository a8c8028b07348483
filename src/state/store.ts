import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LoadRecording, OpenPlayground } from '../workers/contract';
import { openRecording } from '../workers/recordedClient';
import {
  createCalibrationSlice,
  type CalibrationSlice,
  type OpenStorage,
} from './calibrationSlice';
import { createChatSlice, type ChatSlice } from './chatSlice';
import { createConfigSlice, type ConfigSlice } from './configSlice';
import { createInspectSlice, type InspectSlice } from './inspectSlice';
import { createPreviewSlice, type PreviewSlice } from './previewSlice';
import { createProfileSlice, type ProfileSlice } from './profileSlice';
import { createRaceSlice, type RaceSlice } from './raceSlice';
import { createResultsSlice, type ResultsSlice } from './resultsSlice';
import { createRolloutFileSlice, type RolloutFileSlice } from './rolloutFileSlice';
import { createRolloutSlice, type RolloutSlice } from './rolloutSlice';
import { createRunSlice, type RunSlice } from './runSlice';
import { Session } from './session';
import { createViewSlice, type ViewSlice } from './viewSlice';
import { createTaskFileSlice, type TaskFileSlice } from './taskFileSlice';
import { createWatchSlice, type WatchSlice } from './watchSlice';

export type PlaygroundState = ConfigSlice &
  RunSlice &
  PreviewSlice &
  RolloutSlice &
  ResultsSlice &
  RaceSlice &
  ChatSlice &
  ProfileSlice &
  CalibrationSlice &
  ViewSlice &
  InspectSlice &
  WatchSlice &
  TaskFileSlice &
  RolloutFileSlice;
export type PlaygroundStore = StoreApi<PlaygroundState>;

/**
 * Everything the page knows.
 *
 * @param open starts the workers; called when something first needs them
 * @param load fetches a recorded run, which stands in for them while it is watched
 * @param storage leads to what is kept between visits; nothing is where it is absent
 * @param tabStorage the same, of what is kept until the tab is closed
 */
export function createPlayground(
  open: OpenPlayground,
  load: LoadRecording,
  storage: OpenStorage = () => undefined,
  tabStorage: OpenStorage = () => undefined,
): PlaygroundStore {
  const playground = createStore<PlaygroundState>()((set, get, store) => {
    const openWithTasks: OpenPlayground = async (emit) => {
      const client = await open(emit);
      for (const known of get().calibrations) await client.adoptCalibration(known);
      for (const spec of get().openedTasks) await client.openTask(spec);
      return client;
    };
    const openCurrent: OpenPlayground = (emit) => {
      const { watching } = get();
      return watching ? openRecording(watching)(emit) : openWithTasks(emit);
    };
    const session = new Session(openCurrent, (event) => get().receive(event));
    return {
      ...createConfigSlice(set, get, store),
      ...createRolloutSlice(set, get, store),
      ...createResultsSlice(set, get, store),
      ...createPreviewSlice(session)(set, get, store),
      ...createRunSlice(session)(set, get, store),
      ...createRaceSlice(session)(set, get, store),
      ...createChatSlice(set, get, store),
      ...createProfileSlice(set, get, store),
      ...createCalibrationSlice(session, storage)(set, get, store),
      ...createViewSlice(set, get, store),
      ...createInspectSlice(set, get, store),
      ...createWatchSlice(load)(set, get, store),
      ...createTaskFileSlice(session, tabStorage)(set, get, store),
      ...createRolloutFileSlice(session)(set, get, store),
    };
  });
  playground.subscribe(({ prepared, keepCalibration }, before) => {
    if (prepared !== before.prepared && prepared?.calibration)
      keepCalibration(prepared.calibration);
  });
  return playground;
}
