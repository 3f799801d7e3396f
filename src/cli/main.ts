// The command line: which commands there are, and where each is found. A command's code is loaded only when it is called.
import { Command, CommanderError } from 'commander';
import { enableWideVectors } from '../platform/host.js';
import { setExitCode, styled, writeError, writeOutput } from '../platform/terminal.js';
import { VERSION } from '../version.js';
import { exitCodes, reportError } from './shared.js';

const commands: Readonly<Record<string, () => Promise<{ register(program: Command): void }>>> = {
  run: () => import('./run.js'),
  analyse: () => import('./analyse.js'),
  compare: () => import('./compare.js'),
  evaluate: () => import('./evaluate.js'),
  import: () => import('./import.js'),
  export: () => import('./export.js'),
  simulate: () => import('./simulate.js'),
  lab: () => import('./lab.js'),
  preview: () => import('./preview.js'),
  check: () => import('./check.js'),
  bench: () => import('./bench.js'),
  devices: () => import('./devices.js'),
};

/** Runs one command line (`args` without the program's name); sets the exit code and never throws. */
export async function main(args: readonly string[]): Promise<void> {
  enableWideVectors();
  const program = new Command('motorloop')
    .description('Train recurrent networks on neuroscience tasks and see how they compute.')
    .version(VERSION)
    .helpCommand(true)
    .showHelpAfterError('(--help says more)')
    .configureOutput({
      writeOut: writeOutput,
      writeErr: writeError,
      outputError: (text, print) => print(`${styled('red', 'error', 'error')} ${text.replace(/^error: /, '')}`),
    })
    .exitOverride();
  try {
    const named = args.find((argument) => argument in commands);
    const wanted = args[0] === '--version' || args[0] === '-V' ? [] : named === undefined || args[0] === 'help' ? Object.keys(commands) : [named];
    for (const name of wanted) (await commands[name]?.())?.register(program);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) setExitCode(error.exitCode === 0 ? exitCodes.done : exitCodes.badInput);
    else setExitCode(reportError(error));
  }
}
