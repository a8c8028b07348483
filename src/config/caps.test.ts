import { expect, it } from 'vitest';
import { capsOf, problemsOf } from './caps';
import { LEAVES } from './leaves';
import { PRESETS } from './presets';
import { DEFAULT_RUN, RunConfig } from './runConfig';

const largestModel = { layers: 24, channels: 1024, heads: 8, kvHeads: 8, mlp: 4096 };

it.each(PRESETS)('preset $name has no problems', ({ config }) => {
  expect(problemsOf(config)).toEqual([]);
});

it('counts parameters: 24 × (4·1024² + 3·1024·4096 + 2·1024) + 65·1024', () => {
  const [problem] = capsOf(RunConfig.parse({ model: largestModel }));
  expect(problem?.message).toContain('403 million');
  expect(capsOf(RunConfig.parse({ model: { ...largestModel, layers: 11 } }))).toEqual([]);
});

it('counts trajectories up to the cap', () => {
  expect(capsOf(RunConfig.parse({ rollout: { prompts: 4096, trajectories: 16 } }))).toEqual([]);
  const [problem] = capsOf(RunConfig.parse({ rollout: { prompts: 4096, trajectories: 17 } }));
  expect(problem?.message).toContain('69632');
});

it('counts passes of a method that plays while it learns only', () => {
  const asked = { rollout: { prompts: 4096, trajectories: 16 }, online: { passes: 2 } };
  expect(capsOf(RunConfig.parse(asked))).toEqual([]);
  expect(capsOf(RunConfig.parse({ ...asked, method: { name: 'grpo' } }))).toHaveLength(1);
});

it('names settings that exist', () => {
  const both = RunConfig.parse({
    model: largestModel,
    rollout: { prompts: 4096, trajectories: 64 },
  });
  const named = capsOf(both).flatMap((p) => p.names);
  expect(named).toHaveLength(5);
  for (const name of named) expect(LEAVES.has(name)).toBe(true);
});

it('names the field of a rule across fields', () => {
  const config = { ...DEFAULT_RUN, model: { ...DEFAULT_RUN.model, kvHeads: 3 } };
  expect(problemsOf(config)).toEqual([
    { names: ['model.kvHeads'], message: 'heads must be a multiple of KV heads' },
  ]);
});
