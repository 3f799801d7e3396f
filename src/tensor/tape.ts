// The gradient tape: what operations and rollouts leave behind for the reverse pass (gradients.ts).
import type { Tensor } from './tensor.js';

/** What the reverse of an operation receives. All tensors are in use even if the caller disposed its own. */
export interface ReverseStep {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly saved: readonly Tensor[];
  /** ∂value/∂output for each output; null where the value does not depend on it. */
  readonly dOutputs: readonly (Tensor | null)[];
  /** Whether the gradient of each input is wanted; others may be left null. */
  readonly needed: readonly boolean[];
}

/** An operation as the tape keeps it. */
export interface Operation {
  /** For messages. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Other tensors that `reverse` reads, e.g. the cache of a rollout. */
  readonly saved?: readonly Tensor[];
  /**
   * Returns ∂value/∂input for each input, null for none. Runs inside a tidy. If it is made of recorded operations only, the operation can be
   * differentiated twice; otherwise set `once`.
   */
  reverse(step: ReverseStep): readonly (Tensor | null)[];
  /** True if `reverse` runs kernels that the tape does not see: a second derivative through it is then refused. */
  readonly once?: boolean;
}

/** An operation with handles of its own on every tensor, so that tidy and dispose in user code do not pull them away. */
export interface Entry {
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly saved: readonly Tensor[];
}

export class Tape {
  /** Ids of tensors that depend on the inputs. */
  readonly tracked: Set<number>;
  readonly entries: Entry[] = [];

  constructor(inputs: readonly Tensor[]) {
    this.tracked = new Set(inputs.map((input) => input.id));
  }

  record(operation: Operation): void {
    if (!operation.inputs.some((input) => this.tracked.has(input.id))) return;
    for (const output of operation.outputs) this.tracked.add(output.id);
    const share = (tensor: Tensor) => tensor.share();
    this.entries.push({ operation, inputs: operation.inputs.map(share), outputs: operation.outputs.map(share), saved: (operation.saved ?? []).map(share) });
  }

  /** Gives back the handles of one entry that was taken off. */
  static release({ inputs, outputs, saved }: Entry): void {
    for (const tensor of [...inputs, ...outputs, ...saved]) tensor.dispose();
  }

  /** Gives back all that is left. */
  release(): void {
    for (let entry = this.entries.pop(); entry; entry = this.entries.pop()) Tape.release(entry);
  }
}

const tapes: Tape[] = [];

/**
 * Hands an operation that has just been computed to every running `valueAndGradients`: the hook through which anything written with kernels of one's own
 * (a rollout, a loss) becomes differentiable. The outputs must be new tensors that no recorded operation made. Does nothing when none is running or
 * no input matters to it.
 */
export function recordOperation(operation: Operation): void {
  for (const tape of tapes) tape.record(operation);
}

/** Whether a running `valueAndGradients` would record an operation on these inputs: what is kept only for the reverse pass may be left out otherwise. */
export function isRecording(inputs: readonly Tensor[]): boolean {
  return tapes.some((tape) => inputs.some((input) => tape.tracked.has(input.id)));
}

/** Runs `fn` while `tape` records. */
export function recordOn<T>(tape: Tape, fn: () => T): T {
  tapes.push(tape);
  try {
    return fn();
  } finally {
    tapes.pop();
  }
}
