// The seam between the front end and the kernels: what every backend (reference, wasm, webgpu, a third party's) must do.

/**
 * Element types of arrays. Comparisons give f32 zeros and ones; i32 serves indices and layer sizes; f64 only the kernels that say so (fixed points),
 * on backends that have the type: the others refuse to allocate it.
 */
export type DType = 'f32' | 'i32' | 'f64';

/** Data as it comes back from a backend: f64 arrays are Float64Array everywhere, f32 ones on the reference backend with `precision: 'f64'`. */
export type TensorData = Float32Array | Float64Array | Int32Array;

/** A piece of backend memory. Only the backend that made it looks inside. */
export interface BufferHandle {
  readonly dtype: DType;
  /** Number of elements. */
  readonly length: number;
}

/** What a kernel is handed: a contiguous row-major array and its shape. `Tensor` (src/tensor) is one. */
export interface KernelArgument {
  readonly buffer: BufferHandle;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** One kernel launch: names as in the catalogue; an optional argument may be left out or null. */
export interface KernelCall {
  readonly variant?: string;
  readonly args: Readonly<Record<string, KernelArgument | null | undefined>>;
  readonly params?: Readonly<Record<string, number>>;
}

/** How a backend introduces itself: recorded in every manifest and benchmark row. */
export interface BackendDescription {
  readonly name: string;
  /** e.g. `simd`, `relaxed` (wasm), `f64`, `f32` (reference). */
  readonly variant: string;
  readonly threads: number;
  /** Hardware or software adapter, `null` on the CPU backends. */
  readonly adapter: string | null;
  /** The adapter computes on the processor: never chosen by itself, and said wherever it is used. */
  readonly software?: boolean;
  /** One line a person reads: why this backend, variant and thread count were chosen. */
  readonly reason: string;
}

/**
 * A place where kernels run. `run`, `write` and `copy` only queue work, in order; `read` and `finish` are awaited.
 * Every method throws BackendError after `dispose` or once the backend is lost.
 */
export interface Backend {
  readonly description: BackendDescription;
  /** Most bytes that live buffers may take together; absent where only the machine limits them. */
  readonly memoryLimit?: number;
  /** Bytes of one array at most; absent where only the memory limits them. */
  readonly arrayLimit?: number;
  /** Bytes of activations that it wants in flight to be busy: micro-batches are cut no smaller than this where the batch allows. Absent: what the experiment says. */
  readonly activationBytes?: number;
  /** Optimiser steps that may be queued before their losses are read: a read lets a GPU run dry. Absent: 1. */
  readonly stepsBetweenReads?: number;
  /** What the device allows, by the names that its interface has for it; absent on the CPU backends. */
  readonly deviceLimits?: Readonly<Record<string, number>>;
  /** Reserves `length` elements, set to zero. Throws BackendError, with the sizes, when memory runs out. */
  allocate(length: number, dtype: DType): BufferHandle;
  /** Gives a buffer back; using it afterwards throws BackendError. */
  free(buffer: BufferHandle): void;
  /** Copies host data into `buffer` from element `offset` on. */
  write(buffer: BufferHandle, data: ArrayLike<number>, offset?: number): void;
  /** Waits for all queued work and returns a copy of `length` elements from `offset` (default: all). */
  read(buffer: BufferHandle, offset?: number, length?: number): Promise<TensorData>;
  /** Copies `length` elements between two buffers of one dtype. */
  copy(source: BufferHandle, sourceOffset: number, target: BufferHandle, targetOffset: number, length: number): void;
  /** Checks the call against the catalogue (ShapeError, KernelError) and queues the kernel. */
  run(kernel: string, call: KernelCall): void;
  /** Elements of f32 that the opaque argument `argument` of `kernel` needs on this backend, for the other arguments given. */
  scratchLength(kernel: string, argument: string, call: KernelCall): number;
  /** Waits for all queued work. */
  finish(): Promise<void>;
  /** Bytes in live buffers now: back at the baseline after each training step. */
  bytesInUse(): number;
  /** Dispatches on a GPU since the start, and how many of them only because time was cut into chunks; absent elsewhere. */
  dispatchCount?(): { readonly dispatches: number; readonly timeChunks: number };
  /** Frees everything, ends workers. Safe to call twice. */
  dispose(): Promise<void>;
  /** Why the backend stopped working, or null while it works. */
  lostReason(): string | null;
}
