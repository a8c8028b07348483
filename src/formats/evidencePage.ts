/** docs/results.md: every experiment with its command, table and plot. */
import type { EvidenceRow } from './evidenceRow';
import { evidenceTables, overviewTable } from './evidenceTable';
import type { Experiment } from './experimentJson';
import { ruler, tableRow } from './markdown';

export interface Section {
  readonly name: string;
  readonly experiment: Experiment;
  readonly rows: readonly EvidenceRow[];
  readonly hasPlot: boolean;
  /** Whether it compares the main methods on a task, as others like it do on theirs. */
  readonly isMain: boolean;
}

const CLOSED_FORM = ['p', 'β', 'p*', 'p₁₆', 'ESS/K', 'KL(π* ‖ π_ref)', 'J*'];

/**
 * @param closedForm cells of CLOSED_FORM
 * @param own the folder of experiments that are not the project's, as `--in` names it
 */
export const evidencePage = (
  sections: readonly Section[],
  closedForm: readonly (readonly string[])[],
  own?: string,
): string =>
  [
    introduction(sections, own),
    ...overview(sections),
    ...sections.map((section) => sectionText(section, own)),
    CLOSED_FORM_TEXT,
    [tableRow(CLOSED_FORM), ruler(0, CLOSED_FORM.length), ...closedForm.map(tableRow)].join(''),
  ].join('\n');

function overview(sections: readonly Section[]): string[] {
  const main = sections.filter(({ isMain, rows }) => isMain && rows.length > 0);
  if (main.length < 2) return [];
  return [`## At a glance\n\n${OVERVIEW_TEXT}\n\n${overviewTable(main)}`];
}

const OVERVIEW_TEXT =
  'Success within all turns on test prompts, greedy · sampled, mean over the seeds; the highest in bold. Seeds, intervals and costs stand below, the other methods in tables of their own.';

/** What makes the rows of the page, or of a part of it. */
const command = (own: string | undefined, flags: string[]): string =>
  [
    'npm run results',
    ...(own || flags.length > 0 ? ['--'] : []),
    ...(own ? [`--in ${own}`] : []),
    ...flags,
  ].join(' ');

function introduction(sections: readonly Section[], own: string | undefined): string {
  const rows = sections.flatMap((section) => section.rows);
  const adapters = new Set(rows.flatMap(({ outcome }) => outcome?.seconds?.adapter ?? []));
  const where = adapters.size > 0 ? ` on ${[...adapters].join(' and ')}` : '';
  const reported = rows.filter(({ stage }) => stage === 'report');
  const counts = [...new Set(reported.flatMap(({ outcome }) => outcome?.prompts ?? []))];
  const prompts = counts.length > 0 ? `${counts.sort((a, b) => a - b).join(' or ')} ` : '';
  const meaning = own ? '' : '; what it means is in [Conclusions](conclusions.md)';
  return `# Results

Written by \`${command(own, [])}\`${meaning}. The command goes through [experiments/](../experiments) in this order and goes on where it was; \`--tables\` only writes this page anew, from the rows in [results/](results).

- Every method is tuned on 256 prompts of the tuning split (seed 100, one run for each setting), by greedy success, then reported on ${prompts}untouched test prompts. Mean ± population standard deviation over the seeds; in the columns “95 %” the bootstrap interval of success @T over seeds and prompts.
- A difference of two methods is that of success @T, drawn over the same seeds for both, which share prompts and reference tries; prompts are drawn apart, so its interval is rather too wide.
- @1 is success in the first turn, @T within all turns. Greedy decodes at temperature 0, sampled at 1. “unique” is the share of greedy answers in a game that are not repeated; KL is in nats per answer token from the reference, estimated on sampled answers, so one near 0 may come out below it.
- Costs of a run: tokens sampled and trained, in thousands; GFLOP = parameters × (2 × sampled + 6 × trained tokens); decoding passes that had to wait for another one, where all tries of a round are played at once; times that sampling waited for new weights. Seconds, where every run was timed, are the wall time of rollouts and training${where}, the median over the seeds, other runs beside it; what the reference has played for one run serves the others of its seed, and each is charged for it.
${own ? '' : REFERENCES}`;
}

const REFERENCES = `- One ready-made reference per task, so the spread is that of prompts, rollouts and order. \`--full\` pretrains one for every seed.
`;

const CLOSED_FORM_TEXT = `## What the weights converge to

With returns in {0,1} and a reference that succeeds with probability p: the optimum p\\*, what training on groups of 16 ends at, the effective share of samples, the distance and the objective. Computed by \`src/method/theory.ts\`, which \`npx vitest run --project node src/method/theory\` compares with values worked out beforehand and with 50,000 sampled groups.
`;

function sectionText(
  { name, experiment, rows, hasPlot }: Section,
  own: string | undefined,
): string {
  const { title, about, seeds, methods } = experiment;
  const reported = rows.filter((row) => row.stage === 'report').length;
  const wanted = seeds.length * methods.length;
  const isWhole = reported >= wanted;
  const state = isWhole ? '' : `\n${reported} of ${wanted} runs of the report are done.\n`;
  const plot = hasPlot ? `\n![${title}: success](results/${name}.svg)\n` : '';
  return `## ${title}

\`\`\`sh
${command(own, [`--only ${name}`])}
\`\`\`

${about}
${state}
${evidenceTables(experiment, rows)}${plot}`;
}
