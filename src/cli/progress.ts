/** Progress on standard error: one live line on a terminal, now and then a plain line elsewhere. */

const LIVE_EVERY_MS = 100;
const PLAIN_EVERY_MS = 10_000;
const PLAIN_WIDTH = 80; //  columns where the terminal does not say

/** What progress is written to; `process.stderr` is one. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** @param secondsLeft undefined until it can be told. */
  update(stage: string, done: number, total: number, secondsLeft: number | undefined): void;
  /** Ends the live line; a later update starts another. */
  end(): void;
}

/** @param now milliseconds of a clock that never goes back. */
export function createProgress(out: ProgressOutput, now: () => number): Progress {
  const isLive = out.isTTY === true;
  let writtenAt = -Infinity;
  let stageShown = '';
  let isLineOpen = false;

  return {
    update(stage, done, total, secondsLeft) {
      const isDue = now() - writtenAt >= (isLive ? LIVE_EVERY_MS : PLAIN_EVERY_MS);
      if (!isDue && stage === stageShown && done < total) return;
      writtenAt = now();
      stageShown = stage;
      const line = progressLine(stage, done, total, secondsLeft);
      if (!isLive) {
        out.write(`${line}\n`);
        return;
      }
      out.write(`\r\x1b[2K${line.slice(0, (out.columns ?? PLAIN_WIDTH) - 1)}`); // a wrapped line stays
      isLineOpen = true;
    },
    end() {
      if (isLineOpen) out.write('\n');
      isLineOpen = false;
    },
  };
}

function progressLine(
  stage: string,
  done: number,
  total: number,
  secondsLeft: number | undefined,
): string {
  const share = total > 0 ? `${Math.floor((100 * done) / total)} %` : '';
  const left = secondsLeft === undefined || done >= total ? '' : `, ${duration(secondsLeft)} left`;
  return `${stage}: ${done} of ${total} (${share}${left})`;
}

/** "8 s", "2 min 05 s", "1 h 04 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const two = (n: number): string => String(n).padStart(2, '0');
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}
