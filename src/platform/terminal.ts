// The terminal of a Node process: output streams, colour, Ctrl-C, exit code. With files.ts and node.ts, all that the command line touches of the process.
import { styleText } from 'node:util';

/** Colours and weights used in messages. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

// A reader that went away (`motorloop … | head`) must not crash a training run: the run goes on, its lines are dropped.
const gone = new WeakSet<NodeJS.WriteStream>();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    gone.add(stream);
  });
}

function write(stream: NodeJS.WriteStream, text: string): void {
  if (!gone.has(stream)) stream.write(text);
}

/** Writes text to standard output; silently drops it once the reader has closed the pipe. */
export function writeOutput(text: string): void {
  write(process.stdout, text);
}

/** Writes text to standard error, under the same rule. */
export function writeError(text: string): void {
  write(process.stderr, text);
}

/** True where a line may be rewritten in place: standard error is a terminal that is not `dumb`. */
export function isInteractive(): boolean {
  return process.stderr.isTTY === true && process.env.TERM !== 'dumb';
}

/** Columns of the terminal that shows progress, 80 where there is none. */
export function columns(): number {
  return process.stderr.columns || 80;
}

/** Columns that standard output has: those of its terminal, or any number. */
export function outputColumns(): number {
  return process.stdout.isTTY === true ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

/** Wraps text in a style where the stream is a terminal and NO_COLOR is not set (https://no-color.org), else returns it as it is. */
export function styled(style: Style, text: string, stream: 'output' | 'error' = 'output'): string {
  const target = stream === 'output' ? process.stdout : process.stderr;
  const plain = Boolean(process.env.NO_COLOR) || target.isTTY !== true || process.env.TERM === 'dumb';
  return plain ? text : styleText(style, text);
}

/** True when DEBUG is set: errors then come with their stack. */
export function debugging(): boolean {
  return Boolean(process.env.DEBUG);
}

/** Sets the exit code; the process ends by itself once its work is done. */
export function setExitCode(code: number): void {
  process.exitCode = code;
}

/**
 * A signal that aborts on the first Ctrl-C (SIGINT) or SIGTERM, and a function that stops listening.
 * A second Ctrl-C ends the process at once, with the code of a process killed by SIGINT.
 */
export function interruptSignal(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const release = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, release };
}
