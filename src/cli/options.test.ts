import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { addRunFlags, configOf, type RunFlags } from './options';

const flagsOf = (...args: string[]): RunFlags =>
  addRunFlags(new Command()).parse(args, { from: 'user' }).opts<RunFlags>();

describe('configOf', () => {
  it('is the first preset without flags', () => {
    expect(configOf(flagsOf())).toEqual({ config: PRESETS[0]!.config, preset: PRESETS[0] });
  });

  it('applies settings in order on top of the preset', () => {
    const { config, preset } = configOf(
      flagsOf(
        ...['--preset', 'try-something-else', '--set', 'drift.beta=0.2', '--seed', '7'],
        ...['--set', 'model.heads=8', '--set', 'model.kvHeads=2', '--set', 'drift.beta=0.3'],
      ),
    );
    expect(preset.name).toBe('try-something-else');
    expect(config).toEqual({
      ...preset.config,
      seed: 7,
      drift: { ...preset.config.drift, beta: 0.3 },
      model: { ...preset.config.model, heads: 8, kvHeads: 2 },
    });
  });

  it.each([
    [['--preset', 'nope'], /^There is no preset "nope"; the presets are first-visit, /],
    [['--set', 'drift.beta'], /^--set drift\.beta has no value; write --set drift\.beta=VALUE\.$/],
    [
      ['--set', 'beta=1'],
      /"beta" is not a setting; did you mean drift\.beta or preference\.beta\?$/,
    ],
    [['--set', '__proto__.x=1'], /"__proto__\.x" is not a setting; drift settings lists all\.$/],
    [['--set', 'drift.beta=0'], /^drift\.beta must be a number from 0\.001 to 100, not "0"\.$/],
    [['--seed', '-1'], /^seed must be a whole number from 0 to 4294967295, not "-1"\.$/],
    [['--set', 'model.heads=5'], /do not go together \(model\.channels=64\): width must be/],
    [
      ['--set', 'rollout.prompts=4096', '--set', 'rollout.trajectories=64'],
      /do not go together \(rollout\.prompts=4096, rollout\.trajectories=64\): .*262144/,
    ],
  ])('refuses %j in one sentence', (args, sentence) => {
    expect(() => configOf(flagsOf(...args))).toThrow(
      expect.objectContaining({
        code: 'config-invalid',
        message: expect.stringMatching(sentence) as string,
      }) as Error,
    );
  });
});
