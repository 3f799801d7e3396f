// Tensor: a shape, a dtype and a piece of backend memory, contiguous and row-major; and the ways to make one from host data.
import ndarray, { type NdArray } from 'ndarray';
import type { Backend, BufferHandle, DType, KernelArgument, TensorData } from '../backends/backend.js';
import { BackendError, ShapeError } from '../errors.js';
import { registerTensor } from './scope.js';
import { checkShape, type Shape, show, sizeOf } from './shape.js';

/** Backend memory with the number of tensors that look at it; freed with the last of them. */
interface Storage {
  readonly backend: Backend;
  readonly buffer: BufferHandle;
  references: number;
}

let lastId = 0;
const newId = () => ++lastId;

/**
 * A contiguous row-major array on a backend. Its numbers never change: operations make new tensors.
 * Memory is given back by `dispose` or by the `tidy` around it, never by the garbage collector.
 */
export class Tensor implements KernelArgument {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** Identity on the gradient tape; a handle made by `share` keeps it. */
  readonly id: number;
  readonly #storage: Storage;
  #disposed = false;

  /** Not for direct use: see `tensor`, `zeros` and the operations. */
  constructor(storage: Storage, shape: Shape, id: number, scoped: boolean) {
    this.#storage = storage;
    this.shape = shape;
    this.dtype = storage.buffer.dtype;
    this.size = sizeOf(shape);
    this.id = id;
    storage.references++;
    registerTensor(this, scoped);
  }

  /** The backend that holds the numbers. */
  get backend(): Backend {
    return this.#storage.backend;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** True once disposed, by hand or by a tidy. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** The memory, for kernels. Throws BackendError after `dispose`. */
  get buffer(): BufferHandle {
    this.#checkInUse();
    return this.#storage.buffer;
  }

  /** Another handle on the same memory, with another shape of the same size and a new place on the tape. Not recorded: see `reshape`. */
  alias(shape: Shape): Tensor {
    this.#checkInUse();
    return new Tensor(this.#storage, shape, newId(), true);
  }

  /**
   * Another handle with the same identity on the tape; the memory lives until both are disposed. Unless `scoped`, no tidy disposes it:
   * so the tape holds on to what user code lets go.
   */
  share(scoped = false): Tensor {
    this.#checkInUse();
    return new Tensor(this.#storage, this.shape, this.id, scoped);
  }

  /** Gives the memory back once no other handle needs it. Safe to call twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (--this.#storage.references === 0 && this.backend.lostReason() === null) this.backend.free(this.#storage.buffer);
  }

  /** A copy of the numbers [size], once all queued work is done. Float64Array on the reference backend in f64. Throws BackendError after `dispose`. */
  data(): Promise<TensorData> {
    return this.backend.read(this.buffer, 0, this.size);
  }

  /** The only number of a tensor of one element. Throws ShapeError for any other size. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new ShapeError(`Tensor.item: expected a tensor of one element, got ${show(this.shape)}; use data()`);
    return (await this.data())[0];
  }

  /** A copy of the numbers as an ndarray of the same shape. */
  async ndarray(): Promise<NdArray<TensorData>> {
    return ndarray(await this.data(), [...this.shape]);
  }

  #checkInUse(): void {
    if (!this.#disposed) return;
    throw new BackendError(
      `Tensor ${show(this.shape)}: expected a tensor in use, got one that was disposed; return it from its tidy, or keep() it, to use it later`,
    );
  }
}

/** Numbers in brackets, to any depth, every row of a level equally long. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** What `tensor` takes: a number, nested arrays, a typed array, or an ndarray (any strides). */
export type TensorSource = NestedNumbers | Float32Array | Float64Array | Int32Array | NdArray;

/** A new tensor of zeros [shape], also what a custom operation writes its result to. `dtype` defaults to f32. Throws ShapeError, BackendError when memory runs out. */
export function zeros(backend: Backend, shape: Shape, dtype: DType = 'f32'): Tensor {
  checkShape('zeros', shape);
  return new Tensor({ backend, buffer: backend.allocate(sizeOf(shape), dtype), references: 0 }, [...shape], newId(), true);
}

/** A tensor on memory that someone else owns: disposing it gives nothing back. For code between kernels and tensors (user losses). */
export function borrow(backend: Backend, { buffer, shape }: KernelArgument): Tensor {
  return new Tensor({ backend, buffer, references: 1 }, [...shape], newId(), true);
}

/** A new tensor [shape] of one value, f32. */
export function full(backend: Backend, shape: Shape, value: number): Tensor {
  const result = zeros(backend, shape);
  if (value !== 0 && result.size > 0) backend.run('fill', { args: { y: flat(result) }, params: { value } });
  return result;
}

/** A new tensor of ones [shape], f32. */
export function ones(backend: Backend, shape: Shape): Tensor {
  return full(backend, shape, 1);
}

/**
 * Copies host numbers to a backend. `shape` defaults to that of the source ([length] for typed arrays); `dtype` to i32 for Int32Array and
 * int32 ndarrays, else f32. Throws ShapeError for ragged nesting, a shape of another size, or fractions where dtype is i32.
 */
export function tensor(backend: Backend, source: TensorSource, shape?: Shape, dtype?: DType): Tensor {
  const packed = pack(source);
  const wanted = shape ?? packed.shape;
  checkShape('tensor', wanted);
  if (sizeOf(wanted) !== packed.data.length)
    throw new ShapeError(`tensor: expected ${sizeOf(wanted)} numbers for shape ${show(wanted)}, got ${packed.data.length}`);
  const type = dtype ?? (packed.data instanceof Int32Array ? 'i32' : 'f32');
  if (type === 'i32' && !(packed.data instanceof Int32Array)) checkIntegers(packed.data);
  const result = zeros(backend, wanted, type);
  if (result.size > 0) backend.write(result.buffer, packed.data);
  return result;
}

/** A tensor as a kernel argument of another shape of the same size. */
export function shaped(source: KernelArgument, shape: Shape): KernelArgument {
  return { buffer: source.buffer, shape, dtype: source.dtype };
}

/** A tensor as a kernel argument [size]. */
export function flat(source: Tensor): KernelArgument {
  return shaped(source, [source.size]);
}

function pack(source: TensorSource): { data: ArrayLike<number>; shape: Shape } {
  if (typeof source === 'number') return { data: [source], shape: [] };
  if (Array.isArray(source)) return packNested(source as readonly NestedNumbers[]);
  if (ArrayBuffer.isView(source)) return { data: source as Float32Array, shape: [(source as Float32Array).length] };
  return packView(source as NdArray);
}

function packNested(source: readonly NestedNumbers[]): { data: number[]; shape: number[] } {
  const shape: number[] = [];
  for (let level: NestedNumbers = source; Array.isArray(level); level = level[0] as NestedNumbers) shape.push(level.length);
  const data: number[] = [];
  const visit = (part: NestedNumbers, axis: number) => {
    const isNumber = typeof part === 'number';
    if (isNumber !== (axis === shape.length) || (!isNumber && part.length !== shape[axis])) {
      throw new ShapeError(`tensor: expected nested rows of equal length, shape ${show(shape)} by the first of each, got a row of another length or depth`);
    }
    if (isNumber) data.push(part);
    else for (const inner of part) visit(inner, axis + 1);
  };
  visit(source, 0);
  return { data, shape };
}

/** An ndarray packed row-major, whatever its strides. */
function packView(view: NdArray): { data: ArrayLike<number>; shape: Shape } {
  const { shape, stride, offset } = view;
  if (String(view.dtype).startsWith('big')) throw new ShapeError(`tensor: expected an ndarray of numbers, got dtype ${view.dtype}; convert it first`);
  const size = sizeOf(shape);
  const data = view.dtype === 'int32' ? new Int32Array(size) : new Float64Array(size);
  const index = new Array<number>(shape.length).fill(0);
  const source = view.data as { [index: number]: number; get?: (index: number) => number };
  let position = offset;
  for (let i = 0; i < size; i++) {
    data[i] = source.get && view.dtype === 'generic' ? source.get(position) : source[position];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += stride[axis];
      if (++index[axis] < shape[axis]) break;
      position -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { data, shape: [...shape] };
}

function checkIntegers(data: ArrayLike<number>): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isInteger(data[i])) throw new ShapeError(`tensor: expected whole numbers for dtype i32, got ${data[i]} at ${i}`);
  }
}
