import { evaluationTurns, type RunConfig } from '../config/runConfig';
import type { AdapterReport, Costs, Evaluation, SessionEvent } from '../data/results';
import { concatTrajectories, type Trajectories } from '../data/trajectories';
import { encodeEval } from '../formats/evalJson';
import { isRefreshed } from '../method/coefficients/methods';
import { isDrawnPlainly } from '../method/rolloutMetrics';
import { PlaygroundError } from '../shared/errors';
import type { Session, SessionEnd } from '../training/session';
import type { TrainerCheckpoint } from '../training/trainer';
import { Autosave } from './autosave';
import type { Host } from './dawn';
import { openEngine, withGivenReference, type Engine } from './engine';
import { Interrupt } from './interrupt';
import { modelFiles } from './modelFolder';
import type { Recorder } from './recorder';
import { RoundLines } from './roundLines';
import { FILES, type RunFolder } from './runFolder';

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
  /** Where an interrupted run stood. */
  readonly resume?: Resume;
}

export interface Resume {
  readonly costs: Costs | undefined;
  /** The first groups, where the run was interrupted before it had all. */
  readonly played?: Trajectories;
  /** Absent: it had not begun to train. */
  readonly checkpoint?: TrainerCheckpoint;
}

/**
 * Goes through the stages of a run and writes its folder.
 *
 * @throws PlaygroundError 'aborted' after Ctrl-C, with what was reached written.
 */
export async function runExperiment(host: Host, experiment: Experiment): Promise<void> {
  const { config, preset, folder, until, recorder, reference, rollouts, resume } = experiment;
  const played: Trajectories[] = resume?.played ? [resume.played] : [];
  const evaluations = new Map<Evaluation['who'], Evaluation>();
  const autosave = new Autosave(() => performance.now());
  const roundLines = new RoundLines(folder, config, resume?.played);
  const begin = async (): Promise<void> => {
    const isFirst = await folder.begin(config, preset, rollouts?.text);
    if (isFirst) await folder.writeState(config, session.costs);
  };
  const take = async (event: SessionEvent): Promise<void> => {
    recorder?.add(event, session.costs);
    if (event.kind === 'progress') return;
    if (event.kind === 'trajectories') {
      played.push(event.batch);
      await folder.addPlayed(config, event.batch, session.costs);
      if (event.step !== undefined) roundLines.add(event.batch, event.step);
    } else if (event.kind === 'step') {
      await begin();
      folder.addStep(event.stage, event.report);
      if (event.stage === 'train' && autosave.isDue) void session.pause(); // to be saved and go on
    } else {
      folder.addEvaluation(event.evaluation);
      evaluations.set(event.evaluation.who, event.evaluation);
    }
  };
  const engine = await openEngine(host, reference, take);
  const { session } = engine;
  const interrupt = new Interrupt(() => void session.pause());
  const asked = reference ? withGivenReference(config) : config;
  let isReusable = false;
  const expectUninterrupted = (reached: string): void => {
    if (interrupt.isRequested) throw interrupted(experiment, reached);
  };
  try {
    const adopted = rollouts?.trajectories ?? resume?.played;
    if (adopted) session.adoptRollouts(asked, adopted);
    if (resume?.checkpoint) session.adoptCheckpoint(asked, resume.checkpoint);
    if (resume?.costs) session.adoptCosts(resume.costs);
    const prepared = await prepareReference(engine, experiment, asked);
    await begin();
    if (reference || config.reference.source === 'pretrain') {
      await folder.keepReference(modelFiles(config, session.reference!));
    }
    if (!resume?.checkpoint) {
      await folder.writeState(config, session.costs);
      expectUninterrupted('loading the reference');
    }
    if (!resume?.checkpoint && !isRefreshed(config)) {
      await session.preview(asked, config.rollout.prompts);
      const all = rollouts?.trajectories ?? concatTrajectories(played);
      expectUninterrupted(`${all.prompts.length} of ${config.rollout.prompts} prompts`);
      if (!rollouts) await folder.writeRollouts(config, all);
      folder.addRollouts(config, all, !rollouts && isDrawnPlainly(config)); // a file does not say
    }
    if (until === 'rollout') return await folder.forgetState();
    expectUninterrupted('the rollouts');
    const end = await trainToEnd(engine, experiment, asked, autosave, interrupt);
    if (isRefreshed(config)) await folder.writeRollouts(config, concatTrajectories(played));
    const results = await bothEvaluations(engine, config, end, evaluations);
    engine.progress.end();
    await writeEvaluation(experiment, prepared.adapter, end, results);
    await recorder?.write({ config, reference: session.reference!, prepared }, end);
    isReusable = !reference && config.reference.source === 'shipped';
  } finally {
    interrupt.close();
    await (isReusable ? engine.release() : engine.close());
    await folder.close();
  }
}

const interrupted = ({ folder, until }: Experiment, reached: string): PlaygroundError =>
  new PlaygroundError(
    'aborted',
    `Stopped after ${reached}; drift ${until} --resume ${folder.path} goes on.`,
  );

/** Loads or pretrains the reference. */
async function prepareReference(
  { session }: Engine,
  experiment: Experiment,
  asked: RunConfig,
): Promise<Awaited<ReturnType<Session['prepare']>>> {
  try {
    return await session.prepare(asked);
  } catch (cause) {
    if (!(cause instanceof PlaygroundError) || cause.code !== 'aborted') throw cause;
    throw interrupted(experiment, 'a part of the pretraining, which is not kept');
  }
}

/** Trains, saving now and then; leaves the checkpoint of the last good step whatever happens. */
async function trainToEnd(
  { session, progress }: Engine,
  experiment: Experiment,
  asked: RunConfig,
  autosave: Autosave,
  interrupt: Interrupt,
): Promise<TrainedRun> {
  const { config, folder } = experiment;
  const save = async (): Promise<TrainerCheckpoint> => {
    const checkpoint = (await session.checkpoint())!; // a run has trained, if only for no step
    const training = { checkpoint, costs: session.costs };
    await autosave.save(() =>
      folder.writeCheckpoint(modelFiles(config, checkpoint.params, training)),
    );
    return checkpoint;
  };
  for (;;) {
    let end: SessionEnd;
    try {
      end = await session.run(asked);
    } catch (cause) {
      if (!(cause instanceof PlaygroundError) || cause.code !== 'non-finite-loss') throw cause;
      const { step } = await save();
      progress.end();
      throw ranAway(cause, step, folder.path);
    }
    const { params } = await save();
    if (end.reason === 'finished') return { ...end, params };
    if (!interrupt.isRequested) continue; // it paused only to be saved
    progress.end();
    throw interrupted(experiment, `step ${end.step} of ${end.totalSteps}`);
  }
}

/** Resuming would run away again: the settings must change, the rollouts need not. */
const ranAway = (
  { message, facts }: PlaygroundError,
  step: number,
  path: string,
): PlaygroundError =>
  new PlaygroundError(
    'non-finite-loss',
    `${message} ${path} keeps the policy of step ${step}; train anew with a smaller optimizer.learningRate on --rollouts ${path}/${FILES.rollouts}.`,
    facts,
  );

type TrainedRun = SessionEnd & { readonly params: Params };
type Evaluations = ReadonlyMap<Evaluation['who'], Evaluation>;
type BothEvaluations = Record<Evaluation['who'], Evaluation>;

/** Reference and finished policy; a run that is resumed at its end has evaluated neither. */
async function bothEvaluations(
  { rollouts }: Engine,
  config: RunConfig,
  { step, params: policy }: TrainedRun,
  made: Evaluations,
): Promise<BothEvaluations> {
  const { split, prompts } = config.eval;
  const turns = evaluationTurns(config);
  const request = { seed: config.seed, split, prompts, turns, step };
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
  await folder.writeEvaluation(text);
  const [before, after] = [reference, policy].map((e) => e.greedy.success.at(-1)!.toFixed(3));
  process.stderr.write(
    `drift: wrote ${folder.path}; greedy success within ${policy.greedy.success.length} turns went from ${before} to ${after} on ${policy.prompts} prompts\n`,
  );
}
