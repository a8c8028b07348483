/** The flags that every command with a run's configuration shares. */
import type { Command } from 'commander';
import { problemsOf } from '../config/caps';
import { LEAVES, allowedValues, leafValue, parseLeafText, withLeaf } from '../config/leaves';
import { FIRST_VISIT, PRESETS, presetNamed, type Preset } from '../config/presets';
import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';

export interface RunFlags {
  readonly preset?: string;
  readonly set: readonly string[]; // key=value
  readonly seed?: string;
  readonly taskFile?: string;
}

/** Adds `--preset`, `--set` and `--seed`. */
export function addRunFlags(command: Command): Command {
  const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];
  const names = PRESETS.map((p) => p.name).join(', ');
  return command
    .option('--preset <name>', `starting point: ${names} (default: "${FIRST_VISIT.name}")`)
    .option(
      '--set <key=value>',
      'change a setting, e.g. drift.beta=0.2; repeatable; drift settings lists all',
      collect,
    )
    .option('--seed <number>', 'the same as --set seed=<number>')
    .option('--task-file <file>', 'a task of your own, in JSON; its reference is pretrained')
    .setOptionValue('set', []); // as a default it would be shown by --help
}

/**
 * The configuration that the flags name.
 *
 * @throws PlaygroundError 'config-invalid', one sentence naming the flag.
 */
export function configOf(flags: RunFlags): { config: RunConfig; preset: Preset } {
  const preset = presetOf(flags.preset);
  return { config: withSettings(preset.config, flags), preset };
}

/** @throws PlaygroundError 'config-invalid' for a name that is no preset's. */
export function presetOf(name: string = FIRST_VISIT.name): Preset {
  const preset = presetNamed(name);
  if (preset) return preset;
  const names = PRESETS.map((p) => p.name).join(', ');
  throw invalid(`There is no preset "${name}"; the presets are ${names}`);
}

/**
 * A configuration with `--set` and `--seed` applied.
 *
 * @throws PlaygroundError 'config-invalid', one sentence naming the flag.
 */
export function withSettings(base: RunConfig, flags: Omit<RunFlags, 'preset'>): RunConfig {
  const settings = flags.seed === undefined ? flags.set : [...flags.set, `seed=${flags.seed}`];
  const config = settings.reduce(applySetting, base);
  const [problem] = problemsOf(config);
  if (problem) {
    const values = problem.names.map((n) => `${n}=${leafValue(config, LEAVES.get(n)!)}`).join(', ');
    throw invalid(`The settings do not go together (${values}): ${problem.message}`);
  }
  return config;
}

function applySetting(config: RunConfig, setting: string): RunConfig {
  const at = setting.indexOf('=');
  if (at < 0) throw invalid(`--set ${setting} has no value; write --set ${setting}=VALUE`);
  const name = setting.slice(0, at);
  const text = setting.slice(at + 1);
  const leaf = LEAVES.get(name);
  if (!leaf) throw invalid(`--set ${setting}: "${name}" is not a setting${suggestion(name)}`);
  const value = parseLeafText(leaf, text);
  if (value === undefined) throw invalid(`${name} must be ${allowedValues(leaf)}, not "${text}"`);
  return withLeaf(config, leaf, value);
}

/** Settings whose last part is what was typed, `beta` for `drift.beta`, or where to look. */
function suggestion(name: string): string {
  const last = name.split('.').at(-1)!.toLowerCase();
  const near = [...LEAVES.keys()].filter((n) => n.toLowerCase().split('.').at(-1) === last);
  return near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '; drift settings lists all';
}

const invalid = (sentence: string): PlaygroundError =>
  new PlaygroundError('config-invalid', /[?.]$/.test(sentence) ? sentence : `${sentence}.`);

/** Every setting with what it accepts, its value in a preset and its meaning, one a line. */
export const settingsText = ({ config }: Preset): string =>
  Array.from(LEAVES.values(), (leaf) => {
    const unit = leaf.meta.unit && ` (${leaf.meta.unit})`;
    return `${leaf.name}=${leafValue(config, leaf)}\n    ${allowedValues(leaf)}${unit}. ${leaf.meta.help}\n`;
  }).join('');
