// The `gpujs` backend: kernels that gpu.js translates, for browsers with WebGL2 and no WebGPU; in Node its WebAssembly and plain JavaScript, by name.
import { BackendError, KernelError, ShapeError } from '../../errors.js';
import { type GpujsLibrary, loadGpujs } from '../../platform/gpujs.js';
import type { Backend, BackendDescription, BufferHandle, DType, KernelCall, TensorData } from '../backend.js';
import { checkBody } from '../body-check.js';
import { kernelSpec, type ResolvedCall, resolveCall } from '../catalogue.js';
import { GpujsArray } from './array.js';
import type { GpujsCall } from './kernel.js';
import { kernelTable } from './kernel-table.js';
import { type GpujsVariant, gpujsVariants, Launcher } from './launcher.js';
import { keptLength, openNetwork } from './network.js';

export type { GpujsVariant };

/** gpu.js counts elements in floats: whole numbers are exact below this. */
const longestArray = 2 ** 24;

export interface GpujsOptions {
  /** Default: `webgl2` where there is one, else `webasm`. */
  readonly variant?: GpujsVariant;
  /** Also take a WebGL2 that computes on the processor. Default true. */
  readonly software?: boolean;
}

/** The backend, and what it holds on the device. */
export interface GpujsBackend extends Backend {
  /** Textures (arrays, where gpu.js computes on the processor) that hold values now, besides one for each compiled kernel. */
  valuesInUse(): number;
}

/** Loads gpu.js and starts it. Throws BackendError that says what to install, or why the variant cannot be had here. */
export async function createGpujsBackend({ variant, software = true }: GpujsOptions = {}): Promise<GpujsBackend> {
  if (variant !== undefined && !gpujsVariants.includes(variant))
    throw new BackendError(`gpujs: expected a variant among ${gpujsVariants.join(', ')}, got "${variant}"`);
  let library: GpujsLibrary;
  try {
    library = await loadGpujs();
  } catch (error) {
    throw new BackendError(`gpujs: ${error instanceof Error ? error.message : String(error)}`);
  }
  const chosen = variant ?? (library.isWebGL2Supported ? 'webgl2' : 'webasm');
  if (chosen === 'webgl2' && !library.isWebGL2Supported)
    throw new BackendError('gpujs: expected WebGL2 with textures of floats, got none here; use another variant or backend');
  if (chosen === 'webasm' && !library.isWebAssemblySupported) throw new BackendError('gpujs: expected WebAssembly with SIMD, got none here; use variant cpu');
  const backend = new LaunchingBackend(new Launcher(library, chosen), variant !== undefined);
  if (backend.description.software && !software) {
    await backend.dispose();
    throw new BackendError(`gpujs: expected WebGL2 on hardware, got ${backend.description.adapter}, which is taken by name only`);
  }
  return backend;
}

class LaunchingBackend implements GpujsBackend {
  readonly description: BackendDescription;
  readonly arrayLimit = 4 * longestArray;
  readonly stepsBetweenReads: number;
  readonly #launcher: Launcher;
  readonly #live = new Set<GpujsArray>();
  #bytes = 0;
  #lost: string | null = null;

  constructor(launcher: Launcher, asked: boolean) {
    this.#launcher = launcher;
    const { variant } = launcher;
    const adapter = variant === 'webgl2' ? rendererOf(launcher) : null;
    const software = adapter !== null && /swiftshader|llvmpipe|softpipe|basic render|software|warp/i.test(adapter);
    const how = {
      webgl2: `WebGL2 of ${adapter}${software ? ' (software: computes on the processor, slowly)' : ''}`,
      webasm: 'its WebAssembly, on one thread',
      cpu: 'its plain JavaScript, on one thread',
    };
    this.description = { name: 'gpujs', variant, threads: 1, adapter, software, reason: `gpu.js on ${how[variant]}${asked ? ', as asked for' : ''}` };
    this.stepsBetweenReads = variant === 'webgl2' ? 4 : 1;
    const surface = launcher.canvas as { addEventListener?(type: string, listener: () => void): void } | null;
    if (variant === 'webgl2') surface?.addEventListener?.('webglcontextlost', () => this.#fail('the browser took its WebGL context away'));
  }

  allocate(length: number, dtype: DType): BufferHandle {
    this.#check();
    if (!Number.isSafeInteger(length) || length < 0) throw new BackendError(`gpujs.allocate: expected a whole number of elements, got ${length}`);
    if (dtype === 'f64') throw new BackendError('gpujs.allocate: expected an array of f32 or i32, got f64, which gpu.js lacks; use the wasm backend');
    if (length > longestArray) {
      throw new BackendError(
        `gpujs.allocate: expected an array of at most ${longestArray} elements, which gpu.js can count, got ${length}; use fewer trials at once or shorter ones`,
      );
    }
    const array = new GpujsArray(this.#launcher, dtype, length);
    this.#live.add(array);
    this.#bytes += 4 * length;
    return array;
  }

  free(buffer: BufferHandle): void {
    const array = this.#array(buffer);
    array.clear();
    array.freed = true;
    this.#live.delete(array);
    this.#bytes -= 4 * array.length;
  }

  write(buffer: BufferHandle, data: ArrayLike<number>, offset = 0): void {
    const array = this.#array(buffer);
    checkRange('write', array, offset, data.length);
    if (data.length === 0) return;
    const values = data.length === array.length ? (array.dtype === 'i32' ? new Int32Array(array.length) : new Float32Array(array.length)) : array.data.slice();
    values.set(data, offset);
    array.setHost(values);
  }

  async read(buffer: BufferHandle, offset = 0, length = buffer.length - offset): Promise<TensorData> {
    const array = this.#array(buffer);
    checkRange('read', array, offset, length);
    return array.data.slice(offset, offset + length);
  }

  copy(source: BufferHandle, sourceOffset: number, target: BufferHandle, targetOffset: number, length: number): void {
    const [from, to] = [this.#array(source), this.#array(target)];
    if (from.dtype !== to.dtype) throw new ShapeError(`copy: expected buffers of one dtype, got ${from.dtype} and ${to.dtype}`);
    checkRange('copy', from, sourceOffset, length);
    checkRange('copy', to, targetOffset, length);
    if (length === 0) return;
    if (from.host) {
      this.write(target, from.host.slice(sourceOffset, sourceOffset + length), targetOffset);
      return;
    }
    const body = 'const k = i - to; if (k < 0 || k >= count) { return target[i]; } return source[k + from];';
    const ints = { to: targetOffset, from: sourceOffset, count: length };
    to.setDevice(this.#launcher.run(body, to.length, { source: from.value, target: to.value }, { ints }));
  }

  run(kernel: string, call: KernelCall): void {
    this.#check();
    const resolved = resolveCall(kernel, call);
    const body = kernelTable[kernel];
    if (!body) {
      throw new KernelError(
        `${kernel}: expected a kernel of the gpujs backend, got one it lacks: ${kernelSpec(kernel).absent?.['gpujs'] ?? 'it has no row in the kernel table'}`,
      );
    }
    const opened = this.#open(resolved, call);
    const { body_layout, body: table } = opened.args;
    if (body_layout && table) checkBody(kernel, heldBy(resolved, 'body_layout', body_layout), heldBy(resolved, 'body', table), resolved.dims);
    try {
      body(opened);
    } catch (error) {
      const reason = this.lostReason();
      if (reason !== null) throw new BackendError(`gpujs: expected a working backend, got one that ended: ${reason}`);
      if (error instanceof KernelError || error instanceof ShapeError || error instanceof BackendError) throw error;
      throw new KernelError(
        `${kernel}: expected gpu.js to run it (variant ${resolved.variant}), got "${error instanceof Error ? error.message : String(error)}"`,
      );
    }
  }

  scratchLength(kernel: string, argument: string, call: KernelCall): number {
    this.#check();
    if (!kernelSpec(kernel).args.some(({ name, shape }) => name === argument && shape[0] === 'scratch'))
      throw new KernelError(`${kernel}: expected the name of an opaque argument, got "${argument}"`);
    const resolved = resolveCall(kernel, call, true);
    return argument === 'cache' && kernel.startsWith('rollout') ? this.#cacheLength(resolved) : 1;
  }

  async finish(): Promise<void> {
    this.#check();
    (this.#launcher.context as { finish?(): void } | null)?.finish?.();
  }

  bytesInUse(): number {
    return this.#bytes;
  }

  valuesInUse(): number {
    return this.#launcher.live;
  }

  dispatchCount(): { dispatches: number; timeChunks: number } {
    return { dispatches: this.#launcher.launches, timeChunks: 0 };
  }

  async dispose(): Promise<void> {
    if (this.#lost !== null) return;
    for (const array of this.#live) array.clear();
    this.#live.clear();
    this.#bytes = 0;
    this.#lost = 'it was disposed';
    await this.#launcher.dispose();
  }

  lostReason(): string | null {
    const context = this.#launcher.context as { isContextLost?(): boolean } | null;
    if (this.#lost === null && context?.isContextLost?.()) this.#fail('the browser took its WebGL context away');
    return this.#lost;
  }

  #fail(reason: string): void {
    this.#lost ??= reason;
  }

  #check(): void {
    if (this.#lost !== null) throw new BackendError(`gpujs: expected a working backend, got one that ended: ${this.#lost}`);
  }

  #array(buffer: BufferHandle): GpujsArray {
    this.#check();
    if (!(buffer instanceof GpujsArray) || buffer.launcher !== this.#launcher)
      throw new BackendError('gpujs: expected a buffer of this backend, got one of another');
    if (buffer.freed) throw new BackendError(`gpujs: expected a live buffer, got one of ${buffer.length} elements that was freed`);
    return buffer;
  }

  #open({ spec, variant, args, dims, params }: ResolvedCall, call: KernelCall): GpujsCall {
    const opened: Record<string, GpujsArray> = {};
    spec.args.forEach(({ name, shape }, i) => {
      const argument = args[i];
      if (!argument) return;
      const array = this.#array(argument.buffer);
      opened[name] = array;
      if (shape[0] !== 'scratch') return;
      const needed = this.scratchLength(spec.name, name, call);
      if (array.length < needed) throw new ShapeError(`${spec.name}: expected ${name} of at least ${needed} elements, got ${array.length}; ask scratchLength`);
    });
    return { variant, args: opened, dims, params, launcher: this.#launcher };
  }

  #cacheLength(resolved: ResolvedCall): number {
    const opened: Record<string, GpujsArray> = {};
    resolved.spec.args.forEach(({ name }, i) => {
      const argument = resolved.args[i];
      if (argument) opened[name] = this.#array(argument.buffer);
    });
    const { variant, dims, params } = resolved;
    const network = openNetwork({ variant, args: opened, dims, params, launcher: this.#launcher }, dims.I as number, dims.O as number);
    return (dims.B as number) * keptLength(network, dims.T as number, opened.state_noise !== undefined && !network.plan.noiseInside);
  }
}

/** What the host wrote of an argument, as long as its shape. */
function heldBy({ spec, args }: ResolvedCall, name: string, array: GpujsArray): ArrayLike<number> {
  const shape = args[spec.args.findIndex((argument) => argument.name === name)]?.shape ?? [];
  return array.data.subarray(
    0,
    shape.reduce((product, n) => product * n, 1),
  );
}

/** The name of the GPU behind WebGL, as far as the browser tells. */
function rendererOf({ context }: Launcher): string {
  const gl = context as WebGL2RenderingContext | null;
  if (!gl) return 'an unknown GPU';
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

function checkRange(where: string, array: GpujsArray, offset: number, length: number): void {
  if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= array.length))
    throw new BackendError(`gpujs.${where}: expected a range inside ${array.length} elements, got ${length} from ${offset}`);
}
