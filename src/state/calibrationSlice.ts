import type { StateCreator } from 'zustand/vanilla';
import { encodeCalibrations, parseCalibrations } from '../formats/calibrationJson';
import { PlaygroundError } from '../shared/errors';
import type { Calibration } from '../workers/contract';
import type { Session } from './session';
import type { PlaygroundState } from './store';
import { configToRun } from './watchSlice';

export type CalibrationView = Calibration;

/** Leads to where texts are kept between visits; throws where a browser refuses. */
export type OpenStorage = () => Pick<Storage, 'getItem' | 'setItem'> | undefined;

/** Which forms of the kernels are quickest here, measured when asked for. */
export interface CalibrationSlice {
  /** Of every adapter seen here, the newest last. */
  readonly calibrations: readonly Calibration[];
  readonly isCalibrating: boolean;
  readonly calibrationError: PlaygroundError | undefined;
  /** Keeps what was measured on an adapter, in the place of what was before. */
  keepCalibration(calibration: Calibration): void;
  /** Times the kernels' forms at the sizes of the settings; a paused run would have to begin anew. */
  measureKernels(): Promise<void>;
}

const KEY = 'kernels';

export const createCalibrationSlice =
  (
    session: Session,
    storage: OpenStorage,
  ): StateCreator<PlaygroundState, [], [], CalibrationSlice> =>
  (set, get) => ({
    calibrations: kept(storage),
    isCalibrating: false,
    calibrationError: undefined,

    keepCalibration(calibration) {
      const { calibrations } = get();
      if (
        calibrations.some(
          ({ adapter, at }) => adapter === calibration.adapter && at === calibration.at,
        )
      )
        return;
      const others = calibrations.filter(({ adapter }) => adapter !== calibration.adapter);
      const all = [...others, calibration];
      set({ calibrations: all });
      try {
        storage()?.setItem(KEY, encodeCalibrations(all));
      } catch {
        // refused in some private windows: then it lasts as long as the page
      }
    },

    async measureKernels() {
      const { phase, isCalibrating } = get();
      if (isCalibrating || phase.name === 'running' || phase.name === 'paused') return;
      set({ isCalibrating: true, calibrationError: undefined });
      try {
        const config = configToRun(get());
        get().keepCalibration(await session.use((client) => client.calibrate(config)));
      } catch (cause) {
        set({ calibrationError: PlaygroundError.from(cause) });
      } finally {
        set({ isCalibrating: false });
      }
    },
  });

/** Whether the adapter was measured after the client was last asked about it. */
export const hasNewKernels = ({ calibrations, prepared }: PlaygroundState): boolean =>
  calibrations.some(
    ({ adapter, at }) => adapter === prepared?.adapter.name && at !== prepared.calibration?.at,
  );

function kept(storage: OpenStorage): readonly Calibration[] {
  try {
    return parseCalibrations(storage()?.getItem(KEY) ?? '[]');
  } catch {
    return []; // storage may be refused in private windows
  }
}
