import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseExperiment, reportStage, tuningStage } from '../formats/experimentJson';

const FOLDER = join(import.meta.dirname, '../../experiments');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const names = JSON.parse(read('index.json')) as string[];

describe('experiments/', () => {
  it('lists every experiment once', () => {
    const files = readdirSync(FOLDER).filter((file) => file !== 'index.json');
    expect([...names].sort()).toEqual(files.map((file) => file.replace('.json', '')).sort());
  });

  it.each(names.flatMap((name) => [[name, false] as const, [name, true] as const]))(
    '%s, in full: %s, has runs that are possible, tuned away from what is reported',
    (name, isFull) => {
      const experiment = parseExperiment(read(`${name}.json`), name, isFull);
      const methods = experiment.methods.map((method) => method.name);
      expect(new Set(methods).size).toBe(methods.length);
      for (const { config } of tuningStage(experiment).runs) {
        expect(config.eval.split).toBe('tune');
        expect(experiment.seeds).not.toContain(config.seed);
      }
      const report = reportStage(experiment, []);
      expect(report.runs).toHaveLength(methods.length * experiment.seeds.length);
      for (const { config } of report.runs) {
        expect(config.eval).toMatchObject({ split: 'test', prompts: 512 });
      }
    },
  );
});
