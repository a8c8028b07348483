import { Command } from 'commander';
import { version } from '../../package.json';
import { addEngineCommands, addSweepCommands } from './commands';
import type { Host } from './dawn';
import { EXIT, reportFailure, type ExitCode } from './fail';
import { readInputText } from './files';
import { presetOf, settingsText } from './options';
import { openTaskOf } from './taskFile';
import { numberFlag, weighText } from './weigh';

interface WeighOptions {
  readonly gamma: string;
  readonly beta: string;
  readonly lambda: string;
}

/** The command line; results go to standard output, everything else to standard error. */
function createProgram(host: Host): Command {
  const program = new Command('drift')
    .description('DRIFT on the command line: the engine of the playground, under Node.')
    .version(version)
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'drift: ')),
    })
    .exitOverride();

  program
    .command('weigh')
    .description('Print return and importance weight of every rollout in a JSON lines file.')
    .argument('<file>', "rollouts in the paper's format; - reads standard input")
    .requiredOption('--gamma <number>', 'discount per turn')
    .requiredOption('--beta <number>', 'tilt temperature, above 0')
    .option('--lambda <number>', 'repetition penalty', '0.5')
    .action(async (file: string, options: WeighOptions) => {
      const rules = {
        gamma: numberFlag('--gamma', options.gamma, 0, 1),
        beta: numberFlag('--beta', options.beta),
        lambda: numberFlag('--lambda', options.lambda, 0),
      };
      process.stdout.write(weighText(await readInputText(file), file, rules));
    });

  program
    .command('settings')
    .description('List every setting: name, value in the preset, what it accepts, meaning.')
    .option('--preset <name>', 'whose values')
    .action(({ preset }: { preset?: string }) => {
      process.stdout.write(settingsText(presetOf(preset)));
    });
  program.command('serve', { hidden: true }).action(() => serve(host));
  addEngineCommands(program, host);
  addSweepCommands(program, host);
  program.hook('preAction', (_, command) => openTaskOf(command));
  return program;
}

/** Runs one command line (without the program's name) and returns what the process should exit with. */
export async function main(args: readonly string[], host: Host): Promise<ExitCode> {
  return (await runCommand(args, host)).code;
}

/** How a command line ended, and what it said of its failure. */
export interface CommandEnd {
  readonly code: ExitCode;
  readonly said: string;
}

async function runCommand(args: readonly string[], host: Host): Promise<CommandEnd> {
  let said = '';
  try {
    await createProgram(host).parseAsync(args, { from: 'user' });
    return { code: EXIT.ok, said };
  } catch (thrown) {
    const code = reportFailure(thrown, (text) => {
      said += text;
      process.stderr.write(text);
    });
    return { code, said };
  }
}

/**
 * Runs the command lines that the parent process sends, one after the other, and answers each with its
 * CommandEnd; runs from one reference share an engine. Ends when the parent does, or lets go.
 */
async function serve(host: Host): Promise<never> {
  const { keepEngine } = await import('./engine');
  keepEngine();
  process.on('message', (args: string[]) => {
    void runCommand(args, host).then((end) => process.send?.(end));
  });
  return new Promise(() => {}); // the channel keeps the process
}
