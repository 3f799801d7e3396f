// What every operation does first: numbers become tensors, backends and dtypes are checked.
import type { Backend } from '../../backends/backend.js';
import { BackendError, ShapeError } from '../../errors.js';
import { show } from '../shape.js';
import { full, type Tensor } from '../tensor.js';

/** An operand: a tensor, or a number that is broadcast. */
export type Operand = Tensor | number;

/** Throws ShapeError unless every tensor is f32, BackendError unless all share one backend. Returns that backend. */
export function checkOperands(where: string, operands: readonly Operand[]): Backend {
  let backend: Backend | null = null;
  for (const operand of operands) {
    if (typeof operand === 'number') continue;
    if (operand.dtype !== 'f32')
      throw new ShapeError(`${where}: expected operands of dtype f32, got ${operand.dtype} ${show(operand.shape)}; i32 tensors are for indices only`);
    backend ??= operand.backend;
    if (operand.backend !== backend)
      throw new BackendError(
        `${where}: expected operands on one backend, got ${backend.description.name} and ${operand.backend.description.name}; copy one with tensor(backend, await other.ndarray())`,
      );
  }
  if (!backend) throw new BackendError(`${where}: expected at least one tensor, got only numbers; make one with tensor(backend, value)`);
  return backend;
}

/** Runs `compute` with all operands as tensors; those made from numbers are disposed afterwards (the tape holds on to them if it needs them). */
export function withTensors<T>(where: string, operands: readonly Operand[], compute: (backend: Backend, tensors: Tensor[]) => T): T {
  const backend = checkOperands(where, operands);
  const made: Tensor[] = [];
  const tensors = operands.map((operand) => {
    if (typeof operand !== 'number') return operand;
    const constant = full(backend, [], operand);
    made.push(constant);
    return constant;
  });
  try {
    return compute(backend, tensors);
  } finally {
    for (const constant of made) constant.dispose();
  }
}
