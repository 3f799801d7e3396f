// The allocator of the WASM backend: blocks of one growing linear memory, 64-byte aligned, best fit, neighbours joined when freed.
// The book is kept in JavaScript, so kernels cannot damage it; freed space is reused before the memory grows, since it never shrinks.
import { BackendError } from '../../errors.js';
import type { BufferHandle, DType, TensorData } from '../backend.js';

export const pageBytes = 65536;
/** 4 GiB, the end of 32-bit addresses. */
export const maximumPages = 65536;
const alignment = 64;
const views = { f32: Float32Array, i32: Int32Array, f64: Float64Array } as const;
const bytesOf = (dtype: DType): number => views[dtype].BYTES_PER_ELEMENT;

/** A live or freed piece of the linear memory. */
export class WasmBuffer implements BufferHandle {
  readonly dtype: DType;
  readonly length: number;
  readonly owner: WasmMemory;
  /** Byte address, −1 once freed. */
  address: number;

  constructor(owner: WasmMemory, dtype: DType, length: number, address: number) {
    this.owner = owner;
    this.dtype = dtype;
    this.length = length;
    this.address = address;
  }
}

interface Gap {
  start: number;
  size: number;
}

export class WasmMemory {
  readonly memory: WebAssembly.Memory;
  /** Size that the memory may grow to. */
  readonly maximumBytes: number;
  /** Free space below `#end`, by ascending address; no two touch. */
  readonly #gaps: Gap[] = [];
  /** Everything from here on was never handed out: still zero, and not yet resident. */
  #end: number;
  #bytesInUse = 0;

  /** `base` is the first free byte; `pages` the largest number of 64 KiB pages the memory may have. */
  constructor(memory: WebAssembly.Memory, base: number, pages: number) {
    this.memory = memory;
    this.#end = roundUp(base);
    this.maximumBytes = pages * pageBytes;
  }

  /** Bytes in live buffers, without padding. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** Reserves `length` elements, set to zero. Throws BackendError with the sizes when memory runs out. */
  allocate(length: number, dtype: DType): WasmBuffer {
    if (!Number.isSafeInteger(length) || length < 0) throw new BackendError(`wasm: expected a length ≥ 0 to allocate, got ${length}`);
    const bytes = length * bytesOf(dtype);
    const size = roundUp(Math.max(1, bytes));
    const address = this.#takeGap(size) ?? this.#extend(size, `${length} elements (${bytes} bytes)`);
    this.#bytesInUse += bytes;
    return new WasmBuffer(this, dtype, length, address);
  }

  free(buffer: WasmBuffer): void {
    const start = this.addressOf(buffer);
    buffer.address = -1;
    const bytes = buffer.length * bytesOf(buffer.dtype);
    this.#bytesInUse -= bytes;
    this.#giveBack({ start, size: roundUp(Math.max(1, bytes)) });
  }

  /** The address of a live buffer of this memory. Throws BackendError for a freed or foreign one. */
  addressOf(buffer: BufferHandle): number {
    if (!(buffer instanceof WasmBuffer) || buffer.owner !== this)
      throw new BackendError('wasm: expected a buffer of this backend, got one of another; copy it through the host with read and write');
    if (buffer.address < 0)
      throw new BackendError(`wasm: expected a live buffer, got one of ${buffer.length} ${buffer.dtype} that was freed; keep the tensor until its last use`);
    return buffer.address;
  }

  /** A view of `length` elements from `offset`, valid until the memory grows. */
  view(buffer: BufferHandle, offset: number, length: number): TensorData {
    return new views[buffer.dtype](this.memory.buffer, this.addressOf(buffer) + offset * bytesOf(buffer.dtype), length);
  }

  /** Best fit: the smallest gap that is large enough, the lowest of equals; zeroed. */
  #takeGap(size: number): number | null {
    let best = -1;
    for (let i = 0; i < this.#gaps.length; i++) {
      const gap = this.#gaps[i] as Gap;
      if (gap.size >= size && (best < 0 || gap.size < (this.#gaps[best] as Gap).size)) best = i;
    }
    if (best < 0) return null;
    const gap = this.#gaps[best] as Gap;
    const address = gap.start;
    gap.start += size;
    gap.size -= size;
    if (gap.size === 0) this.#gaps.splice(best, 1);
    new Uint8Array(this.memory.buffer, address, size).fill(0);
    return address;
  }

  /** Takes space behind everything handed out so far, joined with a gap that ends there, and grows the memory as needed. */
  #extend(size: number, asked: string): number {
    const last = this.#gaps.at(-1);
    const joins = last !== undefined && last.start + last.size === this.#end;
    const address = joins ? last.start : this.#end;
    const missing = address + size - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / pageBytes), asked);
    if (joins) {
      this.#gaps.pop();
      new Uint8Array(this.memory.buffer, address, last.size).fill(0);
    }
    this.#end = address + size;
    return address;
  }

  #grow(pages: number, asked: string): void {
    const refuse = (reason: string) =>
      new BackendError(
        `wasm: expected room for ${asked}, got ${reason}: ${this.#bytesInUse} bytes are in use of at most ${this.maximumBytes}; use a smaller batch, micro-batch or model`,
      );
    if (this.memory.buffer.byteLength + pages * pageBytes > this.maximumBytes) throw refuse('no space');
    try {
      this.memory.grow(pages);
    } catch (error) {
      throw refuse(`"${error instanceof Error ? error.message : error}"`);
    }
  }

  #giveBack(gap: Gap): void {
    let at = this.#gaps.findIndex((other) => other.start > gap.start);
    if (at < 0) at = this.#gaps.length;
    const before = this.#gaps[at - 1];
    const after = this.#gaps[at];
    if (after && gap.start + gap.size === after.start) {
      gap.size += after.size;
      this.#gaps.splice(at, 1);
    }
    if (before && before.start + before.size === gap.start) before.size += gap.size;
    else this.#gaps.splice(at, 0, gap);
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
