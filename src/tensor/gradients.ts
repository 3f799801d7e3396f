// valueAndGradients: reverse-mode differentiation over a recorded evaluation.
// Source: Griewank & Walther 2008, "Evaluating Derivatives", ch. 3 (doi:10.1137/1.9780898717761).
import { BackendError, ShapeError } from '../errors.js';
import { add } from './operations/binary.js';
import { tidy } from './scope.js';
import { sameShape, show } from './shape.js';
import { type Entry, isRecording, recordOn, Tape } from './tape.js';
import { full, Tensor, zeros } from './tensor.js';

/**
 * The value of `fn(...inputs)`, which must be one f32 number, and its gradient with respect to every input (zeros where it does not depend on one).
 * Everything else made inside is disposed. May be nested, for second derivatives. Throws ShapeError for a value of another size, BackendError for
 * inputs of several backends or a second derivative through an operation that has only one.
 */
export function valueAndGradients(fn: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): { value: Tensor; gradients: Tensor[] } {
  checkInputs(inputs);
  return tidy(() => {
    const tape = new Tape(inputs);
    try {
      const value = recordOn(tape, () => fn(...inputs));
      checkValue(value);
      return { value, gradients: reversePass(tape, value, inputs) };
    } finally {
      tape.release();
    }
  });
}

function checkInputs(inputs: readonly Tensor[]): void {
  inputs.forEach((input, i) => {
    if (input.dtype !== 'f32') throw new ShapeError(`valueAndGradients: expected inputs of dtype f32, got ${input.dtype} at ${i}`);
    if (input.backend !== inputs[0].backend) throw new BackendError(`valueAndGradients: expected inputs on one backend, got another at ${i}`);
  });
}

function checkValue(value: unknown): void {
  if (value instanceof Tensor && value.size === 1 && value.dtype === 'f32') return;
  const got = value instanceof Tensor ? `${value.dtype} ${show(value.shape)}` : value instanceof Promise ? 'a promise' : typeof value;
  throw new ShapeError(`valueAndGradients: expected fn to return a tensor of one f32 number, got ${got}; use sum or mean`);
}

function reversePass(tape: Tape, value: Tensor, inputs: readonly Tensor[]): Tensor[] {
  const gradients = new Map<number, Tensor>([[value.id, full(value.backend, value.shape, 1)]]);
  for (let entry = tape.entries.pop(); entry; entry = tape.entries.pop()) {
    const dOutputs = entry.outputs.map((output) => gradients.get(output.id) ?? null);
    if (dOutputs.some((gradient) => gradient !== null)) reverseEntry(entry, dOutputs, tape, gradients);
    for (const output of entry.outputs) {
      gradients.get(output.id)?.dispose();
      gradients.delete(output.id);
    }
    Tape.release(entry);
  }
  return inputs.map((input, i) => {
    const gradient = gradients.get(input.id);
    if (!gradient) return zeros(input.backend, input.shape);
    return inputs.findIndex((other) => other.id === input.id) === i ? gradient : gradient.share(true);
  });
}

function reverseEntry(entry: Entry, dOutputs: readonly (Tensor | null)[], tape: Tape, gradients: Map<number, Tensor>): void {
  const { operation, inputs, outputs, saved } = entry;
  const needed = inputs.map((input) => tape.tracked.has(input.id));
  const touched = [...inputs, ...dOutputs.filter((gradient) => gradient !== null)];
  if (operation.once && isRecording(touched)) {
    throw new BackendError(
      `valueAndGradients: expected operations that can be differentiated twice, got ${operation.name}; take its gradient outside the other valueAndGradients`,
    );
  }
  tidy(() => {
    const dInputs = operation.reverse({ inputs, outputs, saved, dOutputs, needed });
    return inputs.map((input, i) => {
      const gradient = dInputs[i];
      if (!gradient || !needed[i]) return null;
      if (!sameShape(gradient.shape, input.shape)) {
        throw new ShapeError(
          `${operation.name}: expected its reverse to return a gradient of shape ${show(input.shape)} for input ${i}, got ${show(gradient.shape)}`,
        );
      }
      const before = gradients.get(input.id);
      // A gradient may be handed through unchanged, then it belongs to the output too: each input takes a handle of its own.
      const total = before ? add(before, gradient) : gradient.share(true);
      before?.dispose();
      gradients.set(input.id, total);
      return total;
    });
  });
}
