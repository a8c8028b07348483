/** `npm run recordings [PRESET ...]`: runs presets, by default all recorded before, and keeps what happened. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RECORDINGS = join(ROOT, 'public/recordings');

const chosen = process.argv.slice(2);
const recorded = readdirSync(RECORDINGS).map((file) => basename(file, '.jsonl'));
for (const preset of chosen.length > 0 ? chosen : recorded) {
  const folder = mkdtempSync(join(tmpdir(), 'drift-recording-')); // the run's own files
  const record = join(RECORDINGS, `${preset}.jsonl`);
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'scripts/drift.mjs'),
      ...['run', '--preset', preset, '--out', folder, '--record', record],
    ],
    { stdio: 'inherit' },
  );
  rmSync(folder, { recursive: true });
  if (status !== 0) process.exit(status ?? 1);
}
