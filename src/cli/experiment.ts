import type { RunConfig } from '../config/runConfig';
import type { AdapterReport, Costs, Evaluation, SessionEvent } from '../data/results';
import { concatTrajectories, type Trajectories } from '../data/trajectories';
import { encodeEval } from '../formats/evalJson';
import { isDrawnPlainly } from '../method/rolloutMetrics';
import { PlaygroundError } from '../shared/errors';
import type { SessionEnd } from '../training/session';
import type { TrainerCheckpoint } from '../training/trainer';
import type { Host } from './dawn';
import { openEngine, withGivenReference, type Engine } from './engine';
import { Interrupt } from './interrupt';
import { modelFiles } from './modelFolder';
import type { Recorder } from './recorder';
import type { RunFolder } from './runFolder';

type Params = Float32Array<ArrayBuffer>; // [P]

/** One run: what it starts from, how far it goes, and where its files go. */
export interface Experiment {
  readonly config: RunConfig;
  readonly preset: string | undefined;
  readonly folder: RunFolder;
  readonly until: 'rollout' | 'train';
  /** Notes what happens, where the run is to be played back. */
  readonly recorder?: Recorder;
  /** Absent: the ready-made reference, or one that is pretrained, as the configuration says. */
  readonly reference?: Params;
  /** Absent: they are sampled. */
  readonly rollouts?: { readonly text: string; readonly trajectories: Trajectories };
  /** Where an interrupted run stood; its folder holds reference and rollouts already. */
  readonly resume?: {
    readonly checkpoint: TrainerCheckpoint;
    readonly costs: Costs | undefined;
  };
}

/**
 * Goes through the stages of a run and writes its folder.
 *
 * @throws PlaygroundError 'aborted' after Ctrl-C, with the checkpoint reached written.
 */
export async function runExperiment(host: Host, experiment: Experiment): Promise<void> {
  const { config, preset, folder, recorder, reference, rollouts, resume } = experiment;
  const sampled: Trajectories[] = [];
  const evaluations = new Map<Evaluation['who'], Evaluation>();
  const take = async (event: SessionEvent): Promise<void> => {
    recorder?.add(event, session.costs);
    if (event.kind === 'progress') return;
    if (event.kind === 'trajectories') sampled.push(event.batch);
    else if (event.kind === 'step') {
      await folder.begin(config, preset);
      folder.addStep(event.stage, event.report);
    } else {
      folder.addEvaluation(event.evaluation);
      evaluations.set(event.evaluation.who, event.evaluation);
    }
  };
  const engine = await openEngine(host, reference, take);
  const { session } = engine;
  const interrupt = new Interrupt(() => void session.pause());
  const asked = reference ? withGivenReference(config) : config;
  try {
    if (rollouts) session.adoptRollouts(asked, rollouts.trajectories);
    if (resume) session.adoptCheckpoint(asked, resume.checkpoint, resume.costs);
    await session.preview(asked, config.rollout.prompts);
    expectUninterrupted(interrupt);
    const prepared = await session.prepare(asked);
    await folder.begin(config, preset);
    if (!resume) await writeBeginnings(engine, experiment, sampled);
    if (experiment.until === 'rollout') return;
    expectUninterrupted(interrupt);
    const end = await session.run(asked);
    const policy = await writeCheckpoint(engine, experiment, end);
    const results = await bothEvaluations(engine, config, end, policy, evaluations);
    engine.progress.end();
    await writeEvaluation(experiment, prepared.adapter, end, results);
    await recorder?.write({ config, reference: session.reference!, prepared }, end);
  } finally {
    interrupt.close();
    await engine.close();
  }
}

function expectUninterrupted({ isRequested }: Interrupt): void {
  if (!isRequested) return;
  throw new PlaygroundError('aborted', 'Stopped before training began; run the command again.');
}

/** A reference that does not come with this program, and the rollouts. */
async function writeBeginnings(
  { session }: Engine,
  { config, folder, reference, rollouts }: Experiment,
  sampled: readonly Trajectories[],
): Promise<void> {
  if (reference || config.reference.source === 'pretrain') {
    await folder.writeModel('reference', modelFiles(config, session.reference!));
  }
  const trajectories = rollouts?.trajectories ?? concatTrajectories(sampled);
  if (rollouts) await folder.write('rollouts', rollouts.text);
  else await folder.writeRollouts(config, trajectories);
  folder.addRollouts(config, trajectories, !rollouts && isDrawnPlainly(config)); // a file does not say
}

/** Writes the policy as it is; a run that is not finished ends here. */
async function writeCheckpoint(
  { session, progress }: Engine,
  { config, folder }: Experiment,
  { reason, step, totalSteps, costs }: SessionEnd,
): Promise<Params> {
  const checkpoint = (await session.checkpoint())!; // a run has trained, if only for no step
  await folder.writeModel(
    'checkpoint',
    modelFiles(config, checkpoint.params, { checkpoint, costs }),
  );
  if (reason === 'finished') return checkpoint.params;
  progress.end();
  throw new PlaygroundError(
    'aborted',
    `Stopped after step ${step} of ${totalSteps}; drift train --resume ${folder.path} goes on.`,
  );
}

type Evaluations = ReadonlyMap<Evaluation['who'], Evaluation>;
type BothEvaluations = Record<Evaluation['who'], Evaluation>;

/** Reference and finished policy; a run that is resumed at its end has evaluated neither. */
async function bothEvaluations(
  { rollouts }: Engine,
  { seed, eval: { split, prompts }, rollout: { turns } }: RunConfig,
  { step }: SessionEnd,
  policy: Params,
  made: Evaluations,
): Promise<BothEvaluations> {
  const request = { seed, split, prompts, turns, step };
  const last = made.get('policy');
  return {
    reference: made.get('reference') ?? (await rollouts.evaluate(request)),
    policy: last?.step === step ? last : await rollouts.evaluate({ ...request, policy }),
  };
}

async function writeEvaluation(
  { config, preset, folder }: Experiment,
  adapter: AdapterReport,
  { costs }: SessionEnd,
  { reference, policy }: BothEvaluations,
): Promise<void> {
  const about = { task: config.task, preset, seed: config.seed, split: config.eval.split };
  const text = encodeEval({ ...about, adapter: adapter.name, reference, policy, costs });
  await folder.write('evaluation', text);
  const [before, after] = [reference, policy].map((e) => e.greedy.success.at(-1)!.toFixed(3));
  process.stderr.write(
    `drift: wrote ${folder.path}; greedy success within ${policy.greedy.success.length} turns went from ${before} to ${after} on ${policy.prompts} prompts\n`,
  );
}
