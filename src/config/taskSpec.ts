/** What a task file says once it is read: plain values, which cross threads by structured clone. */
export interface TaskSpec {
  readonly name: string; // "file-" and the hash of the file
  readonly title: string;
  readonly alphabet: readonly string[]; // distinct words without white space
  /** Texts are spelled in characters, else made of words with blanks between them. */
  readonly isSpelled: boolean;
  readonly turns: number; // of the corpus
  readonly feedback: string; // to a wrong answer that has none of its own
  readonly prompts: readonly PromptSpec[];
  readonly demonstrations: Demonstrations;
}

export interface PromptSpec {
  readonly ask: string;
  readonly accept: readonly string[]; // the first is the one that is shown
  readonly wrong: readonly string[]; //  tempting answers, for the recipe
  readonly feedback: Readonly<Record<string, string>>; // what is said to which wrong answer
}

/** Dialogues to pretrain on, or a recipe that writes them. */
export type Demonstrations =
  | { readonly dialogues: readonly DialogueSpec[] }
  | { readonly recipe: { readonly knows: number; readonly repeats: number } };

export interface DialogueSpec {
  readonly ask: string;
  readonly answers: readonly string[]; // all but the last are wrong
}

/** Names of tasks that come from files. */
export const FILE_TASK = /^file-[0-9a-f]{16}$/;

export const END = '∎'; //   ends an answer that is shorter than the longest
export const BLANK = '␣'; // how a blank is written where texts are spelled
export const SAID = '↩'; //  begins the token of a feedback

/** The one token that says a feedback. */
export const feedbackToken = (text: string): string => SAID + text.replaceAll(/\s/g, BLANK);

/** A text as tokens of the alphabet; the first word that is not in it, where there is one. */
export function tokensOf(
  { alphabet, isSpelled }: Pick<TaskSpec, 'alphabet' | 'isSpelled'>,
  text: string,
): { readonly tokens: number[]; readonly unknown?: string } {
  const words = isSpelled
    ? Array.from(text, (c) => (c === ' ' ? BLANK : c))
    : text.split(' ').filter(Boolean);
  const tokens = words.map((word) => alphabet.indexOf(word));
  const at = tokens.indexOf(-1);
  return at < 0 ? { tokens } : { tokens, unknown: words[at]! };
}
