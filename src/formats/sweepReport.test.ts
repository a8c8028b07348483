import { describe, expect, it } from 'vitest';
import { sweepReport } from './sweepReport';
import { parseSweepRows, type SweepRow } from './sweepRow';

const scores = (solved: readonly number[], sampled: readonly number[]) => {
  const share = (list: readonly number[], turn: number): number =>
    list.filter((t) => t > 0 && t <= turn).length / list.length;
  return {
    prompts: solved.length,
    success: [share(solved, 1), share(solved, 2)],
    success_sampled: [share(sampled, 1), share(sampled, 2)],
    correction_rate: [share(solved, 1), null],
    unique_answer_ratio: 1,
    solved_at: [...solved],
    solved_at_sampled: [...sampled],
  };
};
const row = (run: number, settings: SweepRow['settings'], solved: readonly number[]): SweepRow => ({
  run,
  preset: null,
  settings,
  status: 'finished',
  task: 'facts',
  split: 'test',
  reference: scores([0, 0, 0, 1], [0, 0, 1, 1]),
  policy: { step: 8, ...scores(solved, [1, 2, 0, 0]), kl: 0.25 },
  sampled_tokens: 100,
  trained_tokens: 200 + run,
  sequential_passes: 25,
  round_trips: 0,
});

const ROWS: SweepRow[] = [
  row(0, { 'method.name': 'drift', 'drift.beta': 0.1, seed: 0 }, [1, 1, 2, 0]),
  row(1, { 'method.name': 'drift', 'drift.beta': 0.1, seed: 1 }, [1, 2, 2, 2]),
  row(2, { 'method.name': 'drift', 'drift.beta': 10, seed: 0 }, [1, 0, 0, 0]),
  {
    run: 3,
    preset: null,
    settings: { 'method.name': 'drift', 'drift.beta': 10, seed: 1 },
    status: 'diverged',
    step: 3,
  },
  {
    run: 4,
    preset: null,
    settings: { 'method.name': 'a|<b>', seed: 0 },
    status: 'diverged',
    step: 0,
  },
];

describe('sweepReport', () => {
  const { markdown, svg } = sweepReport(ROWS);
  const lines = markdown.split('\n');

  it('puts runs that differ only in seed into one row', () => {
    expect(lines).toHaveLength(2 + 3 + 3);
    expect(lines[2]).toMatch(
      /^\| drift \| 0\.1 \| 2 \| 0\.250 \| 0\.375 \(0\.\d{3}–0\.\d{3}\) \| 0\.875 \(0\.\d{3}–1\.000\) \| 0\.500 \(.*\) \| 0\.250 \| 100 \| 201 \| 25 \|$/,
    );
    expect(lines[3]).toMatch(/^\| drift \| 10 \| 1 \+ 1 diverged \| 0\.250 \|/);
  });

  it('keeps a row for settings under which nothing finished, with its text made harmless', () => {
    expect(lines[4]).toBe('| a\\|<b> | default | 0 + 1 diverged |  |  |  |  |  |  |  |  |');
  });

  it('draws β on a logarithmic axis in two panels, with a point for each row that has a value', () => {
    expect(svg.match(/<circle/g)).toHaveLength(2 * 2 + 1); // and the legend's
    expect(svg).toContain('>drift.beta</text>');
    expect(svg).toContain('method.name=drift');
    expect(svg).not.toContain('NaN');
  });

  it('names what a run leaves as it is, before the numbers', () => {
    const some = [{ 'drift.beta': 10 }, { 'drift.beta': 0.1 }, {}].map((settings, i) =>
      row(i, { ...settings, seed: 0 }, [1, 0, 0, 0]),
    );
    const plot = sweepReport(some).svg;
    const ticks = [...plot.matchAll(/text-anchor="middle">([^<]*)</g)].map(([, text]) => text);
    expect(ticks.slice(0, 4)).toEqual(['default', '0.1', '10', 'drift.beta']);
  });

  it('draws a sweep of methods as categories', () => {
    const some = ['drift', 'rft', 'sft'].map((name, i) =>
      row(i, { 'method.name': name, seed: 0 }, [1, 0, 0, 0]),
    );
    const plot = sweepReport(some).svg;
    for (const name of ['drift', 'rft', 'sft']) expect(plot).toContain(`>${name}</text>`);
    expect(plot).not.toContain('class="band"');
  });

  it('reads what results.jsonl holds', () => {
    const text = ROWS.map((r) => `${JSON.stringify(r)}\n`).join('');
    expect(parseSweepRows(text, 'results.jsonl')).toEqual(ROWS);
    expect(() => parseSweepRows(`${text}{"run": 5}`, 'results.jsonl')).toThrow(
      /^results\.jsonl:6: field /,
    );
  });
});
