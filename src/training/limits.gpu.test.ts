/**
 * What must hold between the methods, on real kernels: gradients of one step over the same games,
 * played and scored by the same policy. Row weights alone: src/method/coefficients/methods.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../config/runConfig';
import { packEpisodes, type Trajectories } from '../data/trajectories';
import type { Gpu } from '../gpu/gpu';
import { relativeDistance } from '../kernels/testing/close';
import { openTestGpu } from '../kernels/testing/testGpu';
import { scoreEpisodes } from '../method/episodes';
import { mean } from '../method/mean';
import { driftWeights } from '../method/weights';
import { scatter, type PackedRows } from './batches';
import { answerRows } from './evaluate';
import { TINY, TINY_TASK, tinyTrainer } from './testing/tiny';
import type { Trainer } from './trainer';
import { TrainingPlan } from './trainingPlan';

const F32 = 1e-4; // relative distance of two gradients whose float32 sums differ in order
const K = 4;
const MANY = [
  [1, 3, 0, 0],
  [0, 0, 0, 0],
  [2, 5, 5, 1],
  [0, 4, 0, 0],
];
// The advantages of MANY under γ 0.9, worked out by hand.
const RLOO_MANY = [
  [0.73, 0.47667, -0.60333, -0.60333],
  [0, 0, 0, 0],
  [0.12927, -0.19593, -0.19593, 0.2626],
  [-0.243, 0.729, -0.243, -0.243],
];
const GRPO_MANY = [
  [1.03629, 0.67666, -0.85648, -0.85648],
  [0, 0, 0, 0],
  [0.55519, -0.84152, -0.84152, 1.12784],
  [-0.49986, 1.49959, -0.49986, -0.49986],
];
const ONE = [[3, 1, 0, 4]];
const SHORT = MANY.map((group) => group.map((turn) => (turn > 0 ? 1 : 0)));

/** Games solved at the turns given, 0 for never within `maxTurns`; a list for each prompt. */
function games(groups: readonly (readonly number[])[], maxTurns: number): Trajectories {
  const prompts = TINY_TASK.prompts('train', groups.length, 1);
  const episodes = groups.flatMap((solvedAt, promptIndex) =>
    solvedAt.map((turn, sampleIndex) => {
      const prompt = prompts[promptIndex]!;
      const right = Number(prompt.gold); // a cell's token is its number
      const answers = Array.from({ length: turn || maxTurns }, (_, t) => [
        t + 1 === turn ? right : (right + 1 + ((t + sampleIndex) % 8)) % 9,
      ]);
      return {
        ...{ promptIndex, sampleIndex, answers },
        logp: answers.map(() => [0]),
        verdicts: answers.map((answer) => TINY_TASK.judge(prompt, answer)),
      };
    }),
  );
  return packEpisodes(TINY_TASK, prompts, episodes);
}

/** One step over all rows; no penalties unless asked for. */
const configOf = (
  name: string,
  {
    drift = {},
    method = {},
    online = {},
  }: { drift?: object; method?: object; online?: object } = {},
): RunConfig => ({
  ...TINY,
  drift: { ...TINY.drift, lambda: 0, ...drift },
  method: { ...TINY.method, name, ...method },
  online: { ...TINY.online, prompts: 64, ...online },
  optimizer: { ...TINY.optimizer, batch: 64 },
});

const times = (factor: number, gradient: Float32Array): Float32Array =>
  gradient.map((x) => factor * x);
const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x - b[i]!);

let gpu: Gpu;
let trainer: Trainer;
let many: Trajectories; // four groups
let one: Trajectories; //  one group, with successes and failures
let short: Trajectories; // four groups of one turn

/** The games with the log-probs that the policy as it is gives them. */
async function scored(played: Trajectories): Promise<Trajectories> {
  const rows = answerRows(played);
  return { ...played, logp: scatter(rows.trained, await trainer.logProbs(rows)) };
}

/** Loss and gradient of the first step, the policy asked as in a run. */
async function step(
  config: RunConfig,
  played: Trajectories,
): Promise<{ loss: number; gradient: Float32Array }> {
  const planned = TrainingPlan.of(config, played).step(1);
  const policy = await trainer.logProbs(planned.from);
  const { report } = await trainer.submit(planned.work(policy), 0);
  const { loss } = await report;
  return { loss, gradient: await gpu.download(trainer.optimizer.tensors.grad) };
}
const gradientOf = async (config: RunConfig, played: Trajectories): Promise<Float32Array> =>
  (await step(config, played)).gradient;

/** Gradient of Σ weight·nll over the rows' mean, every answer trained; answers are of one token. */
async function gradientOfWeights(
  weights: readonly number[],
  played: Trajectories,
): Promise<Float32Array> {
  const weightOf = new Map(weights.map((weight, i) => [tokensOf(played, i), weight]));
  const { from } = TrainingPlan.of(configOf('reinforce'), played).step(1);
  const coefficient = new Float64Array(from.tokens.length);
  for (let r = 0; r < weights.length; r++) {
    for (let n = from.offsets[r]!; n < from.offsets[r + 1]!; n++) {
      coefficient[n] = from.trained[n]! * (weightOf.get(tokensOf(from, r))! / weights.length);
    }
  }
  const { report } = await trainer.submit({ from, coefficient }, 0);
  await report;
  return gpu.download(trainer.optimizer.tensors.grad);
}

beforeAll(async () => {
  gpu = await openTestGpu();
  trainer = await tinyTrainer(gpu);
  many = await scored(games(MANY, 5));
  one = await scored(games(ONE, 5));
  short = await scored(games(SHORT, 1));
});
afterAll(() => {
  trainer.destroy();
  gpu.destroy();
});

describe('limits, on the gradients of real kernels', () => {
  it('DRIFT for β → ∞ is SFT on all last turns', async () => {
    const drift = await gradientOf(configOf('drift', { drift: { beta: 1e6 } }), many);
    expect(relativeDistance(drift, await gradientOf(configOf('sft'), many))).toBeLessThan(F32);
  });

  it('DRIFT for β → 0 is best-of-K with weight K', async () => {
    const config = configOf('drift', { drift: { beta: 0.01, gamma: 0.9 } });
    const { returns } = scoreEpisodes(one, config.drift);
    const best = returns.indexOf(Math.max(...returns));
    expect(returns.filter((R) => R === returns[best])).toHaveLength(1);
    const threshold = Math.max(...returns.filter((_, i) => i !== best)); // ReST keeps the best alone
    const rest = await gradientOf(configOf('rest', { method: { threshold } }), one);
    // weight K on one of K rows is weight 1 on the only row
    expect(relativeDistance(await gradientOf(config, one), rest)).toBeLessThan(F32);
  });

  it('DRIFT for β → 0 is so in each of several groups', async () => {
    const groups = await scored(games([...ONE, [2, 5, 4, 0], [0, 5, 3, 4]], 5));
    const drift = { beta: 0.005, gamma: 0.9 };
    const all = { drift, method: { turns: 'all', sequence: 'sum' } };
    const best = [0, K, 0, 0, K, 0, 0, 0, 0, 0, K, 0];
    const distance = relativeDistance(
      await gradientOf(configOf('drift', all), groups),
      await gradientOfWeights(best, groups),
    );
    expect(distance).toBeLessThan(F32);
  });

  it('DRIFT for β → 0 on 0/1 returns is RFT times K/m, plus 1 on failed groups', async () => {
    const drift = await gradientOf(configOf('drift', { drift: { beta: 0.01 } }), short);
    const solvedIn = (g: number): number =>
      short.solvedAt.filter((turn, i) => turn > 0 && short.promptOf[i] === g).length;
    const weights = Array.from(short.solvedAt, (turn, i) => {
      const m = solvedIn(short.promptOf[i]!);
      return m === 0 ? 1 : turn > 0 ? K / m : 0;
    });
    const expected = await gradientOfWeights(weights, short);
    expect(relativeDistance(drift, expected)).toBeLessThan(F32);
  });

  it('RWR is DRIFT with one group for the whole batch, and is another with several', async () => {
    const drift = await gradientOf(configOf('drift'), one);
    expect(relativeDistance(await gradientOf(configOf('rwr'), one), drift)).toBeLessThan(F32);
    const apart = await gradientOf(configOf('drift'), many);
    expect(relativeDistance(await gradientOf(configOf('rwr'), many), apart)).toBeGreaterThan(0.01);
  });

  it('AWR with V = β log Ẑ and no cap is DRIFT: its own V only scales it', async () => {
    const { beta } = TINY.drift;
    const config = configOf('awr', { method: { weightCap: Infinity } });
    const { returns } = scoreEpisodes(one, config.drift);
    const logZ = Math.log(mean(returns.map((R) => Math.exp(R / beta))));
    const factor = Math.exp(mean(returns) / beta - logZ);
    const awr = times(factor, await gradientOf(config, one));
    expect(relativeDistance(awr, await gradientOf(configOf('drift'), one))).toBeLessThan(F32);
  });

  it('GRPO at π_θ = π_old without KL is REINFORCE with its advantages', async () => {
    const longest = configOf('grpo', { online: { normalizer: 'longest' } }); // A = R − R̄
    const grpo = times(TINY.rollout.turns, await gradientOf(longest, one)); // answers of one token
    const reinforce = await gradientOf(configOf('reinforce'), one);
    expect(relativeDistance(grpo, reinforce)).toBeLessThan(F32);
  });

  it.each(['rows', 'tokens', 'longest'] as const)(
    'GRPO’s normalizer %s only scales it where all tries have one token',
    async (normalizer) => {
      const group = await scored(games([[1, 0, 0, 1]], 1));
      const grpo = await gradientOf(configOf('grpo', { online: { normalizer } }), group);
      const deviation = Math.sqrt(1 / 3) + 1e-4; // of 1, 0, 0, 1 with n − 1
      const scale = normalizer === 'longest' ? 1 / TINY.rollout.turns : 1 / deviation;
      const reinforce = await gradientOf(configOf('reinforce'), group);
      expect(relativeDistance(grpo, times(scale, reinforce))).toBeLessThan(F32);
    },
  );

  it('RLOO is REINFORCE with the group’s mean, times K/(K − 1)', async () => {
    const rloo = await gradientOf(configOf('rloo'), one);
    const reinforce = await gradientOf(configOf('reinforce'), one);
    expect(relativeDistance(rloo, times(K / (K - 1), reinforce))).toBeLessThan(F32);
  });

  it.each([
    ['rloo', RLOO_MANY],
    ['grpo', GRPO_MANY],
  ])(
    '%s compares each try with its own group, where there are several',
    async (name, advantages) => {
      const config = configOf(name, { online: { normalizer: 'tokens' } });
      const rows = many.turns.length;
      const tokens = many.turns.reduce((a, b) => a + b, 0);
      const scale = name === 'grpo' ? tokens / rows : 1; // DAPO's rule divides by tokens
      const gradient = times(scale, await gradientOf(config, many));
      const expected = await gradientOfWeights(advantages.flat(), many);
      expect(relativeDistance(gradient, expected)).toBeLessThan(F32);
    },
  );

  it('REINFORCE++ is REINFORCE over all tokens, scaled, where tries are of one length', async () => {
    const plusPlus = await gradientOf(configOf('reinforce++'), short);
    const reinforce = await gradientOf(configOf('reinforce'), short);
    const p = mean(Array.from(short.solvedAt, (turn) => Number(turn > 0)));
    const scaled = times(1 / Math.sqrt(p * (1 - p)), reinforce);
    expect(relativeDistance(plusPlus, scaled)).toBeLessThan(F32);
  });

  it('DRIFT less SFT is 1/β times a policy gradient with the group’s mean, for β ≫ spread', async () => {
    const beta = 20;
    const all = { method: { turns: 'all', sequence: 'sum' } };
    const drift = await gradientOf(configOf('drift', { drift: { beta }, ...all }), one);
    const sft = await gradientOf(configOf('sft', all), one);
    const reinforce = await gradientOf(configOf('reinforce'), one);
    const distance = relativeDistance(times(beta, minus(drift, sft)), reinforce);
    expect(distance).toBeLessThan(0.03); // of order spread/β
  });

  it('iw-SFT at the reference is RFT', async () => {
    const iw = await gradientOf(configOf('iw-sft'), many);
    expect(relativeDistance(iw, await gradientOf(configOf('rft'), many))).toBeLessThan(F32);
  });

  it('DPO at the reference has loss log 2 and factor β/2 on every pair', async () => {
    const dpo = await step(configOf('dpo'), one);
    expect(dpo.loss).toBeCloseTo(Math.LN2, 6);
    const planned = TrainingPlan.of(configOf('dpo'), one).step(1);
    const { from, work } = planned;
    const { coefficient } = work();
    const pairs = (from.offsets.length - 1) / 2;
    const { beta } = TINY.preference;
    for (let n = 0; n < from.tokens.length; n++) {
      const size = from.trained[n] === 1 ? beta / 2 / pairs : 0;
      expect(Math.abs(coefficient[n]!)).toBeCloseTo(size, 9);
    }
    const signs = { from, coefficient: Float64Array.from(coefficient, Math.sign) };
    await (
      await trainer.submit(signs, 0)
    ).report;
    const likelihoods = await gpu.download(trainer.optimizer.tensors.grad); // log π⁻ − log π⁺
    const factor = beta / 2 / pairs;
    expect(relativeDistance(dpo.gradient, times(factor, likelihoods))).toBeLessThan(F32);
  });

  it('KTO at the reference with z₀ = 0 has loss λ/2', async () => {
    expect((await step(configOf('kto'), many)).loss).toBeCloseTo(0.5, 6);
    const config = configOf('kto');
    const preference = { ...config.preference, desirable: 3, undesirable: 0.5 };
    const solved = mean(Array.from(many.solvedAt, (turn) => Number(turn > 0)));
    const apart = await step({ ...config, preference }, many);
    expect(apart.loss).toBeCloseTo((3 * solved + 0.5 * (1 - solved)) / 2, 6);
  });

  it('weights of DRIFT reach the loss as they are', async () => {
    const config = configOf('drift');
    const { loss } = await step(config, one);
    const { returns } = scoreEpisodes(one, config.drift);
    const weights = driftWeights(returns, config.drift.beta);
    const lastLogp = Array.from(one.turns, (_, r) => one.logp[one.offsets[r + 1]! - 1]!);
    expect(loss).toBeCloseTo(mean(weights.map((w, r) => -w * lastLogp[r]!)), 4);
  });
});

const tokensOf = (
  { tokens, offsets }: Pick<PackedRows, 'tokens' | 'offsets'>,
  row: number,
): string => tokens.subarray(offsets[row], offsets[row + 1]).join();
