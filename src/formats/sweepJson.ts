/** sweep.json: the runs of a sweep, as a list and a grid of settings. docs/sweeps.md describes it. */
import { z } from 'zod';
import { problemsOf } from '../config/caps';
import { LEAVES, allowedValues, leafValue, withSettings, type LeafValue } from '../config/leaves';
import { FIRST_VISIT, PRESETS, presetNamed } from '../config/presets';
import type { RunConfig } from '../config/runConfig';
import { parseJsonFile, readAs, type JsonFile } from './jsonFile';

const MOST_RUNS = 10_000;

const Value = z.union([z.number(), z.boolean(), z.string()], {
  error: 'must be a number, true, false or text',
});
const Settings = z.record(z.string(), Value);
type Settings = z.infer<typeof Settings>;

const SweepFile = z.strictObject({
  preset: z.string().default(FIRST_VISIT.name),
  set: Settings.default({}),
  list: z.array(Settings).min(1, { error: 'must name a run' }).exactOptional(),
  grid: z
    .record(z.string(), z.array(Value).min(1, { error: 'must hold a value' }))
    .refine((axes) => Object.keys(axes).length > 0, { error: 'must name a setting' })
    .exactOptional(),
});
type SweepFile = z.infer<typeof SweepFile>;

/** One run of a sweep. */
export interface SweepRun {
  readonly index: number; // from 0, in the order of the file
  readonly settings: Readonly<Record<string, LeafValue>>; // those that list and grid set, and the seed
  readonly preset: string;
  readonly config: RunConfig;
}

type Setting = readonly [name: string, value: LeafValue];

/**
 * The runs of a sweep: every entry of `list` with every point of `grid`, whose last setting changes
 * fastest.
 *
 * @param given settings that the file may change, in the place of the preset's
 * @throws PlaygroundError 'file-invalid' naming file, line and field.
 */
export function parseSweep(text: string, file: string, given: Settings = {}): SweepRun[] {
  const json = parseJsonFile(text, file);
  const sweep = readAs(SweepFile, json);
  const preset = presetNamed(sweep.preset);
  if (!preset) {
    const names = PRESETS.map((p) => p.name).join(', ');
    throw json.fault(['preset'], `there is none of this name; the presets are ${names}`);
  }
  if (!sweep.list && !sweep.grid) throw json.fault([], 'needs "list" or "grid"');
  expectSettings(sweep, json);
  const base = withSettings(preset.config, { ...given, ...sweep.set });
  const runs = combinations(sweep, json).map((chosen, index): SweepRun => {
    const config = withSettings(base, Object.fromEntries(chosen));
    const settings = Object.fromEntries([...chosen, ['seed', config.seed] as const]);
    return { index, settings, preset: preset.name, config };
  });
  expectRunnable(runs, sweep, json);
  return runs;
}

/** What each run sets, in order. */
function combinations({ list = [{}], grid = {} }: SweepFile, { fault }: JsonFile): Setting[][] {
  const axes = Object.entries(grid);
  const count = axes.reduce((n, [, values]) => n * values.length, list.length);
  if (count > MOST_RUNS) {
    throw fault(['grid'], `makes ${count} runs; a sweep has at most ${MOST_RUNS}`);
  }
  const points = axes.reduce<Setting[][]>(
    (some, [name, values]) =>
      some.flatMap((point) => values.map((value): Setting[] => [...point, [name, value]])),
    [[]],
  );
  return list.flatMap((entry) => points.map((point) => [...Object.entries(entry), ...point]));
}

/** Every name is a setting's, every value one that it accepts, and none is given in two places. */
function expectSettings({ set, list = [], grid = {} }: SweepFile, { fault }: JsonFile): void {
  const expect = (name: string, value: LeafValue | undefined, path: (string | number)[]): void => {
    const leaf = LEAVES.get(name);
    if (!leaf) throw fault(path, 'is not a setting; drift settings lists all');
    if (value === undefined || leaf.schema.safeParse(value).success) return;
    throw fault(path, `must be ${allowedValues(leaf)}, not ${JSON.stringify(value)}`);
  };
  const once = (
    name: string,
    path: (string | number)[],
    elsewhere: object,
    where: string,
  ): void => {
    if (Object.hasOwn(elsewhere, name)) throw fault(path, `is given in ${where} too`);
  };
  for (const [name, value] of Object.entries(set)) expect(name, value, ['set', name]);
  for (const [name, values] of Object.entries(grid)) {
    expect(name, undefined, ['grid', name]);
    values.forEach((value, i) => expect(name, value, ['grid', name, i]));
    once(name, ['grid', name], set, '"set"');
  }
  list.forEach((entry, i) => {
    for (const [name, value] of Object.entries(entry)) {
      expect(name, value, ['list', i, name]);
      once(name, ['list', i, name], grid, '"grid"');
      once(name, ['list', i, name], set, '"set"');
    }
  });
}

/** The settings of each run go together, and no run is another one again. */
function expectRunnable(runs: readonly SweepRun[], { list }: SweepFile, { fault }: JsonFile): void {
  const seen = new Map<string, number>();
  const perEntry = runs.length / (list?.length ?? 1);
  for (const { index, config } of runs) {
    const where = list ? ['list', Math.floor(index / perEntry)] : ['grid'];
    const [problem] = problemsOf(config);
    if (problem) {
      const named = problem.names.flatMap((name) => LEAVES.get(name) ?? []);
      const values = named.map((leaf) => `${leaf.name}=${leafValue(config, leaf)}`).join(', ');
      throw fault(where, `run ${index} is not possible (${values}): ${problem.message}`);
    }
    const key = JSON.stringify(config);
    const same = seen.get(key);
    if (same !== undefined) throw fault(where, `run ${index} is run ${same} again`);
    seen.set(key, index);
  }
}
