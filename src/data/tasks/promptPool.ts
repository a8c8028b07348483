import { permutation, rng, STREAM, type Rng } from '../../shared/rng';
import type { Prompt, Split } from '../task';

/** A possible prompt of a task, of one of two kinds that are drawn with different probability. */
export interface Candidate {
  readonly prompt: Prompt;
  /** What the model sees; prompts with the same text fall into the same split. */
  readonly text: string;
  readonly isFavored: boolean;
}

const HASH_CLASSES = 5;

/** Class 0 of the prompt text is tested, class 1 is for tuning, classes 2–4 are rolled out and pretrained on. */
function splitOf(text: string): Split {
  const hashClass = fnv1a(text) % HASH_CLASSES;
  return hashClass === 0 ? 'test' : hashClass === 1 ? 'tune' : 'train';
}

/** 32-bit FNV-1a of ASCII text. Source: Fowler, Noll & Vo, RFC 9923. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

type Kinds = Record<'favored' | 'others', Prompt[]>;

/** All prompts of a task; a share `favoredShare` of what is taken or drawn is favored. */
export class PromptPool {
  readonly #candidates: () => Iterable<Candidate>;
  readonly #favoredShare: number;
  #splits: Record<Split, Kinds> | undefined;

  /** @param candidates is called once, when prompts are first asked for. */
  constructor(candidates: () => Iterable<Candidate>, favoredShare: number) {
    this.#candidates = candidates;
    this.#favoredShare = favoredShare;
  }

  #of(split: Split): Kinds {
    if (!this.#splits) {
      const empty = (): Kinds => ({ favored: [], others: [] });
      this.#splits = { train: empty(), tune: empty(), test: empty() };
      for (const { prompt, text, isFavored } of this.#candidates()) {
        this.#splits[splitOf(text)][isFavored ? 'favored' : 'others'].push(prompt);
      }
    }
    return this.#splits[split];
  }

  /**
   * The first `count` distinct prompts of a split in the order of `seed`; a larger count only adds to
   * them. When one kind runs out the other fills up.
   */
  take(split: Split, count: number, seed: number): Prompt[] {
    const stream = split === 'train' ? STREAM.prompts : STREAM.evalPrompts;
    const queue = (prompts: readonly Prompt[], row: number): Prompt[] =>
      Array.from(permutation(prompts.length, rng(seed, stream, row)), (i) => prompts[i]!);
    const favored = queue(this.#of(split).favored, 0);
    const others = queue(this.#of(split).others, 1);
    const random = rng(seed, stream, 2);
    const taken: Prompt[] = [];
    while (taken.length < count) {
      const isFavored = random.uniform() < this.#favoredShare;
      const [first, second] = isFavored ? [favored, others] : [others, favored];
      const next = first.pop() ?? second.pop();
      if (!next) break;
      taken.push(next);
    }
    return taken;
  }

  /** One training prompt, independent of all others drawn. */
  draw(random: Rng): Prompt {
    const { favored, others } = this.#of('train');
    return random.pick(random.uniform() < this.#favoredShare ? favored : others);
  }
}
