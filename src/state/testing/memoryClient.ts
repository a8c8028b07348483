import { concatTrajectories, type Trajectories } from '../../data/trajectories';
import { TASKS } from '../../data/tasks/registry';
import type { RunConfig } from '../../config/runConfig';
import type {
  Calibration,
  ChatRequest,
  EmitRunEvent,
  Evaluation,
  LoadRecording,
  OpenPlayground,
  PlaygroundClient,
  Prepared,
  RunEnd,
  ScoreRequest,
  StepProfile,
} from '../../workers/contract';

/** What the test can see and do of a client. */
export interface MemoryClient {
  readonly open: OpenPlayground;
  readonly calls: string[];
  readonly chats: ChatRequest[];
  readonly scores: ScoreRequest[];
  /** The emit of each opened client, in order. */
  readonly emits: EmitRunEvent[];
  /** Holds the next run between rollout and training until released. */
  hold(): () => void;
  /** Makes the next first step take so many seconds longer. */
  compileFor(seconds: number): void;
  /** Makes the next call of that name reject. */
  failNext(call: string, error: unknown): void;
}

const STEPS = 4;

const PREPARED: Prepared = {
  adapter: { name: 'test', isSoftware: false, features: [] },
  memory: { parts: [], totalBytes: 0, largestBufferBytes: 0, parameters: 1 },
  totalSteps: STEPS,
};

export const CALIBRATION: Calibration = {
  adapter: 'test',
  version: 1,
  at: '2026-01-01T00:00:00.000Z',
  tile: 'wide',
  store: 'f32',
  reduce: 'tree',
  tileMs: { invocation: 3, wide: 1, workgroup: 2 },
  reduceMs: { tree: 1, serial: 2 },
  storeMs: { f32: 1, f16: 2 },
};

const PROFILE: StepProfile = {
  kernels: [{ label: 'matmul_forward', dispatches: 5, ms: 2, flops: 4e6, bytes: 1e6 }],
  decoding: [{ label: 'attention_cached', dispatches: 2, ms: 1, flops: 0, bytes: 1e6 }],
  roof: { gflops: 4, gigabytesPerSecond: 10 },
};

/** One group of a prompt: the first sample answers right at once, the others never. */
export function groupOf(config: RunConfig, index: number): Trajectories {
  const task = TASKS.get(config.task)!;
  const prompt = task.prompts('train', index + 1, config.seed)[index]!;
  const K = config.rollout.trajectories;
  const right = [13, 14, 14, ...Array.from(prompt.gold, Number)]; // "S . . x y" of facts
  const wrong = [13, 14, 14, 9, 9];
  const rows = Array.from({ length: K }, (_, k): Trajectories => {
    const answers = k === 0 ? [right] : Array.from({ length: config.rollout.turns }, () => wrong);
    const tokens = [...prompt.tokens];
    const turnOf = prompt.tokens.map(() => 0);
    answers.forEach((answer, i) => {
      tokens.push(...answer);
      turnOf.push(...answer.map(() => i + 1));
    });
    return {
      prompts: [prompt],
      promptOf: Int32Array.of(0),
      sampleOf: Int32Array.of(k),
      offsets: Int32Array.of(0, tokens.length),
      tokens: Int32Array.from(tokens),
      turnOf: Uint8Array.from(turnOf),
      logp: Float32Array.from(turnOf, (turn) => (turn > 0 ? -0.5 : 0)),
      turns: Int32Array.of(answers.length),
      solvedAt: Int32Array.of(k === 0 ? 1 : 0),
      answers: [answers.map((answer) => answer.slice(3).join(''))],
    };
  });
  const joined = concatTrajectories(rows);
  return { ...joined, prompts: [prompt], promptOf: new Int32Array(K) };
}

export const evaluationOf = (who: Evaluation['who'], step: number, level: number): Evaluation => {
  const scores = { success: [level], correctionRate: [level], uniqueAnswerRatio: 1 };
  return { who, step, prompts: 8, greedy: scores, sampled: scores, entropy: 1 };
};

/** For tests in which nobody watches a recording. */
export const noRecording: LoadRecording = (preset) => Promise.reject(new Error(`No ${preset}.`));

/** What a test controls of the clients it opens. */
interface Controls {
  readonly calls: string[];
  readonly chats: ChatRequest[];
  readonly scores: ScoreRequest[];
  readonly failures: Map<string, unknown>;
  held: Promise<void> | undefined;
  compiling: number; // seconds
}

/** A client that keeps the contract in memory, for tests of the store only. */
export function createMemoryClient(): MemoryClient {
  const controls: Controls = {
    calls: [],
    chats: [],
    scores: [],
    failures: new Map(),
    held: undefined,
    compiling: 0,
  };
  const emits: EmitRunEvent[] = [];
  return {
    calls: controls.calls,
    chats: controls.chats,
    scores: controls.scores,
    emits,
    async open(emit) {
      controls.calls.push('open');
      emits.push(emit);
      return clientOf(emit, controls);
    },
    hold() {
      let release!: () => void;
      controls.held = new Promise((resolve) => (release = resolve));
      return () => {
        controls.held = undefined;
        release();
      };
    },
    compileFor: (seconds) => (controls.compiling = seconds),
    failNext: (call, error) => controls.failures.set(call, error),
  };
}

/** Notes a call, which fails if the test wants it to. */
function noteIn(controls: Controls, call: string): void {
  controls.calls.push(call);
  const failure = controls.failures.get(call);
  controls.failures.delete(call);
  if (failure !== undefined) throw failure;
}

function clientOf(emit: EmitRunEvent, controls: Controls): PlaygroundClient {
  const at = { key: '', training: '', groups: 0, step: 0, compiled: 0, isPausing: false };

  const note = (call: string): void => noteIn(controls, call);

  const sample = async (config: RunConfig, count: number): Promise<void> => {
    const key = JSON.stringify([config.task, config.seed, config.rollout]);
    if (key !== at.key) Object.assign(at, { key, groups: 0, step: 0 });
    for (; at.groups < count; at.groups++) {
      await emit({ kind: 'trajectories', batch: groupOf(config, at.groups) });
    }
  };

  return {
    openTask: async ({ title }) => note(`openTask ${title}`),
    adoptCalibration: async ({ tile }) => note(`adoptCalibration ${tile}`),
    async calibrate() {
      note('calibrate');
      return CALIBRATION;
    },
    async prepare() {
      note('prepare');
      return PREPARED;
    },
    async preview(config, prompts) {
      note('preview');
      await sample(config, prompts);
    },
    async run(config, options) {
      note('run');
      at.isPausing = false;
      await sample(config, config.rollout.prompts);
      await emit({ kind: 'evaluation', evaluation: evaluationOf('reference', 0, 0.25) });
      await controls.held;
      const training = JSON.stringify({ ...config, eval: undefined });
      if (training !== at.training) Object.assign(at, { training, step: 0, ...compiled(controls) });
      const total = STEPS * config.optimizer.epochs * config.online.passes;
      const isNews = at.step < total; // a run that is at its end says nothing more
      const until = Math.min(total, at.step + (options?.maxSteps ?? total));
      while (at.step < until && !at.isPausing) {
        await emit(metricsAt(++at.step));
        const isDue = config.eval.every > 0 && at.step % config.eval.every === 0;
        if (isDue && at.step < total) await emit(policyAt(at.step));
      }
      const { step } = at;
      if (step < total) return runEnd('paused', step, total, at.compiled);
      if (isNews) await emit(policyAt(step));
      return runEnd('finished', step, total, at.compiled);
    },
    async pause() {
      note('pause');
      at.isPausing = true;
    },
    setSpeed: async () => note('setSpeed'),
    async forgetTraining() {
      note('forgetTraining');
      at.training = '';
    },
    async reset() {
      note('reset');
      at.key = '';
    },
    async openRollouts(asked, text) {
      note('openRollouts');
      const groups = JSON.parse(text) as number;
      const rollout = { ...asked.rollout, prompts: groups };
      const config = { ...asked, rollout };
      Object.assign(at, {
        key: JSON.stringify([asked.task, asked.seed, rollout]),
        groups,
        step: 0,
      });
      const batches = Array.from({ length: groups }, (_, i) => groupOf(config, i));
      return { config, trajectories: concatTrajectories(batches) };
    },
    ...answersOf(note, controls),
    close() {
      controls.calls.push('close');
    },
  };
}

/** Seconds that a first step takes longer: all that there are to compile, once. */
function compiled(controls: Controls): { readonly compiled: number } {
  const { compiling } = controls;
  controls.compiling = 0;
  return { compiled: compiling };
}

/** What is asked about the policies, beside or between runs. */
function answersOf(
  note: (call: string) => void,
  controls: Controls,
): Pick<PlaygroundClient, 'chat' | 'score' | 'profile'> {
  return {
    async chat(request) {
      note('chat');
      controls.chats.push(request);
      return { tokens: [13, 14, 14, 9, 9], logp: [-1, -1, -1, -1, -1] };
    },
    async score(request) {
      note('score');
      controls.scores.push(request);
      return request.turnOf.map((turn) => (turn > 0 ? -0.25 : 0));
    },
    async profile() {
      note('profile');
      return PROFILE;
    },
  };
}

function metricsAt(step: number): Parameters<EmitRunEvent>[0] {
  const one = (value: number): Float64Array<ArrayBuffer> => Float64Array.of(value);
  return {
    kind: 'metrics',
    batch: {
      stage: 'train',
      step: one(step),
      loss: one(1 / step),
      nll: one(1),
      gradNorm: one(1),
      learningRate: one(1e-3),
      tokensPerSecond: one(1000),
      stepMs: one(10),
      gflops: one(2),
    },
  };
}

const policyAt = (step: number): Parameters<EmitRunEvent>[0] => ({
  kind: 'evaluation',
  evaluation: evaluationOf('policy', step, 0.75),
});

const runEnd = (
  reason: RunEnd['reason'],
  step: number,
  totalSteps: number,
  compiling: number,
): RunEnd => ({
  reason,
  step,
  totalSteps,
  costs: {
    sampledTokens: 1,
    trainedTokens: 10 * step,
    sequentialPasses: 3,
    roundTrips: 1,
    overlapSeconds: 0.5,
    evaluationOverlapSeconds: 0.25,
    seconds: { pretrain: 0, rollout: 1, train: compiling + 0.5 * step, evaluate: 3 },
  },
  weightsHash: 'abc',
});
