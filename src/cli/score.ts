import { DEFAULT_RUN } from '../config/runConfig';
import { MOST_TURNS } from '../config/trainingConfig';
import { contextTokens } from '../data/task';
import { lineError } from '../formats/jsonLines';
import { importedTokens, parseRollouts } from '../formats/rolloutJsonl';
import { scoreSequences } from '../training/scoring';
import { openDawn, type Host } from './dawn';
import { readInputText } from './files';
import { readModelFolder, taskOf } from './modelFolder';

const F32_DIGITS = 9; // give every float32 back exactly

/**
 * Log-prob of every token of every row of a rollout file, as JSON lines in input order; the first
 * token of a row, which nothing predicts, has null.
 */
export async function scoreText(checkpoint: string, file: string, host: Host): Promise<string> {
  if (file === '-') await openDawn(host); // it may start the command anew, with nothing read yet
  const loaded = await readModelFolder(checkpoint);
  const task = taskOf(loaded);
  const rows = parseRollouts(await readInputText(file), file);
  const longest = contextTokens(task, MOST_TURNS);
  const sequences = rows.map((row) => {
    const { tokens } = importedTokens(row, task.vocabulary, file);
    if (tokens.length > 0 && tokens.length <= longest) return tokens;
    const field = row.drift ? 'drift.tokens' : 'messages';
    const what = `holds ${tokens.length} tokens; the task ${task.name} has 1 to ${longest}`;
    throw lineError(file, row.line, field, what);
  });
  const rollout = { ...DEFAULT_RUN.rollout, turns: MOST_TURNS };
  const config = { ...DEFAULT_RUN, task: task.name, model: loaded.model, rollout };
  const params = loaded.params(task);
  const logp = await scoreSequences(await openDawn(host), config, task, params, sequences);
  return rows
    .map((row, i) => {
      const scores = Array.from(logp[i]!, (x) => Number(x.toPrecision(F32_DIGITS)));
      const { prompt_id, traj_idx = null } = row;
      const line = { prompt_id, traj_idx, tokens: sequences[i]!, logp: [null, ...scores] };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}
