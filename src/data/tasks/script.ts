import type { Dialogue, Prompt } from '../task';

/** The dialogue of a prompt and its answers, all but the last of them wrong; answers are trained. */
export function writeDialogue(
  prompt: Prompt,
  answers: readonly (readonly number[])[],
  feedback: readonly number[],
): Dialogue {
  const tokens: number[] = [];
  const trained: boolean[] = [];
  const append = (ids: readonly number[], isTrained: boolean): void => {
    for (const id of ids) {
      tokens.push(id);
      trained.push(isTrained);
    }
  };
  append(prompt.tokens, false);
  answers.forEach((answer, t) => {
    if (t > 0) append(feedback, false);
    append(answer, true);
  });
  return { tokens, trained };
}
