/** What no single bound of the schema can say: limits across settings. */
import { METHODS } from '../method/coefficients/registry';
import { RunConfig, type ModelConfig } from './runConfig';

const MAX_PARAMETERS = 200e6; //   800 MB of weights, four times that with gradients and moments
export const MAX_TRAJECTORIES = 65_536; // about 4 M tokens of rollouts, held in memory
const VOCABULARY = 64; //          tokens; more than any task has, next to nothing in the count

/** A configuration that cannot be used, and the settings to change. */
export interface ConfigProblem {
  readonly names: readonly string[]; // dotted, the likeliest culprit first
  readonly message: string; //          what must hold, without the names
}

/** Trainable numbers of a model, within the vocabulary's share. */
function parametersOf(m: ModelConfig): number {
  const kvChannels = (m.channels / m.heads) * m.kvHeads;
  const attention = 2 * m.channels * (m.channels + kvChannels);
  const block = attention + 3 * m.channels * m.mlp + 2 * m.channels;
  return m.layers * block + m.channels + VOCABULARY * m.channels * (m.tiedHead ? 1 : 2);
}

/** The caps that a valid configuration still exceeds; empty for one that can be tried. */
export function capsOf(config: RunConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const parameters = parametersOf(config.model);
  if (parameters > MAX_PARAMETERS) {
    problems.push({
      names: ['model.channels', 'model.mlp', 'model.layers'],
      message: `the model would have ${millions(parameters)} million parameters, more than ${millions(MAX_PARAMETERS)} million`,
    });
  }
  const { rollout } = config;
  const passes = METHODS.get(config.method.name)?.promptsPerRound ? config.online.passes : 1;
  const trajectories = rollout.prompts * rollout.trajectories * passes;
  if (trajectories > MAX_TRAJECTORIES) {
    problems.push({
      names: ['rollout.prompts', 'rollout.trajectories', ...(passes > 1 ? ['online.passes'] : [])],
      message: `prompts × tries per prompt × passes is ${trajectories}, more than ${MAX_TRAJECTORIES}`,
    });
  }
  return problems;
}

const millions = (n: number): string => (n / 1e6).toFixed(0);

/** Everything that is wrong with a configuration: bounds, rules across fields, caps. */
export function problemsOf(config: unknown): readonly ConfigProblem[] {
  const checked = RunConfig.safeParse(config);
  if (checked.success) return capsOf(checked.data);
  return checked.error.issues.map((issue) => ({
    names: [issue.path.join('.')],
    message: issue.message,
  }));
}
