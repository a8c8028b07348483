/** Plots of an experiment: success by cost, or by the setting that was changed. */
import { LEAVES, leafValue } from '../config/leaves';
import { presetNamed } from '../config/presets';
import type { EvidenceRow, Outcome } from './evidenceRow';
import { groupsOf, meanOf, successInterval, type Group, type How } from './evidenceTable';
import type { Experiment } from './experimentJson';
import { encodePlotSvg, type PlotPanel, type PlotPoint } from './plotSvg';

/** Text of the SVG; undefined without a run that could be drawn. */
export function evidenceSvg(
  experiment: Experiment,
  rows: readonly EvidenceRow[],
): string | undefined {
  const groups = groupsOf(experiment, rows).filter((group) => group.outcomes.length > 0);
  const isTuned = experiment.methods.some((method) => method.tune.length > 1);
  const panels = isTuned ? costPanels(groups) : knobPanels(experiment, groups);
  return panels.length > 0 && groups.length > 0 ? encodePlotSvg(panels) : undefined;
}

const point = (outcomes: readonly Outcome[], how: How, at: number): PlotPoint => ({
  at,
  ...successInterval(
    outcomes.map((o) => o.policy),
    how,
    outcomes[0]!.prompts,
  ),
});

/** Success against what cannot be done at once. */
function costPanels(groups: readonly Group[]): PlotPanel[] {
  const panel = (title: string, how: How): PlotPanel => ({
    title,
    xLabel: 'sequential decoding passes',
    series: groups.map(({ method, outcomes }) => ({
      label: method.name,
      points: [
        point(
          outcomes,
          how,
          meanOf(outcomes, (o) => o.passes_at_once),
        ),
      ],
    })),
  });
  return [
    panel('Success within all turns, greedy', 'success'),
    panel('At temperature 1', 'success_sampled'),
  ];
}

const K = 'rollout.trajectories';
const PROMPTS = 'rollout.prompts';

/**
 * Success against every number of which several values were tried, the others left alone; but with
 * other K other prompts, since an experiment keeps the number of tries.
 */
function knobPanels({ preset, set }: Experiment, groups: readonly Group[]): PlotPanel[] {
  const knobOf = ({ method }: Group): string | undefined => {
    const [only, ...more] = Object.entries(method.set).filter(
      ([name]) => name !== PROMPTS || !(K in method.set),
    );
    return only && more.length === 0 && typeof only[1] === 'number' ? only[0] : undefined;
  };
  const base = groups.find(({ method }) => Object.keys(method.set).length === 0);
  const knobs = [...new Set(groups.flatMap((group) => knobOf(group) ?? []))];
  return knobs.map((knob): PlotPanel => {
    const usual = set[knob] ?? leafValue(presetNamed(preset)!.config, LEAVES.get(knob)!);
    const points = (how: How): PlotPoint[] => [
      ...(base ? [point(base.outcomes, how, Number(usual))] : []),
      ...groups
        .filter((group) => knobOf(group) === knob)
        .map(({ method, outcomes }) => point(outcomes, how, Number(method.set[knob]))),
    ];
    return {
      title: 'Success within all turns',
      xLabel: knob === K ? `${K}, as many tries in all` : knob,
      series: [
        { label: 'greedy', points: points('success') },
        { label: 'at temperature 1', points: points('success_sampled') },
      ],
    };
  });
}
