// What every command of the CLI shares: exit codes, --json, --quiet, progress, error messages, a clean stop on Ctrl-C.
//
// A command is added so:
//     command(program, 'preview <task>', 'draws trials of a task').option(…).action(action(async (task: string, options: PreviewOptions, context: CommandContext) => { … }));
// Exit codes: 0 it did what was asked; 2 bad usage or bad input; 1 any other failure; 130 stopped by Ctrl-C.
import { type Command, InvalidArgumentError } from 'commander';
import { ConfigError, MotorloopError, RunFormatError, ShapeError } from '../errors.js';
import type { JobContext } from '../jobs/context.js';
import { checkWritableFile, writeTextFile } from '../platform/files.js';
import { describeMachine, peakBytes } from '../platform/machine.js';
import { hostFacts } from '../platform/node.js';
import { debugging, interruptSignal, setExitCode, styled, writeError, writeOutput } from '../platform/terminal.js';
import { Progress } from './progress.js';

export { Progress };

export const exitCodes = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** Options that every command takes. */
export interface CommonOptions {
  /** File for the machine-readable result. */
  readonly json?: string;
  /** Only errors and warnings. */
  readonly quiet?: boolean;
}

/**
 * What `action` hands to a command besides its own arguments. `signal` aborts on Ctrl-C; lines go to standard output, unless --quiet, progress and
 * warnings to standard error (warnings also under --quiet).
 */
export interface CommandContext extends JobContext {
  readonly progress: Progress;
  /** Writes the result to the file of --json, if one was named. */
  result(value: unknown): Promise<void>;
}

/** Adds a command with the options that all of them take. `signature` is commander's: `run <file>`. */
export function command(program: Command, signature: string, description: string): Command {
  return program
    .command(signature)
    .description(description)
    .option('--json <file>', 'also write the result to FILE, as JSON')
    .option('--quiet', 'print errors and warnings only');
}

type Handler<A extends readonly unknown[]> = (...args: [...A, CommandContext]) => Promise<number | void>;

/**
 * Wraps the handler of a command for commander's `.action`: the handler gets the arguments, the options and a context;
 * what it returns is the exit code (nothing: 0). Errors become a message in the house format and an exit code.
 */
export function action<A extends readonly unknown[]>(handler: Handler<A>): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const args = given.slice(0, -1);
    const options = args.at(-1) as CommonOptions;
    const progress = new Progress(options.quiet === true);
    const { signal, release } = interruptSignal();
    const context: CommandContext = {
      signal,
      progress,
      host: { facts: hostFacts, machine: describeMachine, peakBytes },
      print: (line = '') => {
        progress.clear();
        if (!options.quiet) writeOutput(`${line}\n`);
      },
      warn: (message) => {
        progress.clear();
        writeError(`${styled('yellow', 'warning', 'error')} ${message}\n`);
      },
      result: async (value) => {
        if (options.json !== undefined) await writeJson(options.json, value);
      },
    };
    try {
      // before hours of work, not after them
      if (options.json !== undefined) await checkWritableFile(options.json);
      setExitCode((await handler(...([...args, context] as unknown as [...A, CommandContext]))) ?? exitCodes.done);
    } catch (error) {
      progress.clear();
      setExitCode(reportError(error));
    } finally {
      progress.clear();
      release();
    }
  };
}

/** Prints an error as a person wants it (with its stack under DEBUG) and returns the exit code that goes with it. */
export function reportError(error: unknown): number {
  const text = error instanceof MotorloopError ? error.message : error instanceof Error ? `motorloop: ${error.message}` : `motorloop: ${String(error)}`;
  writeError(`${styled('red', 'error', 'error')} ${text}\n`);
  if (debugging() && error instanceof Error && error.stack) writeError(`${error.stack}\n`);
  const badInput = error instanceof ConfigError || error instanceof RunFormatError || error instanceof ShapeError;
  return badInput ? exitCodes.badInput : exitCodes.failed;
}

/** Writes a value as indented JSON. Numbers that are not finite become null; throws ConfigError when the file cannot be written. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeTextFile(file, `${JSON.stringify(value, (_, item) => (typeof item === 'number' && !Number.isFinite(item) ? null : item), 2)}\n`);
}

/** Option parser: a whole number of at least `minimum`. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < minimum) throw new InvalidArgumentError(`expected a whole number of at least ${minimum}, got "${text}".`);
    return value;
  };
}

/** Where a command's work is done: this process, or a worker of a headless browser's page. */
export type Place = 'node' | 'chromium';

/** Option parser of `--in`. */
export function place(text: string): Place {
  if (text !== 'node' && text !== 'chromium') throw new InvalidArgumentError(`expected node or chromium, got "${text}".`);
  return text;
}

/** Option parser that gathers repeated options into a list. */
export function list(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), text];
}
