import { describe, expect, it } from 'vitest';
import { answerLength, type Task } from '../data/task';
import { packEpisodes, type Episode, type Trajectories } from '../data/trajectories';
import { BOXES } from '../data/tasks/boxes';
import { FACTS } from '../data/tasks/facts';
import { RIVERS } from '../data/tasks/testing/rivers';
import { encodeRollouts, rolloutLines, type RolloutLine } from '../formats/rolloutJsonl';
import { rng } from '../shared/rng';
import { importRollouts } from './importRollouts';

/** Groups of three tries at training prompts; tokens of the answers are random. */
function randomTrajectories(task: Task, seed: number): Trajectories {
  const random = rng(seed);
  const prompts = task.prompts('train', 5, seed);
  const episodes = prompts.flatMap((prompt, promptIndex) =>
    [0, 1, 2].map((sampleIndex): Episode => {
      const answers: number[][] = [];
      const turns = 1 + random.int(task.maxTurns);
      const answer = (): number[] => {
        const tokens = Array.from({ length: task.answerTokens }, () => random.int(task.pad));
        return tokens.slice(0, answerLength(task, tokens, 0));
      };
      const isSolved = (): boolean => task.judge(prompt, answers.at(-1)!).correct;
      while (answers.length < turns && !(answers.length > 0 && isSolved())) answers.push(answer());
      const logp = answers.map((a) => a.map(() => Math.fround(-random.uniform())));
      const verdicts = answers.map((a) => task.judge(prompt, a));
      return { promptIndex, sampleIndex, answers, logp, verdicts };
    }),
  );
  return packEpisodes(task, prompts, episodes);
}

const linesOf = (task: Task, t: Trajectories): RolloutLine[] =>
  rolloutLines(t, { vocabulary: task.vocabulary, maxTurns: task.maxTurns, formatPenalty: -0.1 });

describe.each([FACTS, BOXES, RIVERS])('importRollouts, $name', (task) => {
  it.each([1, 2, 3])('gives back what was exported, seed %i', (seed) => {
    const t = randomTrajectories(task, seed);
    expect(importRollouts(encodeRollouts(linesOf(task, t)), 'f.jsonl', task)).toEqual(t);
  });

  it.each([4, 5])('reads messages alone, without log-probs, seed %i', (seed) => {
    const t = randomTrajectories(task, seed);
    const text = linesOf(task, t)
      .map(({ prompt_id, messages, turn_rewards }) =>
        JSON.stringify({ prompt_id, messages, turn_rewards }),
      )
      .join('\n');
    const logp = t.logp.map((x, n) => (t.turnOf[n] === 0 ? x : NaN));
    expect(importRollouts(text, 'f.jsonl', task)).toEqual({ ...t, logp });
  });
});

const PROMPT = FACTS.prompts('train', 1, 0)[0]!;
const words = (tokens: readonly number[]): string =>
  tokens.map((t) => FACTS.vocabulary[t]).join(' ');
const RIGHT = `S . . ${[...PROMPT.gold].join(' ')}`;
const WRONG = RIGHT.startsWith('S . . 0 0') ? 'S . . 1 1' : 'S . . 0 0';
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const asked = user(words(PROMPT.tokens));

const GOOD = {
  prompt_id: PROMPT.id,
  messages: [asked, assistant(WRONG), user('NO'), assistant(RIGHT)],
  turn_rewards: { t1: 0, t2: 1 },
  t_star: 2,
};
const HELD_OUT = FACTS.prompts('test', 1, 0)[0]!.id;

describe('importRollouts refuses', () => {
  it('nothing of a good row', () => {
    expect([...importRollouts(JSON.stringify(GOOD), 'f.jsonl', FACTS).solvedAt]).toEqual([2]);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown prompt', { prompt_id: 'x' }, /prompt_id: "x" is not a prompt of the task facts/],
    ['a group without a name', { prompt_id: '' }, /prompt_id: must not be empty/],
    ['no messages', { messages: [] }, /messages: must hold the prompt and an answer/],
    ['a held-out prompt', { prompt_id: HELD_OUT }, /prompt_id: ".*" is held out for evaluation/],
    ['another prompt’s text', { messages: [user('1 1 + 1 1 =')] }, /messages: holds no answer/],
    [
      'a prompt that is not its id’s',
      { messages: [user('9 9 + 9 9 ='), assistant(RIGHT)] },
      /messages: the prompt .* must be “/,
    ],
    ['a foreign word', { messages: [asked, assistant('hello')] }, /messages\.1\.content: “hello”/],
    [
      'a short answer',
      { messages: [asked, assistant('S .')] },
      /answer 1 must be 5 tokens in a row, not 2/,
    ],
    [
      'a long answer',
      { messages: [asked, assistant(`${WRONG} .`)] },
      /answer 1 must be 5 tokens in a row, not 6/,
    ],
    [
      'missing feedback',
      { messages: [asked, assistant(WRONG), assistant(RIGHT)] },
      /the feedback on answer 1 must be “NO”/,
    ],
    [
      'feedback at the end',
      { messages: [asked, assistant(WRONG), user('NO')] },
      /has 1 tokens after its last answer/,
    ],
    [
      'turns after success',
      { messages: [asked, assistant(RIGHT), user('NO'), assistant(RIGHT)] },
      /goes on after answer 1, which is correct/,
    ],
    ['a wrong t_star', { t_star: 1 }, /t_star: is 1, but by the task's verifier answer 2 is/],
    [
      'a wrong reward',
      { turn_rewards: { t1: 0.5, t2: 1 } },
      /turn_rewards\.t1: is 0\.5, but by the task's verifier answer 2 is correct/,
    ],
  ])('%s, naming file, line and field', (_, change, sentence) => {
    const text = `${JSON.stringify(GOOD)}\n${JSON.stringify({ ...GOOD, ...change })}\n`;
    expect(() => importRollouts(text, 'f.jsonl', FACTS)).toThrow(
      expect.objectContaining({
        code: 'file-invalid',
        message: expect.stringMatching(
          new RegExp(`^f\\.jsonl:2: field [^\\n]*${sentence.source}`),
        ) as string,
      }),
    );
  });
});

it.each([
  ['t i b e r ∎', 6], // as long as the longest, which nothing needs to end
  ['t i b', 3],
  ['t i ∎ e', 4],
])('refuses the answer %s, which does not end where it should', (content, given) => {
  const [prompt] = RIVERS.prompts('train', 1, 0);
  const question = user([...prompt!.id].join(' '));
  const line = {
    prompt_id: prompt!.id,
    messages: [question, assistant(content)],
    turn_rewards: {},
  };
  expect(() => importRollouts(JSON.stringify(line), 'f.jsonl', RIVERS)).toThrow(
    `answer 1 must be 5 tokens in a row, or fewer of which the last is “∎”, not ${given}`,
  );
});
