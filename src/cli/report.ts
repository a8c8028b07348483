import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sweepReport } from '../formats/sweepReport';
import { parseSweepRows } from '../formats/sweepRow';
import { PlaygroundError } from '../shared/errors';
import { readInputText, writeFileAtomic } from './files';

/** Writes report.md and report.svg of the sweep in a folder; returns the table. */
export async function report(folder: string): Promise<string> {
  const file = join(folder, 'results.jsonl');
  if (!existsSync(file)) {
    throw new PlaygroundError(
      'file-invalid',
      `${folder} holds no sweep with a finished run: it has no results.jsonl.`,
    );
  }
  const { markdown, svg } = sweepReport(parseSweepRows(await readInputText(file), file));
  await writeFileAtomic(join(folder, 'report.svg'), svg);
  await writeFileAtomic(
    join(folder, 'report.md'),
    `# Sweep\n\n${markdown}\n![Success by setting, with intervals](report.svg)\n`,
  );
  return markdown;
}
