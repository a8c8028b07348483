/** The commands that need a GPU; each loads its code when it is called. */
import type { Command } from 'commander';
import type { Host } from './dawn';
import type { EvaluateFlags } from './evaluate';
import type { BeginFlags } from './begin';
import { addRunFlags } from './options';
import type { PretrainFlags } from './pretrain';
import type { ResultsFlags } from './results';
import type { SweepFlags } from './sweep';
import type { TrainFlags } from './train';

const FOLDER = 'folder for the files of the run';
const RESUME = 'folder of an interrupted run: go on with it, bit for bit, in place';

export function addEngineCommands(program: Command, host: Host): void {
  addRunFlags(program.command('pretrain'))
    .description('Pretrain a reference on scripted dialogues.')
    .argument('[task]', 'the same as --set task=TASK')
    .option('--out <dir>', FOLDER)
    .option('--ship <dir>', 'also put the reference among those that come with the page')
    .option('--force', 'write over the run in --out')
    .action(async (task: string | undefined, flags: PretrainFlags) =>
      (await import('./pretrain')).pretrain(task, flags, host),
    );

  addStartFlags(program.command('rollout'))
    .description('Sample trajectories from the reference.')
    .option('--out <dir>', FOLDER)
    .option('--resume <dir>', RESUME)
    .action(async (flags: BeginFlags) => (await import('./begin')).begin(flags, 'rollout', host));

  addStartFlags(program.command('train'))
    .description('Train on the rollouts of a file, or go on with an interrupted run.')
    .option('--rollouts <file>', "trajectories in the paper's format, ours or made elsewhere")
    .option('--out <dir>', FOLDER)
    .option('--resume <dir>', RESUME)
    .action(async (flags: TrainFlags) => (await import('./train')).train(flags, host));

  addRunFlags(program.command('eval'))
    .description('Evaluate a checkpoint and its reference on held-out prompts.')
    .requiredOption('--checkpoint <dir>', 'a Hugging Face Llama folder; sets the settings it holds')
    .option(
      '--reference <dir>',
      'what it is compared with (default: reference/ beside the checkpoint, or the ready-made one)',
    )
    .option('--out <dir>', 'folder for eval.json (default: the checkpoint)')
    .option('--force', 'write over what is there')
    .action(async (flags: EvaluateFlags) => (await import('./evaluate')).evaluate(flags, host));

  addStartFlags(program.command('run'))
    .description('Go through all stages: reference, rollouts, training, evaluation.')
    .option('--out <dir>', FOLDER)
    .option('--resume <dir>', RESUME)
    .option('--record <file>', 'also write the run as the page can play it back')
    .action(async (flags: BeginFlags) => (await import('./begin')).begin(flags, 'train', host));

  program
    .command('score')
    .description('Print the log-prob of every token of every row of a rollout file.')
    .argument('<file>', "rollouts in the paper's format; - reads standard input")
    .requiredOption('--checkpoint <dir>', 'a Hugging Face Llama folder')
    .action(async (file: string, { checkpoint }: { checkpoint: string }) => {
      const { scoreText } = await import('./score');
      process.stdout.write(await scoreText(checkpoint, file, host));
    });
}

/** Adds what goes through many runs. */
export function addSweepCommands(program: Command, host: Host): void {
  program
    .command('sweep')
    .description('Run a grid or list of settings; goes on where it was.')
    .argument('<file>', 'sweep.json, see docs/sweeps.md')
    .requiredOption('--out <dir>', 'folder for the runs and results.jsonl')
    .option('--jobs <n>', 'runs at a time', '1')
    .option('--only <runs>', 'of these alone, counted from 0, e.g. 0,4-7: a part of the sweep')
    .option('--plan', 'write the configurations and run nothing')
    .option('--reuse', 'one process for each job instead of each run, for many short runs')
    .option('--task-file <file>', 'a task of your own, in JSON, which all runs start from')
    .action(async (file: string, flags: SweepFlags) =>
      (await import('./sweep')).sweep(file, flags, host),
    );

  program
    .command('report')
    .description('Write report.md and report.svg of a sweep and print the table.')
    .argument('<dir>', 'folder of the sweep, finished or not')
    .action(async (dir: string) => {
      process.stdout.write(await (await import('./report')).report(dir));
    });

  program
    .command('results')
    .description('Make docs/results.md: run the experiments of experiments/; goes on where it was.')
    .option('--in <dir>', "folder with experiments/ and docs/ (default: the project's)")
    .option('--out <dir>', 'folder for the runs', 'runs/results')
    .option('--jobs <n>', 'runs at a time', '2')
    .option('--only <names>', 'of these experiments alone, e.g. facts,boxes')
    .option('--hours <n>', 'begin no run after so many')
    .option('--full', 'the whole grid, with a reference for every seed: for a GPU')
    .option('--missing', 'run only what docs/results/ has no row of')
    .option('--tables', 'write the page anew from the rows that are there and run nothing')
    .action(async (flags: ResultsFlags) => (await import('./results')).results(flags, host));
}

/** Adds the run's settings, `--checkpoint` and `--force`. */
const addStartFlags = (command: Command): Command =>
  addRunFlags(command)
    .option('--config <file>', 'all settings: config.json of a run, in the place of --preset')
    .option(
      '--checkpoint <dir>',
      'reference and starting policy: a Hugging Face Llama folder (default: the ready-made one)',
    )
    .option('--force', 'write over the run in --out');
