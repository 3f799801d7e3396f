// Buffers that live as long as a training or an evaluation does: allocated once, viewed at any smaller shape, freed together.
import type { Backend, BufferHandle, DType, KernelArgument } from '../backends/backend.js';

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The first elements of an argument's buffer under another shape, e.g. a smaller last micro-batch. */
export function view(argument: KernelArgument, shape: readonly number[]): KernelArgument {
  return { buffer: argument.buffer, shape, dtype: argument.dtype };
}

/** A set of buffers with one owner. */
export class Workspace {
  readonly backend: Backend;
  #buffers: BufferHandle[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** A zeroed buffer of this shape. Throws BackendError when memory runs out; what was allocated before stays until `dispose`. */
  allocate(shape: readonly number[], dtype: DType = 'f32'): KernelArgument {
    const buffer = this.backend.allocate(Math.max(1, sizeOf(shape)), dtype);
    this.#buffers.push(buffer);
    return { buffer, shape, dtype };
  }

  /** A buffer filled with host data, which must have as many elements as the shape. */
  upload(data: ArrayLike<number>, shape: readonly number[], dtype: DType = 'f32'): KernelArgument {
    const argument = this.allocate(shape, dtype);
    this.backend.write(argument.buffer, data);
    return argument;
  }

  /** Frees every buffer; safe to call twice, and on a backend that is lost with all its memory. */
  dispose(): void {
    if (this.backend.lostReason() === null) for (const buffer of this.#buffers) this.backend.free(buffer);
    this.#buffers = [];
  }
}
