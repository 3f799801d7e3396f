// Errors as plain data, so that a job in a worker fails in the page, and in the process that drives it, as it would have failed there.
import { BackendError, ConfigError, KernelError, MotorloopError, NumericsError, RunFormatError, ShapeError } from '../errors.js';

/** An error without its class: what structured cloning and JSON keep of it. */
export interface JobError {
  readonly name: string;
  readonly message: string;
  /** Those of a ConfigError. */
  readonly problems?: readonly string[];
}

const classes = { MotorloopError, ShapeError, BackendError, KernelError, NumericsError, RunFormatError };

export function encodeError(error: unknown): JobError {
  if (error instanceof ConfigError) return { name: error.name, message: error.message, problems: error.problems };
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: String(error) };
}

/** The error again, of its class where that is one of ours. */
export function decodeError({ name, message, problems }: JobError): Error {
  if (problems) {
    const rest = problems.length === 1 ? `: ${problems[0]}` : `: ${problems.length} problems\n`;
    return new ConfigError(message.slice(0, message.indexOf(rest)), problems);
  }
  const known = Object.hasOwn(classes, name) ? classes[name as keyof typeof classes] : null;
  return known ? new known(message) : Object.assign(new Error(message), { name });
}
