import type { TaskSpec } from '../config/taskSpec';
import type {
  AdapterReport,
  ChatAnswer,
  ChatRequest,
  Evaluation,
  KernelTime,
} from '../data/results';
import { addTask, taskNamed } from '../data/tasks/registry';
import type { Split, Task } from '../data/task';
import { Gpu } from '../gpu/gpu';
import { Readback } from '../gpu/readback';
import type { Tensor } from '../gpu/tensor';
import { Decoder, type Sampling } from '../model/generate';
import { paramLayout } from '../model/params';
import { Transformer } from '../model/transformer';
import { PlaygroundError } from '../shared/errors';
import { invariant } from '../shared/invariant';
import type { Variants } from '../shared/kernelForms';
import { STREAM } from '../shared/rng';
import { allRows, scatter, type PackedRows } from './batches';
import { answerRows, evaluatePolicy, klFromReference } from './evaluate';
import { kernelTimes } from './kernelTimes';
import { planMemory, type Capacities } from './memory';
import { play, type Played } from './rollout';
import { scoreRows } from './score';
import { Turns } from './turns';

export interface RolloutSetup {
  readonly task: string;
  readonly capacities: Capacities;
  readonly reference: Float32Array<ArrayBuffer>; // [P]
  /** Forms of the kernels; absent: those that suit the adapter's kind. */
  readonly variants?: Variants;
}

/** Some prompt groups to sample from the frozen reference, or from a policy. */
export interface ChunkRequest {
  readonly seed: number;
  readonly firstPrompt: number; // index into the training split
  /** After so many prompts come the first ones again; absent where none are played twice. */
  readonly among?: number;
  readonly prompts: number;
  readonly trajectories: number; // K
  readonly turns: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  /** The policy's parameters [P]; absent for the reference itself. */
  readonly policy?: Float32Array<ArrayBuffer>;
  /** Whether the trajectories are to say their log-probs under the reference too. */
  readonly withReference?: boolean;
}

export interface EvaluateRequest {
  readonly seed: number;
  readonly split: Split;
  readonly prompts: number;
  readonly turns: number;
  readonly step: number;
  /** The policy's parameters [P]; absent for the reference itself. */
  readonly policy?: Float32Array<ArrayBuffer>;
}

/**
 * What the rollout side can be asked. Requests are served one after the other, in order; a rejected
 * one holds a PlaygroundError, 'aborted' after `abort()`.
 */
export interface RolloutPort {
  /** Makes the task of a file known; comes before the `open` that names it. */
  openTask(spec: TaskSpec): Promise<void>;
  open(setup: RolloutSetup): Promise<AdapterReport>;
  chunk(request: ChunkRequest): Promise<Played>;
  evaluate(request: EvaluateRequest): Promise<Evaluation>;
  chat(request: ChatRequest, policy?: Float32Array<ArrayBuffer>): Promise<ChatAnswer>;
  /** Log-probs in nats of every trained token of the rows, in order, under reference or policy. [M] */
  score(from: PackedRows, policy?: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /** What a decoding step costs, kernel by kernel; see `Decoder.profile`. */
  profile(): Promise<KernelTime[]>;
  /** Ends the chunk in progress at its next turn. */
  abort(): Promise<void>;
  /** Destroys the device. */
  close(): Promise<void>;
}

/** Everything that belongs to one loaded reference. */
interface Loaded {
  readonly gpu: Gpu;
  readonly task: Task;
  readonly reference: Float32Array<ArrayBuffer>;
  readonly active: Tensor; // [P] parameters that the decoder reads
  readonly decoder: Decoder;
  readonly chatParams: Tensor; // [P]
  readonly chat: Decoder;
  readonly scorerParams: Tensor; // [P] the reference's between requests
  readonly scorer: () => Promise<Scorer>;
}

/** Made when first asked for: sampling need not wait for its kernels to compile. */
interface Scorer {
  readonly transformer: Transformer;
  readonly nll: Readback;
}

/** `make`, called at the first request for what it makes. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Plays the frozen reference and evaluates snapshots, on a device of its own. */
export class RolloutService implements RolloutPort {
  readonly #webgpu: GPU | undefined;
  #loaded: Loaded | undefined;
  readonly #turns = new Turns();
  readonly #chats = new Turns();
  #abortions = 0;

  /** @param webgpu navigator.gpu or Dawn's; absent where there is none */
  constructor(webgpu: GPU | undefined) {
    this.#webgpu = webgpu;
  }

  async openTask(spec: TaskSpec): Promise<void> {
    addTask(spec);
  }

  open(setup: RolloutSetup): Promise<AdapterReport> {
    return this.#turns.take(async () => {
      this.#loaded?.gpu.destroy();
      this.#loaded = undefined;
      this.#loaded = await this.#load(setup);
      const { gpu } = this.#loaded;
      const features = gpu.device.features.has('subgroups') ? ['subgroups'] : [];
      return { name: gpu.adapterName, isSoftware: gpu.isSoftware, features };
    });
  }

  async #load({ task: name, capacities, reference, variants }: RolloutSetup): Promise<Loaded> {
    const { shape, train, decode, chat } = capacities;
    const { largestBufferBytes } = planMemory(capacities);
    const gpu = await Gpu.open(this.#webgpu, { largestBufferBytes, ...variants });
    try {
      const layout = paramLayout(shape);
      const task = taskNamed(name);
      const params = (label: string): Tensor => gpu.upload(label, [layout.total], reference);
      const [active, chatParams, scorerParams] = await gpu.allocating(
        'the parameters',
        () =>
          [
            params('active parameters'),
            params('chat parameters'),
            params('scorer parameters'),
          ] as const,
      );
      const [decoder, chatDecoder] = await Promise.all([
        Decoder.create(gpu, shape, layout, active, decode),
        Decoder.create(gpu, shape, layout, chatParams, chat),
      ]);
      const decoders = { active, decoder, chatParams, chat: chatDecoder };
      const scorer = once(async () => {
        const transformer = await Transformer.create(gpu, shape, layout, scorerParams, train);
        return { transformer, nll: new Readback(gpu, [transformer.tensors.scored.nll], 1) };
      });
      return { gpu, task, reference, ...decoders, scorerParams, scorer };
    } catch (cause) {
      gpu.destroy();
      throw cause;
    }
  }

  #expectLoaded(): Loaded {
    invariant(this.#loaded !== undefined, 'The rollout service was asked before open().');
    return this.#loaded;
  }

  chunk(request: ChunkRequest): Promise<Played> {
    const asked = this.#abortions;
    const expectWanted = async (): Promise<void> => {
      if (asked !== this.#abortions) throw new PlaygroundError('aborted', 'Sampling was stopped.');
    };
    return this.#turns.take(async () => {
      await expectWanted();
      const { gpu, task, decoder, active, reference } = this.#expectLoaded();
      const { seed, firstPrompt, among = Infinity, prompts: count, trajectories, turns } = request;
      const { temperature, topK, topP } = request;
      const sampling: Sampling = { temperature, topK, topP, seed, stream: STREAM.rollout };
      const known = task.prompts('train', Math.min(firstPrompt + count, among), seed);
      const prompts = Array.from(
        { length: count },
        (_, i) => known[(firstPrompt + i) % among],
      ).filter((prompt) => prompt !== undefined); // the split may be smaller
      gpu.write(active, request.policy ?? reference);
      const settings = { trajectories, turns, sampling, firstPrompt };
      const played = await play(decoder, task, prompts, settings, expectWanted);
      if (!request.withReference) return played;
      const rows = answerRows(played.trajectories);
      const logp = scatter(rows.trained, await this.#score(rows));
      return { ...played, trajectories: { ...played.trajectories, reference: logp } };
    });
  }

  score(from: PackedRows, policy?: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    return this.#turns.take(async () => {
      if (!policy) return this.#score(from);
      const { gpu, scorerParams, reference } = this.#expectLoaded();
      gpu.write(scorerParams, policy);
      try {
        return await this.#score(from);
      } finally {
        gpu.write(scorerParams, reference);
      }
    });
  }

  async #score(from: PackedRows): Promise<Float32Array<ArrayBuffer>> {
    const { transformer, nll } = await this.#expectLoaded().scorer();
    return scoreRows(transformer, nll, from, allRows(from));
  }

  evaluate(request: EvaluateRequest): Promise<Evaluation> {
    return this.#turns.take(async () => {
      const { gpu, task, decoder, active, reference } = this.#expectLoaded();
      const { policy, seed, split, turns, step } = request;
      gpu.write(active, policy ?? reference);
      const prompts = task.prompts(split, request.prompts, seed);
      const settings = { turns, seed, prompts };
      const { scores, sampled } = await evaluatePolicy(decoder, task, settings, async () => {});
      if (!policy) return { who: 'reference', step: 0, ...scores };
      const kl = await klFromReference(sampled, (from) => this.#score(from));
      return { who: 'policy', step, ...scores, kl };
    });
  }

  /** Answers beside whatever else is being served: it has buffers of its own. */
  chat(
    { tokens, temperature, draw }: ChatRequest,
    policy?: Float32Array<ArrayBuffer>,
  ): Promise<ChatAnswer> {
    return this.#chats.take(async () => {
      const { gpu, chat, chatParams, reference } = this.#expectLoaded();
      gpu.write(chatParams, policy ?? reference);
      chat.setSampling({ temperature, topK: 0, topP: 1, seed: 0, stream: STREAM.chat });
      const [answer] = await chat.turn([{ tokens, position: 0, row: 0, keys: [draw] }]);
      return { tokens: answer!.tokens, logp: answer!.logp };
    });
  }

  profile(): Promise<KernelTime[]> {
    return this.#turns.take(() => kernelTimes(() => this.#expectLoaded().decoder.profile()));
  }

  async abort(): Promise<void> {
    this.#abortions += 1;
  }

  async close(): Promise<void> {
    this.#loaded?.gpu.destroy();
    this.#loaded = undefined;
  }
}
