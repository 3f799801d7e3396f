// The `wasm` backend: AssemblyScript kernels with SIMD, on one thread or several. Calls run at once; only the interface's promises are asynchronous.
import { BackendError, KernelError, ShapeError } from '../../errors.js';
import { availableThreads, threadsMissing, wideVectors } from '../../platform/host.js';
import type { Backend, BackendDescription, BufferHandle, DType, KernelArgument, KernelCall, TensorData } from '../backend.js';
import { checkBody } from '../body-check.js';
import { type ResolvedCall, kernelSpec, resolveCall } from '../catalogue.js';
import { type WasmVariant, compileVariant, variantMissing, wasmVariants } from './features.js';
import type { KernelRow, ReadIntegers } from './kernel-row.js';
import { kernelTable } from './kernel-table.js';
import { WasmMemory, maximumPages, pageBytes } from './memory.js';
import { type Pool, singleThread, startPool } from './pool.js';
import type { KernelExport } from './protocol.js';

/** More threads than this never helped, and each takes scratch memory. */
const defaultThreadLimit = 8;
const threadLimit = 64;

export interface WasmOptions {
  /** `simd` (default): the same bits everywhere. `relaxed`: fused multiply-add, faster, bits depend on the processor. */
  variant?: WasmVariant;
  /** Default: the processors available, at most 8; 1 where shared memory is missing. */
  threads?: number;
  /** Largest linear memory in 64 KiB pages; default 65536 (4 GiB). */
  maximumPages?: number;
  /** Products for an engine that joins pairs of 128-bit vectors: faster there and slower elsewhere, the same bits. Default: what the engine does (`enableWideVectors`). */
  wide?: boolean;
}

/** Starts the backend: compiles, instantiates, starts the workers. Throws BackendError with the reason when this host cannot run it. */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend> {
  const variant = options.variant ?? 'simd';
  if (!wasmVariants.includes(variant)) throw new BackendError(`wasm: expected a variant among ${wasmVariants.join(', ')}, got "${variant}"`);
  const missing = variantMissing(variant);
  if (missing !== null) throw new BackendError(`wasm: expected an engine with ${variant}, got one without: ${missing}`);
  const { threads, reason } = chooseThreads(options.threads);
  const module = await compileVariant(variant, threads > 1);
  const { memory, pages } = createMemory(threads > 1, options.maximumPages ?? maximumPages);
  const wide = (options.wide ?? wideVectors()) ? 1 : 0;
  const instance = await WebAssembly.instantiate(module, { env: { memory, wide } });
  const names = [...new Set(Object.values(kernelTable).flatMap((row) => row.phases.map((phase) => phase.export)))];
  const kernels = names.map((name) => instance.exports[name] as KernelExport);
  const absent = names.filter((_, i) => typeof kernels[i] !== 'function');
  if (absent.length > 0) throw new BackendError(`wasm: expected the exports ${absent.join(', ')}, got a binary without them; rebuild it with "npm run build"`);
  const heap = new WasmMemory(memory, (instance.exports['heap_base'] as () => number)(), pages);
  const pool = threads > 1 ? await startPool(module, memory, kernels, names, threads, wide) : singleThread(kernels);
  return new WasmBackend({ name: 'wasm', variant, threads, adapter: null, reason: wide ? `${reason}, vectors of 256 bits` : reason }, heap, pool, names);
}

/** The number of threads and why. */
function chooseThreads(asked: number | undefined): { threads: number; reason: string } {
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1 && asked <= threadLimit))
    throw new BackendError(`wasm: expected 1 to ${threadLimit} threads, got ${asked}`);
  const missing = threadsMissing();
  if (missing !== null) {
    if (asked !== undefined && asked > 1) throw new BackendError(`wasm: expected ${asked} threads, got a host without: ${missing}; use threads: 1`);
    return { threads: 1, reason: `one thread: ${missing}` };
  }
  if (asked !== undefined) return { threads: asked, reason: `${asked === 1 ? 'one thread' : `${asked} threads`} as asked for` };
  const cores = availableThreads();
  const threads = Math.max(1, Math.min(cores, defaultThreadLimit));
  return { threads, reason: `${threads === 1 ? 'one thread' : `${threads} threads`} on ${cores} available processors` };
}

/** A memory with as much room to grow as the host grants: shared ones reserve addresses for all of it at once. */
function createMemory(shared: boolean, limit: number): { memory: WebAssembly.Memory; pages: number } {
  const initial = 16;
  let failure: unknown;
  for (let pages = limit; pages >= Math.min(limit, maximumPages / 8); pages /= 2) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum: pages, shared }), pages };
    } catch (error) {
      failure = error;
    }
  }
  throw new BackendError(`wasm: expected a memory of up to ${limit * pageBytes} bytes, got "${failure instanceof Error ? failure.message : failure}"`);
}

class WasmBackend implements Backend {
  readonly description: BackendDescription;
  readonly memoryLimit: number;
  readonly #heap: WasmMemory;
  readonly #pool: Pool;
  readonly #exportIndex: ReadonlyMap<string, number>;
  #lost: string | null = null;

  constructor(description: BackendDescription, heap: WasmMemory, pool: Pool, names: readonly string[]) {
    this.description = description;
    this.#heap = heap;
    this.memoryLimit = heap.maximumBytes;
    this.#pool = pool;
    this.#exportIndex = new Map(names.map((name, i) => [name, i]));
  }

  allocate(length: number, dtype: DType): BufferHandle {
    this.#check();
    return this.#heap.allocate(length, dtype);
  }

  free(buffer: BufferHandle): void {
    this.#check();
    this.#heap.addressOf(buffer);
    this.#heap.free(buffer as Parameters<WasmMemory['free']>[0]);
  }

  write(buffer: BufferHandle, data: ArrayLike<number>, offset = 0): void {
    this.#check();
    checkRange('write', buffer, offset, data.length);
    this.#heap.view(buffer, offset, data.length).set(data);
  }

  async read(buffer: BufferHandle, offset = 0, length = buffer.length - offset): Promise<TensorData> {
    this.#check();
    checkRange('read', buffer, offset, length);
    // A shared memory's slice would be shared too.
    const view = this.#heap.view(buffer, offset, length);
    return view instanceof Float64Array ? new Float64Array(view) : view instanceof Float32Array ? new Float32Array(view) : new Int32Array(view);
  }

  copy(source: BufferHandle, sourceOffset: number, target: BufferHandle, targetOffset: number, length: number): void {
    this.#check();
    if (source.dtype !== target.dtype) throw new ShapeError(`copy: expected buffers of one dtype, got ${source.dtype} and ${target.dtype}`);
    checkRange('copy', source, sourceOffset, length);
    checkRange('copy', target, targetOffset, length);
    this.#heap.view(target, targetOffset, length).set(this.#heap.view(source, sourceOffset, length));
  }

  run(kernel: string, call: KernelCall): void {
    this.#check();
    const resolved = resolveCall(kernel, call);
    const row = tableRow(kernel);
    this.#checkBody(resolved);
    const { threads } = this.#pool;
    const phases = row.phases.map((phase) => {
      const units = phase.units(resolved, this.#integers(resolved));
      const grain = phase.grain?.(resolved) ?? 1;
      return { export: this.#exportIndex.get(phase.export) as number, units, least: threads > 1 && units > grain ? grain : 0 };
    });
    const pointers = resolved.args.map((argument, i) => this.#pointer(resolved, row, argument, i));
    const { spec, dims, params } = resolved;
    const args = [
      resolved.variantIndex,
      ...pointers,
      ...spec.dims.map((letter) => dims[letter] as number),
      ...spec.params.map(({ name }) => params[name] as number),
    ];
    try {
      this.#pool.launch(phases, args);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new KernelError(
        `${kernel}: expected the kernel (variant ${resolved.variant}) to finish, got "${reason}"; please report this with the shapes of the call`,
      );
    }
  }

  scratchLength(kernel: string, argument: string, call: KernelCall): number {
    this.#check();
    const spec = kernelSpec(kernel);
    if (!spec.args.some(({ name, shape }) => name === argument && shape[0] === 'scratch'))
      throw new KernelError(`${kernel}: expected the name of an opaque argument, got "${argument}"`);
    const resolved = resolveCall(kernel, call, true);
    return scratchOf(tableRow(kernel), argument, resolved, this.#pool.threads, this.#integers(resolved));
  }

  async finish(): Promise<void> {
    this.#check();
  }

  bytesInUse(): number {
    return this.#heap.bytesInUse;
  }

  async dispose(): Promise<void> {
    if (this.#lost !== null) return;
    this.#lost = 'it was disposed';
    await this.#pool.dispose();
  }

  lostReason(): string | null {
    return this.#lost;
  }

  #check(): void {
    if (this.#lost !== null) throw new BackendError(`wasm: expected a working backend, got one that ended: ${this.#lost}`);
  }

  /** Refuses tables of a body that no kernel could follow. */
  #checkBody({ spec, args, dims }: ResolvedCall): void {
    const given = (name: string) => args[spec.args.findIndex((argument) => argument.name === name)];
    const [layout, body] = [given('body_layout'), given('body')];
    if (!layout || !body) return;
    const values = ({ buffer, shape }: KernelArgument) => this.#heap.view(buffer, 0, shape[0] as number);
    checkBody(spec.name, values(layout), values(body), dims);
  }

  /** Reads an i32 argument of a call; empty where it was left out. */
  #integers(call: ResolvedCall): ReadIntegers {
    return (name) => {
      const argument = call.args[call.spec.args.findIndex((spec) => spec.name === name)];
      return argument ? (this.#heap.view(argument.buffer, 0, argument.buffer.length) as Int32Array).slice() : new Int32Array(0);
    };
  }

  /** The address of an argument, 0 for an absent one; an opaque one must be as long as scratchLength says (resolveCall saw to the others). */
  #pointer(call: ResolvedCall, row: KernelRow, argument: KernelArgument | null, index: number): number {
    if (argument === null) return 0;
    const spec = call.spec.args[index] as (typeof call.spec.args)[number];
    const address = this.#heap.addressOf(argument.buffer);
    if (spec.shape[0] !== 'scratch') return address;
    const needed = scratchOf(row, spec.name, call, this.#pool.threads, this.#integers(call));
    if (argument.buffer.length >= needed) return address;
    throw new ShapeError(`${call.spec.name}: expected ${spec.name} of at least ${needed} elements, got ${argument.buffer.length}; ask scratchLength`);
  }
}

function tableRow(kernel: string): KernelRow {
  const row = kernelTable[kernel];
  if (row) return row;
  const reason = kernelSpec(kernel).absent?.['wasm'] ?? 'it has no row in the kernel table';
  throw new KernelError(`${kernel}: expected a kernel of the wasm backend, got one it lacks: ${reason}`);
}

function scratchOf(row: KernelRow, argument: string, call: ResolvedCall, threads: number, integers: ReadIntegers): number {
  return row.scratch?.[argument]?.(call, threads, integers) ?? 0;
}

function checkRange(where: string, buffer: BufferHandle, offset: number, length: number): void {
  if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= buffer.length)) {
    throw new BackendError(`wasm.${where}: expected a range inside ${buffer.length} elements, got ${length} from ${offset}`);
  }
}
