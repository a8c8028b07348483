/**
 * Rollout files, made here or elsewhere, as trajectories of a task. The task's verifier judges every
 * answer again: a file cannot claim rewards that it would not give.
 */
import { answerLength, type Prompt, type Task, type Verdict } from '../data/task';
import { packEpisodes, type Episode, type Trajectories } from '../data/trajectories';
import { lineError } from '../formats/jsonLines';
import { importedTokens, parseRollouts, type ImportedRollout } from '../formats/rolloutJsonl';

const EVERY_PROMPT = 2 ** 31 - 1;

/**
 * Reads a rollout file and checks it against the task. A group is the rows of one prompt_id; groups
 * and rows keep the order of the file. Rows without log-probs get NaN.
 *
 * @param mostTurns answers that a row may hold; where more than the task's, the run allows as many
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export function importRollouts(
  text: string,
  file: string,
  task: Task,
  mostTurns: number = task.maxTurns,
): Trajectories {
  const rows = parseRollouts(text, file);
  const known = new Map(task.prompts('train', EVERY_PROMPT, 0).map((p) => [p.id, p]));
  const prompts = new Map<string, { prompt: Prompt; index: number; rows: number }>();
  const episodes = rows.map((row): Episode => {
    const prompt = known.get(row.prompt_id);
    if (!prompt) throw unknownPrompt(row, file, task);
    const entry = prompts.get(prompt.id) ?? { prompt, index: prompts.size, rows: 0 };
    prompts.set(prompt.id, entry);
    const at = { prompt, promptIndex: entry.index, sampleIndex: entry.rows++, mostTurns };
    return readEpisode(row, file, task, at);
  });
  return packEpisodes(
    task,
    Array.from(prompts.values(), (p) => p.prompt),
    episodes,
  );
}

function unknownPrompt(row: ImportedRollout, file: string, task: Task): Error {
  const isHeldOut = (['test', 'tune'] as const).some((split) =>
    task.prompts(split, EVERY_PROMPT, 0).some((p) => p.id === row.prompt_id),
  );
  const id = JSON.stringify(row.prompt_id.slice(0, 40));
  const what = isHeldOut
    ? `${id} is held out for evaluation and cannot be trained on`
    : `${id} is not a prompt of the task ${task.name}`;
  return lineError(file, row.line, 'prompt_id', what);
}

interface Place {
  readonly prompt: Prompt;
  readonly promptIndex: number;
  readonly sampleIndex: number;
  readonly mostTurns: number;
}

/** One row as an episode: prompt, answers, feedback between them. */
function readEpisode(
  row: ImportedRollout,
  file: string,
  task: Task,
  { prompt, promptIndex, sampleIndex, mostTurns }: Place,
): Episode {
  const field = row.drift ? 'drift.tokens' : 'messages';
  const refuse = (what: string, where = field): Error => lineError(file, row.line, where, what);
  const { tokens, turn_of: turnOf, logp } = importedTokens(row, task.vocabulary, file);
  const turns = Math.max(0, ...turnOf);
  if (turns === 0) throw refuse('holds no answer');
  if (turns > mostTurns) {
    throw refuse(`has ${turns} answers; the settings allow ${mostTurns}`);
  }
  const expectContext = (from: number, wanted: readonly number[], what: string): number => {
    const fits = wanted.every((token, i) => tokens[from + i] === token && turnOf[from + i] === 0);
    if (fits) return from + wanted.length;
    const words = wanted.map((token) => task.vocabulary[token]).join(' ');
    throw refuse(`${what} must be “${words}”`);
  };
  let at = expectContext(0, prompt.tokens, `the prompt ${prompt.id}`);
  const answers: number[][] = [];
  const logps: number[][] = [];
  const verdicts: Verdict[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    if (turn > 1)
      at = expectContext(
        at,
        task.feedback(prompt, answers.at(-1)!).tokens,
        `the feedback on answer ${turn - 1}`,
      );
    const given = turnOf.filter((t) => t === turn).length;
    const end = at + given;
    if (
      !turnOf.slice(at, end).every((t) => t === turn) ||
      answerLength(task, tokens.slice(at, end), 0) !== given
    ) {
      throw refuse(`answer ${turn} must be ${answerForm(task)}, not ${given}`);
    }
    answers.push(tokens.slice(at, end));
    logps.push(logp?.slice(at, end) ?? answers.at(-1)!.map(() => NaN));
    verdicts.push(task.judge(prompt, answers.at(-1)!));
    at = end;
    if (turn < turns && verdicts.at(-1)!.correct) {
      throw refuse(`goes on after answer ${turn}, which is correct`);
    }
  }
  if (at < tokens.length) throw refuse(`has ${tokens.length - at} tokens after its last answer`);
  const solvedAt = verdicts.at(-1)!.correct ? turns : 0;
  expectVerdicts(row, solvedAt, refuse);
  return { promptIndex, sampleIndex, answers, logp: logps, verdicts };
}

/** What an answer is made of, in words. */
const answerForm = ({ answerTokens, endToken, vocabulary }: Task): string =>
  `${answerTokens} tokens in a row${endToken === undefined ? '' : `, or fewer of which the last is “${vocabulary[endToken]}”`}`;

/** What the row says of success must be what the verifier says. */
function expectVerdicts(
  { t_star: tStar, turn_rewards: rewards }: ImportedRollout,
  solvedAt: number,
  refuse: (what: string, where: string) => Error,
): void {
  const verdict = solvedAt === 0 ? 'no answer is correct' : `answer ${solvedAt} is correct`;
  if (tStar !== undefined && (tStar ?? 0) !== solvedAt) {
    throw refuse(`is ${tStar}, but by the task's verifier ${verdict}`, 't_star');
  }
  for (const [key, reward] of Object.entries(rewards)) {
    const expected = key === `t${solvedAt}` ? 1 : 0;
    if (Number(reward) === expected) continue;
    const got = (typeof reward === 'number' ? String(reward) : JSON.stringify(reward)).slice(0, 40);
    throw refuse(`is ${got}, but by the task's verifier ${verdict}`, `turn_rewards.${key}`);
  }
}
