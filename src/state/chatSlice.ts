import type { StateCreator } from 'zustand/vanilla';
import { taskNamed } from '../data/tasks/registry';
import type { Feedback, Prompt } from '../data/task';
import { evaluationTurns, type RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import type { PromptPicture, TurnView } from './rolloutViews';
import type { PlaygroundState } from './store';

/** One answer in a conversation. */
export interface ChatTurn {
  readonly tokens: readonly number[];
  readonly correct: boolean;
  readonly valid: boolean;
  readonly answer: string; // normalized, '' when it cannot be read
  readonly feedback: Feedback; // what it is told where it is wrong
  readonly meanLogp: number; // nats per token
}

export type Speaker = 'reference' | 'policy';

export interface ChatSlice {
  readonly chatIndex: number; // which held-out prompt
  readonly chatSampled: boolean; // sampled at temperature 1, or greedy
  readonly chat: Readonly<Record<Speaker, readonly ChatTurn[]>>;
  readonly chatBusy: boolean;
  readonly chatError: PlaygroundError | undefined;
  chooseChatPrompt(index: number): void;
  setChatSampled(sampled: boolean): void;
  /** Both policies answer once more: at first, and after each "no, try again". */
  askBoth(): Promise<void>;
  resetChat(): void;
}

const MOST_PROMPTS = 64; // held-out ones that can be chosen from

const SILENCE: ChatSlice['chat'] = { reference: [], policy: [] };

/** The held-out prompts of the current task and seed that can be asked, in the order of evaluation. */
const chatPrompts = (config: RunConfig): readonly Prompt[] =>
  taskNamed(config.task).prompts(config.eval.split, MOST_PROMPTS, config.seed);

/** The prompt of the conversation, ready to be drawn, and which of how many it is. */
export function chatPromptView(
  config: RunConfig,
  index: number,
): { readonly picture: PromptPicture | undefined; readonly number: number; readonly of: number } {
  const prompts = chatPrompts(config);
  const at = index % prompts.length;
  const prompt = prompts[at];
  const picture = prompt && taskNamed(config.task).viewPrompt(prompt);
  return { picture, number: at + 1, of: prompts.length };
}

/** A conversation's answers, ready to be drawn. */
export const chatTurnViews = (config: RunConfig, turns: readonly ChatTurn[]): TurnView[] =>
  turns.map((turn, i) => ({
    answer: taskNamed(config.task).viewAnswer(turn.tokens),
    isCorrect: turn.correct,
    isRepeat: turn.valid && turns.findIndex((t) => t.answer === turn.answer) < i,
    feedback: turn.feedback.text,
  }));

/** The configuration whose policy answers: the trained one's, where it is about the same task. */
const policyConfig = ({ config, ranWith }: PlaygroundState): RunConfig =>
  ranWith?.task === config.task ? ranWith : config;

/** What decides which prompts a conversation is about, and in which tokens. */
export const chatKey = ({ task, seed, eval: { split } }: RunConfig): string =>
  JSON.stringify([task, seed, split]);

/** Whether the policy that answers has taken a step, or is still the reference. */
export const hasTrainedPolicy = (s: PlaygroundState): boolean =>
  s.metrics.length > 0 && s.ranWith?.task === s.config.task;

/** Whether this speaker may be told "no, try again". */
export const canAnswer = (turns: readonly ChatTurn[], maxTurns: number): boolean =>
  turns.length < maxTurns && !turns.some((turn) => turn.correct);

export const createChatSlice: StateCreator<PlaygroundState, [], [], ChatSlice> = (set, get) => {
  let conversation = 0; // answers to an earlier conversation are dropped

  const clear = (): void => {
    conversation++;
    set({ chat: SILENCE, chatError: undefined, chatBusy: false });
  };

  const ask = async (who: Speaker, prompt: Prompt): Promise<ChatTurn> => {
    const { chat, chatSampled, config } = get();
    const turns = chat[who];
    const { tokens, logp } = await get().withClient(policyConfig(get()), (client) =>
      client.chat({
        who,
        tokens: [
          ...prompt.tokens,
          ...turns.flatMap((turn) => [...turn.tokens, ...turn.feedback.tokens]),
        ],
        temperature: chatSampled ? 1 : 0,
        draw: conversation,
      }),
    );
    const meanLogp = logp.reduce((sum, l) => sum + l, 0) / Math.max(1, logp.length);
    const task = taskNamed(config.task);
    const feedback = task.feedback(prompt, tokens);
    return { tokens, feedback, meanLogp, ...task.judge(prompt, tokens) };
  };

  return {
    chatIndex: 0,
    chatSampled: false,
    chat: SILENCE,
    chatBusy: false,
    chatError: undefined,

    chooseChatPrompt(index) {
      clear();
      const { length } = chatPrompts(get().config);
      set({ chatIndex: ((index % length) + length) % length });
    },

    setChatSampled(sampled) {
      clear();
      set({ chatSampled: sampled });
    },

    async askBoth() {
      const { chatBusy, chatIndex, config } = get();
      const prompts = chatPrompts(config);
      const prompt = prompts[chatIndex % prompts.length];
      if (chatBusy || !prompt) return;
      const mine = conversation;
      set({ chatBusy: true, chatError: undefined });
      try {
        for (const who of ['reference', 'policy'] as const) {
          if (!canAnswer(get().chat[who], evaluationTurns(config))) continue;
          const turn = await ask(who, prompt);
          if (mine !== conversation) return;
          set(({ chat }) => ({ chat: { ...chat, [who]: [...chat[who], turn] } }));
        }
        set({ chatBusy: false });
      } catch (cause) {
        if (mine === conversation) set({ chatBusy: false, chatError: PlaygroundError.from(cause) });
      }
    },

    resetChat: clear,
  };
};
