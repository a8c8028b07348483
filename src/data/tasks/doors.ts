/**
 * doors: a task so small that everything that can happen is written down, for theory beside training.
 *
 * Eight prompts of one token, three answers of one token, one of them right. A player of the corpus finds
 * it with a chance of its own for each prompt, whatever it has tried before, so the reference's
 * distribution is known. Not offered for runs: what is known of every prompt cannot be held out.
 */
import type { Prompt, Task } from '../task';
import { packEpisodes, type Episode, type Trajectories } from '../trajectories';
import { scriptedTask, type Answer } from './scripted';

/** Chance of the right door at each prompt, each turn. */
export const CHANCES: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8];
const FIRST_WRONG = 2 / 3; // share of one wrong door in the rest, so that the wrong ones differ, too
const NAMES = ['A', 'B', 'C'] as const;
const FIRST_DOOR = CHANCES.length; // token ids: prompts, doors, NO, PAD
const MAX_TURNS = 3;

const ANSWERS: readonly Answer[] = NAMES.map((_, door) => [FIRST_DOOR + door]);
const PROMPTS: readonly Prompt[] = CHANCES.map((_, i) => ({
  id: String(i + 1),
  tokens: [i],
  gold: NAMES[i % NAMES.length]!,
}));

const read = ({ 0: token = -1 }: ArrayLike<number>): string => NAMES[token - FIRST_DOOR] ?? '';

/** The right door, then the wrong ones. */
function answersAt({ gold }: Prompt): readonly [Answer, Answer, Answer] {
  const right = NAMES.findIndex((name) => name === gold);
  return [ANSWERS[right]!, ANSWERS[(right + 1) % 3]!, ANSWERS[(right + 2) % 3]!];
}

const script = scriptedTask({
  name: 'doors',
  title: 'Doors',
  vocabulary: [...PROMPTS.map(({ id }) => id), ...NAMES, 'NO', 'PAD'],
  promptTokens: 1,
  answerTokens: 1,
  maxTurns: MAX_TURNS,
  candidates: () => PROMPTS.map((prompt) => ({ prompt, text: prompt.id, isFavored: false })),
  favoredShare: 0,
  draw: (random) => random.pick(PROMPTS),
  read,
  repeats: 0,
  play({ prompt }, random) {
    const [right, first, second] = answersAt(prompt);
    if (random.uniform() < CHANCES[PROMPTS.indexOf(prompt)]!) return right;
    return random.uniform() < FIRST_WRONG ? first : second;
  },
});

export const DOORS: Task = { ...script, prompts: () => [...PROMPTS] };

/** Every way in which `turns` turns at a prompt can go, prompt after prompt; log-probs are left at 0. */
export function everyOutcome(turns: number): Trajectories {
  const ways = (prompt: Prompt, left: number): Answer[][] => {
    const [right, ...wrong] = answersAt(prompt);
    const goOn = left > 1 ? ways(prompt, left - 1) : [[]];
    return [[right], ...wrong.flatMap((answer) => goOn.map((rest) => [answer, ...rest]))];
  };
  const episodes = PROMPTS.flatMap((prompt, promptIndex) =>
    ways(prompt, turns).map((answers, sampleIndex): Episode => ({
      ...{ promptIndex, sampleIndex, answers },
      logp: answers.map(() => [0]),
      verdicts: answers.map((answer) => DOORS.judge(prompt, answer)),
    })),
  );
  return packEpisodes(DOORS, PROMPTS, episodes);
}
