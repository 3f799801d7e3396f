// Error classes of motorloop, first in the import order. Every message reads `where: expected WHAT, got WHAT; what to do`.

/** Base of every error that motorloop throws on purpose; `where` names the function, file or option that noticed it. */
export class MotorloopError extends Error {
  override readonly name: string = 'MotorloopError';
}

/** A mistake in an experiment, an option or a command; `problems` lists all of them, each with its path and value. */
export class ConfigError extends MotorloopError {
  override readonly name: string = 'ConfigError';
  readonly problems: readonly string[];

  constructor(where: string, problems: readonly string[]) {
    super(
      problems.length === 1 ? `${where}: ${problems[0]}` : `${where}: ${problems.length} problems\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** Shapes, lengths or dtypes that do not fit together. */
export class ShapeError extends MotorloopError {
  override readonly name: string = 'ShapeError';
}

/** A backend that is missing, refused, lost or used after it was disposed. */
export class BackendError extends MotorloopError {
  override readonly name: string = 'BackendError';
}

/** A kernel that does not exist, lacks a variant on this backend, or failed to compile. */
export class KernelError extends MotorloopError {
  override readonly name: string = 'KernelError';
}

/** A value that is not finite where it must be: names the step and the tensor. */
export class NumericsError extends MotorloopError {
  override readonly name: string = 'NumericsError';
}

/** A run directory, checkpoint or array file that cannot be read, or does not belong to this experiment. */
export class RunFormatError extends MotorloopError {
  override readonly name: string = 'RunFormatError';
}
