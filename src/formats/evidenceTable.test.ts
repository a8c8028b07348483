import { describe, expect, it } from 'vitest';
import { evidencePage } from './evidencePage';
import { encodeEvidence, parseEvidence, type EvidenceRow } from './evidenceRow';
import { evidenceSvg } from './evidenceSvg';
import { evidenceTables } from './evidenceTable';
import { parseExperiment } from './experimentJson';

const RATE = 'optimizer.learningRate';
const HEAD = { title: 'Small', about: 'A few runs.', preset: 'first-visit', set: {}, full: {} };
const TUNED = parseExperiment(
  JSON.stringify({
    ...{ ...HEAD, seeds: [0, 1] },
    methods: [
      {
        name: 'RFT',
        set: { 'method.name': 'rft' },
        tune: [{ [RATE]: 3e-4 }, { [RATE]: 1e-3, 'optimizer.epochs': 2 }],
      },
      { name: 'SFT', set: { 'method.name': 'sft' } },
      { name: 'DPO', set: { 'method.name': 'dpo' } },
    ],
    compare: [
      ['RFT', 'SFT'],
      ['SFT', 'RFT'],
      ['RFT', 'DPO'],
    ],
  }),
  'x.json',
  false,
);

const row = (
  stage: EvidenceRow['stage'],
  method: string,
  settings: EvidenceRow['settings'],
  greedy: number | undefined, // solved of 8 prompts within all turns; undefined: diverged
  seconds?: { rollout: number; train: number },
): EvidenceRow => ({
  ...{ stage, method, settings },
  outcome:
    greedy === undefined
      ? null
      : {
          prompts: 8,
          reference: { success: [0.25, 0.25], success_sampled: [0.25, 0.5] },
          policy: {
            success: [0.125, greedy / 8],
            success_sampled: [0.125, 0.5],
            ...{ unique_answer_ratio: 0.5, kl: 0.25 },
          },
          ...{ sampled_tokens: 28_600, trained_tokens: 42_500, gflop: 33.3 },
          ...{ sequential_passes: 200, passes_at_once: 25, round_trips: 0 },
          ...(seconds && { seconds: { adapter: 'GPU', ...seconds } }),
        },
});
const ROWS = [
  row('tune', 'RFT', { [RATE]: 3e-4, seed: 100 }, 4),
  row('tune', 'RFT', { [RATE]: 1e-3, 'optimizer.epochs': 2, seed: 100 }, 6),
  row('report', 'RFT', { [RATE]: 1e-3, 'optimizer.epochs': 2, seed: 0 }, 4),
  row('report', 'RFT', { [RATE]: 1e-3, 'optimizer.epochs': 2, seed: 1 }, 8),
  row('report', 'SFT', { seed: 0 }, undefined),
];

describe('the table of an experiment', () => {
  const lines = evidenceTables(TUNED, ROWS).split('\n');

  it('has mean, spread, interval and costs of every method that has a run', () => {
    expect(lines[2]).toMatch(/^\| reference \| {2}\| {2}\| \.250 ± \.000 \| \.250 ± \.000 \|/);
    expect(lines[3]).toMatch(
      /^\| RFT \| lr 0\.001, epochs 2 \| 2 \| \.125 ± \.000 \| \.750 ± \.250 \| \.\d{3}–1\.000 \| \.125 ± \.000 \| \.500 ± \.000 \|/,
    );
    expect(lines[3]).toMatch(/\| 0\.50 \| 0\.250 \| 28\.6 \| 42\.5 \| 33 \| 25 \| 0 \|$/);
    expect(lines[4]).toMatch(/^\| SFT \| {2}\| 0 \+ 1 diverged \|/);
    expect(lines.join('\n')).not.toContain('DPO');
  });

  it('lets every run pay for tries that one of them has played', () => {
    const timed = (method: string, seed: number, rollout: number, train: number): EvidenceRow =>
      row('report', method, { seed }, 4, { rollout, train });
    const rows = [timed('RFT', 0, 5, 10), timed('RFT', 1, 0, 30), timed('SFT', 0, 0, 12)];
    const text = evidenceTables(TUNED, rows);
    expect(text).toMatch(/^\| RFT .*\| 25 \|$/m); // between 5 + 10 and 5 + 30
    expect(text).toMatch(/^\| SFT .*\| 17 \|$/m);

    const older = [...rows, row('report', 'SFT', { seed: 1 }, 4)];
    expect(evidenceTables(TUNED, older)).not.toContain('seconds');

    const online = rows.map((r) => ({ ...r, outcome: { ...r.outcome!, round_trips: 3 } }));
    expect(evidenceTables(TUNED, online)).toMatch(/^\| SFT .*\| 12 \|$/m);
  });

  it('shows what was tried in tuning, with the choice in bold', () => {
    const text = lines.join('\n');
    expect(text).toContain('| RFT | lr 0.0003 | .500 | .500 |');
    expect(text).toContain('| RFT | **lr 0.001, epochs 2** | .750 | .500 |');
  });

  it('compares methods over the seeds that both have', () => {
    // seed 1 alone: all of 8 prompts minus 6; a run that diverged is none
    const rows = [
      ...ROWS,
      row('report', 'SFT', { seed: 1 }, 6),
      row('report', 'SFT', { seed: 2 }, 0),
    ];
    const text = evidenceTables(TUNED, rows);
    expect(text).toMatch(/\| RFT − SFT \| 1 \| \+\.250 \| \.000 to \+\.\d{3} \| \.000 \| −/);
    expect(text).toMatch(/\| SFT − RFT \| 1 \| −\.250 \| −\.\d{3} to \.000 \|/);
    expect(text).not.toContain('RFT − DPO');
    expect(lines.join('\n')).not.toContain('difference');
  });

  it('gives every row as many cells as its head', () => {
    const cells = lines.slice(0, 5).map((line) => line.split(' | ').length);
    expect(new Set(cells).size).toBe(1);
  });
});

describe('the plot of an experiment', () => {
  it('sets success against passes for methods', () => {
    const svg = evidenceSvg(TUNED, ROWS);
    expect(svg).toContain('>sequential decoding passes</text>');
    expect(svg).toContain('>RFT</text>');
    expect(svg).not.toContain('NaN');
  });

  it('sets success against each number that was changed alone, the usual value among them', () => {
    const methods = [
      ['usual', {}],
      ['γ .3', { 'drift.gamma': 0.3 }],
      ['other', { 'drift.gamma': 1, 'method.turns': 'all' }],
      ['K 4', { 'rollout.trajectories': 4, 'rollout.prompts': 512 }],
    ] as const;
    const experiment = parseExperiment(
      JSON.stringify({
        ...{ ...HEAD, seeds: [0] },
        methods: methods.map(([name, set]) => ({ name, set })),
      }),
      'x.json',
      false,
    );
    const rows = methods.map(([name]) => row('report', name, { seed: 0 }, 4));
    const svg = evidenceSvg(experiment, rows);
    expect(svg).toContain('>drift.gamma</text>');
    expect(svg).toContain('>rollout.trajectories, as many tries in all</text>');
    for (const value of ['0.3', '0.9', '4', '16']) expect(svg).toContain(`>${value}</text>`);
  });

  it('is missing without a run', () => {
    expect(evidenceSvg(TUNED, [])).toBeUndefined();
  });
});

describe('the page', () => {
  it('says how much of an experiment is done', () => {
    const page = evidencePage(
      [{ name: 'small', experiment: TUNED, rows: ROWS, hasPlot: false, isMain: false }],
      [],
    );
    expect(page).toContain('npm run results -- --only small');
    expect(page).toContain('3 of 6 runs of the report are done.');
    expect(page).toContain('the wall time of rollouts and training, the median');
  });

  it('says of experiments of one’s own where they are, and nothing that is not there', () => {
    const rows = [row('report', 'SFT', { seed: 0 }, 4, { rollout: 1, train: 2 })];
    const section = { name: 'small', experiment: TUNED, rows, hasPlot: false, isMain: false };
    const page = evidencePage([section], [], 'mine');
    expect(page).toContain('npm run results -- --in mine --only small');
    expect(page).toContain(`reported on ${rows[0]!.outcome!.prompts} untouched test prompts`);
    expect(page).not.toContain('conclusions.md');
  });

  it('begins with all methods on all tasks, the best in bold', () => {
    const other = { ...TUNED, title: 'Other', methods: TUNED.methods.slice(1) };
    const rows = [row('report', 'SFT', { seed: 0 }, 2), row('report', 'SFT', { seed: 1 }, 4)];
    const main = { hasPlot: false, isMain: true };
    const page = evidencePage(
      [
        { ...main, name: 'small', experiment: TUNED, rows: ROWS },
        { ...main, name: 'other', experiment: other, rows },
        { ...main, name: 'third', experiment: other, rows: [], isMain: false },
      ],
      [],
    );
    const [, glance] = page.split('## At a glance');
    expect(glance!.split('## ')[0]).toContain(`| method | Small | Other |
| --- | ---: | ---: |
| reference | .250 · .500 | .250 · .500 |
| RFT | **.750** · **.500** |  |
| SFT |  | **.375** · **.500** |
`);
  });

  it('names the adapters whose seconds it shows', () => {
    const rows = [row('report', 'SFT', { seed: 0 }, 4, { rollout: 1, train: 2 })];
    const page = evidencePage(
      [{ name: 'small', experiment: TUNED, rows, hasPlot: false, isMain: false }],
      [],
    );
    expect(page).toContain('rollouts and training on GPU, the median');
  });
});

describe('kept rows', () => {
  it('are read as they were written', () => {
    expect(parseEvidence(encodeEvidence(ROWS), 'x.jsonl')).toEqual(ROWS);
  });

  it('are refused with file and line where they are not', () => {
    expect(() => parseEvidence('{"stage":"report"}\n', 'x.jsonl')).toThrow(/^x\.jsonl:1: /);
  });
});
