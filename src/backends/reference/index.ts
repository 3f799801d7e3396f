// The reference backend: plain loops in f64, the definition of every kernel and the oracle of the other backends. Runs everywhere, at once and in order.
import { BackendError, KernelError, ShapeError } from '../../errors.js';
import type { Backend, BackendDescription, BufferHandle, DType, KernelCall, TensorData } from '../backend.js';
import { resolveCall } from '../catalogue.js';
import { absolute_error_loss } from './absolute_error_loss.js';
import { ceiling } from './ceiling.js';
import { cell_jacobian } from './cell_jacobian.js';
import { closedLoopCacheLength } from './closed_loop.js';
import { closed_loop_backward } from './closed_loop_backward.js';
import { closed_loop_forward } from './closed_loop_forward.js';
import { cross_entropy_loss } from './cross_entropy_loss.js';
import { copy_strided } from './copy_strided.js';
import { cumulative_sum } from './cumulative_sum.js';
import { damped_step } from './damped_step.js';
import { effector_points } from './effector_points.js';
import { effector_points_backward } from './effector_points_backward.js';
import { effector_reset } from './effector_reset.js';
import { effector_reset_backward } from './effector_reset_backward.js';
import { effector_rollout_backward } from './effector_rollout_backward.js';
import { effector_rollout_forward } from './effector_rollout_forward.js';
import { effector_step } from './effector_step.js';
import { effector_step_backward } from './effector_step_backward.js';
import { elementwise_binary } from './elementwise_binary.js';
import { elementwise_unary } from './elementwise_unary.js';
import { fill } from './fill.js';
import { gather } from './gather.js';
import { gradient_norm } from './gradient_norm.js';
import { initial_state_backward } from './initial_state_backward.js';
import { initial_state_forward } from './initial_state_forward.js';
import type { ReferenceCall, ReferenceKernel, Values } from './kernel.js';
import { matmul } from './matmul.js';
import { norm_loss } from './norm_loss.js';
import { optimizer_step } from './optimizer_step.js';
import { random } from './random.js';
import { reduce } from './reduce.js';
import { cellSizes, recordLength } from './rollout.js';
import { rollout_backward } from './rollout_backward.js';
import { rollout_forward } from './rollout_forward.js';
import { scatter_add } from './scatter_add.js';
import { select } from './select.js';
import { squared_error_loss } from './squared_error_loss.js';

const kernels: Readonly<Record<string, ReferenceKernel>> = {
  elementwise_unary,
  elementwise_binary,
  select,
  matmul,
  reduce,
  copy_strided,
  gather,
  scatter_add,
  cumulative_sum,
  fill,
  random,
  initial_state_forward,
  initial_state_backward,
  rollout_forward,
  rollout_backward,
  effector_reset,
  effector_reset_backward,
  effector_step,
  effector_step_backward,
  effector_points,
  effector_points_backward,
  effector_rollout_forward,
  effector_rollout_backward,
  closed_loop_forward,
  closed_loop_backward,
  absolute_error_loss,
  squared_error_loss,
  cross_entropy_loss,
  norm_loss,
  gradient_norm,
  optimizer_step,
  cell_jacobian,
  damped_step,
  ceiling,
};

export interface ReferenceOptions {
  /** What f32 tensors are stored in. Default f64, for `check` and gradients; f32 rounds every store, as the oracle of f32 backends. */
  readonly precision?: 'f64' | 'f32';
}

/** Makes a reference backend. Buffers of dtype f32 come back as Float64Array unless precision is f32. Throws nothing. */
export function createReferenceBackend(options: ReferenceOptions = {}): Backend {
  return new ReferenceBackend(options.precision ?? 'f64');
}

class ReferenceBuffer implements BufferHandle {
  readonly dtype: DType;
  readonly length: number;
  readonly owner: ReferenceBackend;
  /** Null once freed. */
  data: Values | null;

  constructor(owner: ReferenceBackend, dtype: DType, data: Values) {
    this.owner = owner;
    this.dtype = dtype;
    this.length = data.length;
    this.data = data;
  }
}

class ReferenceBackend implements Backend {
  readonly description: BackendDescription;
  readonly #precision: 'f64' | 'f32';
  readonly #live = new Set<ReferenceBuffer>();
  #bytes = 0;
  #disposed = false;

  constructor(precision: 'f64' | 'f32') {
    this.#precision = precision;
    this.description = {
      name: 'reference',
      variant: precision,
      threads: 1,
      adapter: null,
      reason: `plain TypeScript loops in f64, stored in ${precision}: the definition of every kernel`,
    };
  }

  allocate(length: number, dtype: DType): BufferHandle {
    this.#checkAlive('allocate');
    const Storage = dtype === 'i32' ? Int32Array : dtype === 'f32' && this.#precision === 'f32' ? Float32Array : Float64Array;
    if (!Number.isInteger(length) || length < 0) throw new BackendError(`reference.allocate: expected a whole number of elements, got ${length}`);
    let data: Values;
    try {
      data = new Storage(length);
    } catch {
      throw new BackendError(
        `reference.allocate: expected room for ${length * Storage.BYTES_PER_ELEMENT} bytes, got none beside the ${this.#bytes} in use; use smaller batches`,
      );
    }
    const buffer = new ReferenceBuffer(this, dtype, data);
    this.#live.add(buffer);
    this.#bytes += data.byteLength;
    return buffer;
  }

  free(buffer: BufferHandle): void {
    const data = this.#dataOf(buffer, 'free');
    this.#bytes -= data.byteLength;
    this.#live.delete(buffer as ReferenceBuffer);
    (buffer as ReferenceBuffer).data = null;
  }

  write(buffer: BufferHandle, data: ArrayLike<number>, offset = 0): void {
    const target = this.#dataOf(buffer, 'write');
    checkRange('write', offset, data.length, target.length);
    target.set(data, offset);
  }

  async read(buffer: BufferHandle, offset = 0, length = buffer.length - offset): Promise<TensorData> {
    const source = this.#dataOf(buffer, 'read');
    checkRange('read', offset, length, source.length);
    return source.slice(offset, offset + length);
  }

  copy(source: BufferHandle, sourceOffset: number, target: BufferHandle, targetOffset: number, length: number): void {
    const from = this.#dataOf(source, 'copy');
    const to = this.#dataOf(target, 'copy');
    if (source.dtype !== target.dtype) throw new ShapeError(`reference.copy: expected two buffers of one dtype, got ${source.dtype} and ${target.dtype}`);
    checkRange('copy', sourceOffset, length, from.length);
    checkRange('copy', targetOffset, length, to.length);
    to.set(from.subarray(sourceOffset, sourceOffset + length), targetOffset);
  }

  run(kernel: string, call: KernelCall): void {
    this.#checkAlive(kernel);
    const opened = this.#open(kernel, call, false);
    const twin = kernels[kernel];
    if (!twin) throw new KernelError(`${kernel}: expected a kernel of the reference backend, got one it lacks`);
    twin(opened);
  }

  scratchLength(kernel: string, argument: string, call: KernelCall): number {
    this.#checkAlive(kernel);
    const opened = this.#open(kernel, call, true);
    if (argument !== 'cache') return 1;
    const length = kernel.startsWith('closed_loop') ? closedLoopCacheLength(opened) : recordLength(opened.variant, cellSizes(opened));
    return opened.dims.B * opened.dims.T * length;
  }

  async finish(): Promise<void> {
    this.#checkAlive('finish');
  }

  bytesInUse(): number {
    return this.#bytes;
  }

  async dispose(): Promise<void> {
    for (const buffer of this.#live) buffer.data = null;
    this.#live.clear();
    this.#bytes = 0;
    this.#disposed = true;
  }

  lostReason(): string | null {
    return this.#disposed ? 'it was disposed' : null;
  }

  /** Checks a call and turns its arguments into arrays of exactly their shape's size. */
  #open(kernel: string, call: KernelCall, skipScratch: boolean): ReferenceCall {
    const { spec, variant, args, dims, params } = resolveCall(kernel, call, skipScratch);
    const opened: Record<string, Values> = {};
    spec.args.forEach(({ name, shape }, i) => {
      const argument = args[i];
      if (!argument) return;
      const data = this.#dataOf(argument.buffer, kernel, name);
      opened[name] = data.subarray(
        0,
        argument.shape.reduce((product, length) => product * length, 1),
      );
      if (shape[0] !== 'scratch' || skipScratch) return;
      const needed = this.scratchLength(kernel, name, call);
      if (data.length < needed) throw new ShapeError(`${kernel}: expected ${name} of at least ${needed} elements, got ${data.length}; ask scratchLength`);
    });
    return { variant, args: opened, dims, params };
  }

  #dataOf(buffer: BufferHandle, where: string, what = 'a buffer'): Values {
    this.#checkAlive(where);
    if (!(buffer instanceof ReferenceBuffer) || buffer.owner !== this)
      throw new BackendError(`${where}: expected ${what} of this reference backend, got one of another backend`);
    if (!buffer.data) throw new BackendError(`${where}: expected ${what} that is in use, got one that was freed; use it before it is freed or its tidy ends`);
    return buffer.data;
  }

  #checkAlive(where: string): void {
    if (this.#disposed) throw new BackendError(`${where}: expected a reference backend in use, got one that was disposed; create another`);
  }
}

function checkRange(where: string, offset: number, length: number, available: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= available)) {
    throw new BackendError(`reference.${where}: expected a range inside ${available} elements, got ${length} from ${offset}`);
  }
}
