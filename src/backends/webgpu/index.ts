// The `webgpu` backend: hand-written WGSL kernels, in browsers and in Node. Calls are queued; reads wait for them.
import { BackendError, KernelError, ShapeError } from '../../errors.js';
import type { Backend, BackendDescription, BufferHandle, DType, KernelArgument, KernelCall, TensorData } from '../backend.js';
import { checkBody } from '../body-check.js';
import { type ResolvedCall, kernelSpec, resolveCall } from '../catalogue.js';
import { assembleShader, type BindingPlan, shaderKey, uniformOf } from './assemble.js';
import { type OpenDevice, openDevice, type WebgpuOptions } from './device.js';
import { bufferUsage } from './flags.js';
import type { GpuLimits, GpuPlan, GpuRow, HostArgument } from './kernel-row.js';
import { kernelTable } from './kernel-table.js';
import { GpuArray, GpuMemory, type Slab } from './memory.js';
import { GpuPipelines } from './pipelines.js';
import { GpuQueue } from './queue.js';

export type { WebgpuOptions };

/** Seconds that a dispatch of many time steps aims at: half of what a modest GPU's watchdog and a smooth page allow. */
const dispatchSeconds = 0.05;
/** FLOPs per second before anything was measured: so low that the first dispatch is short everywhere. */
const firstRate = { hardware: 5e10, software: 2e8 };

/** Opens the device. Throws BackendError with the reasons when there is no adapter, or none but software and that is not wanted. */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<Backend> {
  return new WebgpuBackend(await openDevice(options));
}

class WebgpuBackend implements Backend {
  readonly description: BackendDescription;
  readonly arrayLimit: number;
  readonly activationBytes: number;
  readonly stepsBetweenReads = 8;
  readonly deviceLimits: Readonly<Record<string, number>>;
  readonly #device: GPUDevice;
  readonly #queue: GpuQueue;
  readonly #memory: GpuMemory;
  readonly #limits: GpuLimits;
  readonly #software: boolean;
  readonly #made: GpuPipelines;
  /** Measured FLOPs per second of a kernel's dispatches. */
  readonly #rates = new Map<string, number>();
  #workspace: GPUBuffer | null = null;
  #timeChunks = 0;
  #lost: string | null = null;

  constructor({ device, found, name, bindingBytes }: OpenDevice) {
    this.#device = device;
    this.#software = found.software;
    const kind = found.software ? 'software adapter: computes on the processor, slowly' : 'hardware adapter';
    this.description = {
      name: 'webgpu',
      variant: 'f32',
      threads: 1,
      adapter: name,
      software: found.software,
      reason: `${name} through ${found.source} (${kind})`,
    };
    this.arrayLimit = bindingBytes;
    this.activationBytes = Math.min(bindingBytes, 2 ** 30);
    const { limits } = device;
    this.deviceLimits = {
      maxStorageBufferBindingSize: bindingBytes,
      maxBufferSize: limits.maxBufferSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    };
    this.#queue = new GpuQueue(device, found.waiting);
    this.#made = new GpuPipelines(device, this.#queue.uniforms, found.waiting, (reason) => this.#fail(reason));
    this.#memory = new GpuMemory(
      (label, bytes, usage) => this.#createBuffer(label, bytes, usage),
      bindingBytes,
      (buffer) => this.#retire(buffer),
    );
    this.#limits = {
      bindingBytes,
      workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
      invocations: device.limits.maxComputeInvocationsPerWorkgroup,
      stepsPerDispatch: (kernel, work) => Math.max(1, Math.floor((dispatchSeconds * this.#rate(kernel)) / Math.max(1, work))),
    };
    device.onuncapturederror = ({ error }) => this.#fail(`the device reported an error: ${error.message}`);
    void device.lost.then(({ message, reason }) => this.#fail(`the device was lost (${reason}${message ? `: ${message}` : ''})`));
  }

  allocate(length: number, dtype: DType): BufferHandle {
    this.#check();
    const array = this.#memory.allocate(length, dtype);
    if (array.slab) this.#queue.push({ kind: 'clear', buffer: array.slab.buffer, offset: array.offset, bytes: 4 * length });
    return array;
  }

  free(buffer: BufferHandle): void {
    this.#check();
    this.#memory.free(this.#array(buffer));
  }

  write(buffer: BufferHandle, data: ArrayLike<number>, offset = 0): void {
    this.#check();
    const array = this.#array(buffer);
    checkRange('write', array, offset, data.length);
    if (data.length === 0) return;
    const values = array.dtype === 'f32' ? Float32Array.from(data) : Int32Array.from(data);
    array.host?.set(values, offset);
    const { buffer: target } = array.slab as Slab;
    this.#queue.push({ kind: 'write', buffer: target, offset: array.offset + 4 * offset, data: new Uint32Array(values.buffer) });
  }

  async read(buffer: BufferHandle, offset = 0, length = buffer.length - offset): Promise<TensorData> {
    this.#check();
    const array = this.#array(buffer);
    checkRange('read', array, offset, length);
    if (length === 0) return array.dtype === 'f32' ? new Float32Array(0) : new Int32Array(0);
    const data = await this.#queue.read((array.slab as Slab).buffer, array.offset + 4 * offset, 4 * length);
    return array.dtype === 'f32' ? new Float32Array(data) : new Int32Array(data);
  }

  copy(source: BufferHandle, sourceOffset: number, target: BufferHandle, targetOffset: number, length: number): void {
    this.#check();
    const [from, to] = [this.#array(source), this.#array(target)];
    if (from.dtype !== to.dtype) throw new ShapeError(`copy: expected buffers of one dtype, got ${from.dtype} and ${to.dtype}`);
    checkRange('copy', from, sourceOffset, length);
    checkRange('copy', to, targetOffset, length);
    if (length === 0) return;
    if (to.host && from.host) to.host.set(from.host.subarray(sourceOffset, sourceOffset + length), targetOffset);
    else to.host = null;
    const bytes = 4 * length;
    const [a, b] = [from.slab as Slab, to.slab as Slab];
    this.#queue.push({ kind: 'copy', from: a.buffer, fromOffset: from.offset + 4 * sourceOffset, to: b.buffer, toOffset: to.offset + 4 * targetOffset, bytes });
  }

  run(kernel: string, call: KernelCall): void {
    this.#check();
    const resolved = resolveCall(kernel, call);
    const row = tableRow(kernel);
    const host = this.#host(resolved);
    this.#checkBody(resolved, host);
    const arrays = resolved.args.map((argument, i) => (argument ? this.#checked(resolved, row, argument, i, host) : null));
    const plan = row.plan(resolved, host, this.#limits);
    for (const name of plan.clear ?? []) this.#clear(resolved, arrays, name);
    if (plan.phases.length > 0) this.#launch(resolved, plan, arrays);
    resolved.spec.args.forEach(({ access }, i) => {
      const array = arrays[i];
      if (array && access !== 'read') array.host = null;
    });
  }

  scratchLength(kernel: string, argument: string, call: KernelCall): number {
    this.#check();
    if (!kernelSpec(kernel).args.some(({ name, shape }) => name === argument && shape[0] === 'scratch'))
      throw new KernelError(`${kernel}: expected the name of an opaque argument, got "${argument}"`);
    const resolved = resolveCall(kernel, call, true);
    return tableRow(kernel).scratch?.[argument]?.(resolved, this.#host(resolved), this.#limits) ?? 0;
  }

  async finish(): Promise<void> {
    this.#check();
    await this.#queue.finish();
  }

  bytesInUse(): number {
    return this.#memory.bytesInUse;
  }

  dispatchCount(): { dispatches: number; timeChunks: number } {
    return { dispatches: this.#queue.dispatches, timeChunks: this.#timeChunks };
  }

  async dispose(): Promise<void> {
    if (this.#lost === null) this.#fail('it was disposed');
    this.#device.destroy();
  }

  lostReason(): string | null {
    return this.#lost;
  }

  #fail(reason: string): void {
    this.#lost ??= reason;
    this.#queue.fail(this.#lost);
  }

  #check(): void {
    if (this.#lost !== null) throw new BackendError(`webgpu: expected a working backend, got one that ended: ${this.#lost}`);
  }

  #array(buffer: BufferHandle): GpuArray {
    if (!(buffer instanceof GpuArray)) throw new BackendError('webgpu: expected a buffer of this backend, got one of another');
    if (buffer.freed) throw new BackendError(`webgpu: expected a live buffer, got one of ${buffer.length} elements that was freed`);
    if (!this.#memory.owns(buffer)) throw new BackendError('webgpu: expected a buffer of this backend, got one of another device');
    return buffer;
  }

  /** Contents of arguments that the host wrote last. */
  #host({ spec, args }: ResolvedCall): HostArgument {
    return (name) => {
      const argument = args[spec.args.findIndex((a) => a.name === name)];
      if (!argument) return new Int32Array(0);
      const { host } = this.#array(argument.buffer);
      if (!host)
        throw new KernelError(
          `${spec.name}: expected ${name} as the host wrote it, of at most 4096 elements, got an array that is larger or that a kernel wrote`,
        );
      return host.subarray(
        0,
        argument.shape.reduce((product, n) => product * n, 1),
      );
    };
  }

  #checkBody({ spec, args, dims }: ResolvedCall, host: HostArgument): void {
    const given = (name: string) => args[spec.args.findIndex((argument) => argument.name === name)];
    if (given('body_layout') && given('body')) checkBody(spec.name, host('body_layout'), host('body'), dims);
  }

  #checked(call: ResolvedCall, row: GpuRow, argument: KernelArgument, index: number, host: HostArgument): GpuArray {
    const array = this.#array(argument.buffer);
    const spec = call.spec.args[index] as (typeof call.spec.args)[number];
    if (spec.shape[0] !== 'scratch') return array;
    const needed = row.scratch?.[spec.name]?.(call, host, this.#limits) ?? 0;
    if (array.length >= needed) return array;
    throw new ShapeError(`${call.spec.name}: expected ${spec.name} of at least ${needed} elements, got ${array.length}; ask scratchLength`);
  }

  #clear({ spec, args }: ResolvedCall, arrays: readonly (GpuArray | null)[], name: string): void {
    const i = spec.args.findIndex((a) => a.name === name);
    const array = arrays[i];
    const length = args[i]?.shape.reduce((product, n) => product * n, 1) ?? 0;
    if (array?.slab && length > 0) this.#queue.push({ kind: 'clear', buffer: array.slab.buffer, offset: array.offset, bytes: 4 * length });
  }

  #launch(call: ResolvedCall, plan: GpuPlan, arrays: readonly (GpuArray | null)[]): void {
    const slabs = [...new Set(arrays.flatMap((array) => (array?.slab ? [array.slab] : [])))];
    const slots = arrays.map((array, i) => (array?.slab ? slabs.indexOf(array.slab) : plan.unused?.includes(call.spec.args[i]?.name ?? '') ? 0 : -1));
    const bindings: BindingPlan = { slabs: slabs.length, workspace: (plan.workspace ?? 0) > 0, table: plan.table !== undefined };
    const storage = bindings.slabs + (bindings.workspace ? 1 : 0) + (bindings.table ? 1 : 0);
    const { maxStorageBuffersPerShaderStage } = this.#device.limits;
    if (storage > maxStorageBuffersPerShaderStage) {
      throw new KernelError(
        `${call.spec.name}: expected arguments in at most ${maxStorageBuffersPerShaderStage} bindings, got ${storage}; use a smaller micro-batch`,
      );
    }
    const buffers = slabs.map(({ buffer }) => buffer);
    if (bindings.workspace) buffers.push(this.#workspaceOf(plan.workspace as number));
    if (plan.table) buffers.push(this.#made.table(plan.table));
    const layout = this.#made.layout(bindings);
    const bindGroup = this.#made.bindGroup(layout, bindings, buffers);
    const key = shaderKey(call, plan, slots);
    const timed = new Set<string>();
    for (const { entry, workgroups, numbers = {}, timed: time } of plan.phases) {
      const pipeline = this.#made.pipeline(key, entry, layout, plan, () => assembleShader(call, plan, slots, bindings));
      const measured = time ? (seconds: number) => this.#measure(call.spec.name, time.steps * time.work, seconds) : null;
      if (time && timed.has(entry)) this.#timeChunks++;
      if (time) timed.add(entry);
      this.#queue.push({ kind: 'dispatch', pipeline, bindGroup, uniform: uniformOf(call, plan, numbers, arrays), workgroups, measured });
    }
  }

  #rate(kernel: string): number {
    return this.#rates.get(kernel) ?? (this.#software ? firstRate.software : firstRate.hardware);
  }

  #measure(kernel: string, work: number, seconds: number): void {
    if (!(seconds > 1e-4)) return; // too short to tell anything
    const known = this.#rates.get(kernel);
    const rate = work / seconds;
    this.#rates.set(kernel, known === undefined ? rate : 0.7 * known + 0.3 * rate);
  }

  /** A buffer of the device. Memory that runs out is reported later: the backend then ends, and its reason gives the sizes. */
  #createBuffer(label: string, size: number, usage: number): GPUBuffer {
    this.#device.pushErrorScope('out-of-memory');
    const buffer = this.#device.createBuffer({ label, size, usage });
    this.#device.popErrorScope().then(
      (error) => {
        if (error)
          this.#fail(
            `it ran out of memory: ${size} bytes more for ${label} were refused, ${this.#memory.bytesInUse} are in arrays; use a smaller batch, micro-batch or model`,
          );
      },
      () => {}, // a lost device says so itself
    );
    return buffer;
  }

  /** Destroys a buffer once queued work is done with it, and forgets what binds it. */
  #retire(buffer: GPUBuffer): void {
    this.#made.forget(buffer);
    this.#queue.push({ kind: 'destroy', buffer });
  }

  #workspaceOf(floats: number): GPUBuffer {
    const bytes = Math.ceil(floats / 64) * 256;
    if (this.#workspace && this.#workspace.size >= bytes) return this.#workspace;
    if (this.#workspace) this.#retire(this.#workspace);
    this.#workspace = this.#createBuffer('the workspace of a kernel', bytes, bufferUsage.storage | bufferUsage.copyTarget);
    return this.#workspace;
  }
}

function tableRow(kernel: string): GpuRow {
  const row = kernelTable[kernel];
  if (row) return row;
  throw new KernelError(
    `${kernel}: expected a kernel of the webgpu backend, got one it lacks: ${kernelSpec(kernel).absent?.['webgpu'] ?? 'it has no row in the kernel table'}`,
  );
}

function checkRange(where: string, array: GpuArray, offset: number, length: number): void {
  if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= array.length))
    throw new BackendError(`webgpu.${where}: expected a range inside ${array.length} elements, got ${length} from ${offset}`);
}
