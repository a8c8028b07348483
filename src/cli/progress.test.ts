import { expect, it } from 'vitest';
import { createProgress, duration } from './progress';

function capture(isTTY: boolean): {
  text: string;
  clock: number;
  isTTY: boolean;
  columns: number;
  write(t: string): void;
} {
  return {
    text: '',
    clock: 0,
    isTTY,
    columns: 40,
    write(t) {
      this.text += t;
    },
  };
}

it('rewrites one line on a terminal, ten times a second', () => {
  const out = capture(true);
  const progress = createProgress(out, () => out.clock);
  for (let done = 1; done <= 30; done++) {
    out.clock += 20;
    progress.update('training', done, 30, (30 - done) / 10);
  }
  progress.end();
  const lines = out.text.split('\r\x1b[2K').slice(1);
  expect(lines).toEqual([
    'training: 1 of 30 (3 %, 3 s left)',
    'training: 6 of 30 (20 %, 2 s left)',
    'training: 11 of 30 (36 %, 2 s left)',
    'training: 16 of 30 (53 %, 1 s left)',
    'training: 21 of 30 (70 %, 1 s left)',
    'training: 26 of 30 (86 %, 0 s left)',
    'training: 30 of 30 (100 %)\n',
  ]);
});

it('never lets the live line wrap', () => {
  const out = capture(true);
  createProgress(out, () => 0).update('x'.repeat(100), 1, 2, undefined);
  expect(out.text).toBe(`\r\x1b[2K${'x'.repeat(39)}`);
});

it('writes plain lines to a file: each stage at once, then every ten seconds, and its end', () => {
  const out = capture(false);
  const progress = createProgress(out, () => out.clock);
  for (let done = 0; done <= 25; done++) {
    progress.update('rollout', done, 25, undefined);
    out.clock += 1000;
  }
  progress.update('training', 0, 4, 65);
  progress.end();
  expect(out.text.split('\n')).toEqual([
    'rollout: 0 of 25 (0 %)',
    'rollout: 10 of 25 (40 %)',
    'rollout: 20 of 25 (80 %)',
    'rollout: 25 of 25 (100 %)',
    'training: 0 of 4 (0 %, 1 min 05 s left)',
    '',
  ]);
});

it.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3840, '1 h 04 min'],
])('says %d seconds as %s', (seconds, text) => expect(duration(seconds)).toBe(text));
