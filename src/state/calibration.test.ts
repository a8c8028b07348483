import { describe, expect, it } from 'vitest';
import { encodeCalibrations, parseCalibrations } from '../formats/calibrationJson';
import { createPlayground, type PlaygroundStore } from './store';
import {
  CALIBRATION,
  createMemoryClient,
  noRecording,
  type MemoryClient,
} from './testing/memoryClient';

const memory = (text?: string) => {
  const texts = new Map(text === undefined ? [] : [['kernels', text]]);
  return {
    texts,
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, value: string) => void texts.set(key, value),
  };
};

const opened = (storage: ReturnType<typeof memory>): [PlaygroundStore, MemoryClient] => {
  const client = createMemoryClient();
  return [createPlayground(client.open, noRecording, () => storage), client];
};

describe('calibration', () => {
  it('is kept, and handed to the workers of the next visit before anything else', async () => {
    const storage = memory();
    const [store] = opened(storage);
    await store.getState().measureKernels();
    expect(store.getState().calibrations).toEqual([CALIBRATION]);
    expect(parseCalibrations(storage.texts.get('kernels')!)).toEqual([CALIBRATION]);

    const [later, client] = opened(storage);
    await later.getState().run();
    expect(client.calls.slice(0, 3)).toEqual(['open', 'adoptCalibration wide', 'prepare']);
  });

  it('replaces the one before of the same adapter only', async () => {
    const older = { ...CALIBRATION, at: '2025-01-01T00:00:00.000Z', tile: 'workgroup' as const };
    const elsewhere = { ...older, adapter: 'another' };
    const [store] = opened(memory(encodeCalibrations([older, elsewhere])));
    await store.getState().measureKernels();
    expect(store.getState().calibrations).toEqual([elsewhere, CALIBRATION]);
  });

  it('leaves a paused run alone', async () => {
    const [store, client] = opened(memory());
    await store.getState().run(1);
    expect(store.getState().phase.name).toBe('paused');
    await store.getState().measureKernels();
    expect(client.calls).not.toContain('calibrate');
  });

  it('does without a storage that refuses', async () => {
    const client = createMemoryClient();
    const store = createPlayground(client.open, noRecording, () => {
      throw new Error('denied');
    });
    await store.getState().measureKernels();
    expect(store.getState().calibrations).toEqual([CALIBRATION]);
    expect(store.getState().calibrationError).toBeUndefined();
  });

  it('says why it could not be measured', async () => {
    const [store, client] = opened(memory());
    client.failNext('calibrate', new Error('no'));
    await store.getState().measureKernels();
    expect(store.getState().calibrationError?.message).toMatch(/no/);
    expect(store.getState().isCalibrating).toBe(false);
  });

  it.each([
    '',
    '{',
    'null',
    '[{}]',
    '[1]',
    JSON.stringify([{ ...CALIBRATION, tile: '__proto__' }]),
    JSON.stringify([{ ...CALIBRATION, tileMs: { wide: -1 } }]),
    JSON.stringify([{ ...CALIBRATION, at: 'yesterday' }]),
    JSON.stringify([{ ...CALIBRATION, more: 1 }]),
  ])('takes a stored text that cannot be read for none: %s', (text) => {
    expect(parseCalibrations(text)).toEqual([]);
  });
});
