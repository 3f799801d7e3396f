// Memory of the WebGPU backend: many arrays in few large GPU buffers (slabs), so that a kernel of thirty arguments needs no more than the default eight bindings.
import { BackendError } from '../../errors.js';
import type { BufferHandle, DType } from '../backend.js';
import { bufferUsage } from './flags.js';

/** Arrays begin at multiples of this, as copies and bindings ask for. */
const alignment = 256;
const firstSlabBytes = 1 << 20;
/** Slabs grow up to this; larger ones hold a single array. */
const usualSlabBytes = 1 << 28;
/** Arrays of at most so many elements are also kept on the host while no kernel writes to them. */
const hostLength = 4096;

export interface Slab {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** Free ranges, ascending: [begin, end). */
  free: [number, number][];
}

/** An array on the device. */
export class GpuArray implements BufferHandle {
  readonly dtype: DType;
  readonly length: number;
  readonly slab: Slab | null;
  /** First byte in the slab. */
  readonly offset: number;
  freed = false;
  /** What the host wrote, as long as it is all there is. */
  host: Float32Array | Int32Array | null;

  constructor(dtype: DType, length: number, slab: Slab | null, offset: number) {
    this.dtype = dtype;
    this.length = length;
    this.slab = slab;
    this.offset = offset;
    this.host = length <= hostLength ? (dtype === 'f32' ? new Float32Array(length) : new Int32Array(length)) : null;
  }
}

export class GpuMemory {
  readonly #create: (label: string, bytes: number, usage: number) => GPUBuffer;
  readonly #largest: number;
  readonly #retire: (buffer: GPUBuffer) => void;
  readonly #slabs: Slab[] = [];
  #bytesInUse = 0;

  /** `create` makes a buffer; `largest`: bytes of the largest slab; `retire` destroys a buffer once all queued work is done with it. */
  constructor(create: (label: string, bytes: number, usage: number) => GPUBuffer, largest: number, retire: (buffer: GPUBuffer) => void) {
    this.#create = create;
    this.#largest = Math.floor(largest / alignment) * alignment;
    this.#retire = retire;
  }

  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** Whether an array is of this device: one without elements is of any. */
  owns({ slab }: GpuArray): boolean {
    return slab === null || this.#slabs.includes(slab);
  }

  /** Reserves an array; its contents are what was there before. Throws BackendError for one larger than a binding. */
  allocate(length: number, dtype: DType): GpuArray {
    if (!Number.isSafeInteger(length) || length < 0) throw new BackendError(`webgpu.allocate: expected a whole number of elements, got ${length}`);
    if (dtype === 'f64') throw new BackendError('webgpu.allocate: expected an array of f32 or i32, got f64, which WGSL lacks; use the wasm backend');
    if (length === 0) return new GpuArray(dtype, 0, null, 0);
    const bytes = Math.ceil((4 * length) / alignment) * alignment;
    if (bytes > this.#largest) {
      throw new BackendError(
        `webgpu.allocate: expected an array of at most ${this.#largest} bytes, the largest that this device binds, got ${4 * length} (${length} elements of ${dtype}); use fewer trials at once or shorter ones`,
      );
    }
    const [slab, offset] = this.#take(bytes) ?? this.#grow(bytes);
    this.#bytesInUse += 4 * length;
    return new GpuArray(dtype, length, slab, offset);
  }

  free(array: GpuArray): void {
    array.freed = true;
    const { slab, offset, length } = array;
    if (!slab) return;
    this.#bytesInUse -= 4 * length;
    const bytes = Math.ceil((4 * length) / alignment) * alignment;
    const at = slab.free.findIndex(([begin]) => begin > offset);
    slab.free.splice(at < 0 ? slab.free.length : at, 0, [offset, offset + bytes]);
    slab.free = slab.free.reduce<[number, number][]>((merged, range) => {
      const last = merged.at(-1);
      if (last && last[1] === range[0]) last[1] = range[1];
      else merged.push(range);
      return merged;
    }, []);
    // Slabs made for large arrays go when they are empty; the first ones stay for what comes next.
    const empty = slab.free.length === 1 && slab.free[0]?.[0] === 0 && slab.free[0][1] === slab.bytes;
    if (empty && slab.bytes > 16 * firstSlabBytes) {
      this.#slabs.splice(this.#slabs.indexOf(slab), 1);
      this.#retire(slab.buffer);
    }
  }

  #take(bytes: number): [Slab, number] | null {
    for (const slab of this.#slabs) {
      const at = slab.free.findIndex(([begin, end]) => end - begin >= bytes);
      if (at < 0) continue;
      const range = slab.free[at] as [number, number];
      const offset = range[0];
      range[0] += bytes;
      if (range[0] === range[1]) slab.free.splice(at, 1);
      return [slab, offset];
    }
    return null;
  }

  /** A new slab, much larger than the last, with the array at its beginning: few slabs, few bindings. */
  #grow(bytes: number): [Slab, number] {
    const last = this.#slabs.reduce((most, slab) => Math.max(most, slab.bytes), firstSlabBytes / 8);
    const size = Math.max(bytes, Math.min(this.#largest, usualSlabBytes, 8 * last));
    const buffer = this.#create(`slab ${this.#slabs.length}`, size, bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget);
    const slab: Slab = { buffer, bytes: size, free: size > bytes ? [[bytes, size]] : [] };
    this.#slabs.push(slab);
    return [slab, 0];
  }
}
