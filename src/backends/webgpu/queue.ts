// The order of things on the device: dispatches, writes, copies and reads happen as they were asked for, although shaders compile in the background.
// Commands wait in a list; `#pump` encodes them until it meets a shader that is still being compiled, and goes on when that is done.
import { BackendError } from '../../errors.js';
import type { Waiting } from '../../platform/patience.js';
import { bufferUsage, mapForReading } from './flags.js';

/** A shader on its way: created once, waited for by the first command that needs it. */
export interface Pipeline {
  pipeline: GPUComputePipeline | null;
  readonly ready: Promise<void>;
}

interface Dispatch {
  readonly kind: 'dispatch';
  readonly pipeline: Pipeline;
  readonly bindGroup: GPUBindGroup;
  readonly uniform: Uint32Array;
  readonly workgroups: readonly number[];
  /** Submitted on its own; told how many seconds it took. */
  readonly measured: ((seconds: number) => void) | null;
}
type Command =
  | Dispatch
  | { readonly kind: 'write'; readonly buffer: GPUBuffer; readonly offset: number; readonly data: Uint32Array }
  | { readonly kind: 'clear'; readonly buffer: GPUBuffer; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'copy'; readonly from: GPUBuffer; readonly fromOffset: number; readonly to: GPUBuffer; readonly toOffset: number; readonly bytes: number }
  | {
      readonly kind: 'read';
      readonly buffer: GPUBuffer;
      readonly offset: number;
      readonly bytes: number;
      readonly done: (data: ArrayBuffer) => void;
      readonly fail: (error: Error) => void;
    }
  | { readonly kind: 'finish'; readonly done: () => void; readonly fail: (error: Error) => void }
  | { readonly kind: 'destroy'; readonly buffer: GPUBuffer };

/** Bytes of all numbers between two submissions; a launch takes a multiple of 256. */
const uniformBytes = 1 << 17;
const uniformAlignment = 256;

export class GpuQueue {
  readonly uniforms: GPUBuffer;
  dispatches = 0;
  readonly #device: GPUDevice;
  readonly #patience: Waiting;
  readonly #commands: Command[] = [];
  readonly #numbers = new Uint32Array(uniformBytes / 4);
  #numbersUsed = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #waiting = false;
  #lost: string | null = null;
  #idleSince = 0;

  constructor(device: GPUDevice, waiting: Waiting) {
    this.#device = device;
    this.#patience = waiting;
    this.uniforms = device.createBuffer({ label: 'numbers', size: uniformBytes + 1024, usage: bufferUsage.uniform | bufferUsage.copyTarget });
  }

  push(command: Command): void {
    this.#commands.push(command);
    this.#pump();
  }

  read(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    return new Promise((done, fail) => this.push({ kind: 'read', buffer, offset, bytes, done, fail }));
  }

  finish(): Promise<void> {
    return new Promise((done, fail) => this.push({ kind: 'finish', done, fail }));
  }

  /** Ends everything that waits; later commands end at once. */
  fail(reason: string): void {
    this.#lost ??= reason;
    this.#encoder = null;
    this.#pass = null;
    for (const command of this.#commands.splice(0)) {
      if (command.kind === 'read' || command.kind === 'finish') command.fail(new BackendError(this.#message()));
    }
  }

  #message(): string {
    return `webgpu: expected a working device, got one that ended: ${this.#lost}`;
  }

  #pump(): void {
    if (this.#waiting) return;
    for (let next = this.#commands[0]; next; next = this.#commands[0]) {
      if (this.#lost !== null) {
        this.fail(this.#lost);
        return;
      }
      if (next.kind === 'dispatch' && next.pipeline.pipeline === null) {
        this.#waiting = true;
        const go = () => {
          this.#waiting = false;
          this.#pump();
        };
        void next.pipeline.ready.then(go, go);
        return;
      }
      this.#commands.shift();
      try {
        this.#encode(next);
      } catch (error) {
        this.fail(error instanceof Error ? error.message : String(error));
        if (next.kind === 'read' || next.kind === 'finish') next.fail(new BackendError(this.#message()));
      }
    }
  }

  #encode(command: Command): void {
    switch (command.kind) {
      case 'dispatch':
        this.#dispatch(command);
        break;
      case 'write':
        this.#submit();
        this.#device.queue.writeBuffer(command.buffer, command.offset, command.data as Uint32Array<ArrayBuffer>);
        break;
      case 'clear':
        this.#commandEncoder().clearBuffer(command.buffer, command.offset, command.bytes);
        break;
      case 'copy':
        this.#copy(command.from, command.fromOffset, command.to, command.toOffset, command.bytes);
        break;
      case 'read':
        this.#read(command);
        break;
      case 'finish':
        this.#submit();
        this.#patience(() => this.#device.queue.onSubmittedWorkDone()).then(
          () => (this.#lost === null ? command.done() : command.fail(new BackendError(this.#message()))),
          () => command.fail(new BackendError(this.#message())),
        );
        break;
      case 'destroy':
        this.#submit();
        command.buffer.destroy();
        break;
    }
  }

  #dispatch({ pipeline, bindGroup, uniform, workgroups, measured }: Dispatch): void {
    const words = Math.ceil(uniform.length / (uniformAlignment / 4)) * (uniformAlignment / 4);
    if (measured || this.#numbersUsed + words > this.#numbers.length) this.#submit();
    const at = this.#numbersUsed;
    this.#numbers.set(uniform, at);
    this.#numbersUsed += words;
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(pipeline.pipeline as GPUComputePipeline);
    this.#pass.setBindGroup(0, bindGroup, [4 * at]);
    this.#pass.dispatchWorkgroups(workgroups[0] ?? 1, workgroups[1] ?? 1, workgroups[2] ?? 1);
    this.dispatches++;
    if (measured) this.#measure(measured);
  }

  /** Seconds from the end of what came before (or from now) to the end of what is encoded. */
  #measure(measured: (seconds: number) => void): void {
    const { queue } = this.#device;
    this.#submit();
    const submitted = performance.now();
    this.#patience(() => queue.onSubmittedWorkDone()).then(
      () => {
        const now = performance.now();
        measured((now - Math.max(submitted, this.#idleSince)) / 1000);
        this.#idleSince = now;
      },
      () => undefined,
    );
  }

  #copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, bytes: number): void {
    const encoder = this.#commandEncoder();
    if (from !== to) {
      encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
      return;
    }
    const between = this.#device.createBuffer({ size: bytes, usage: bufferUsage.copySource | bufferUsage.copyTarget });
    encoder.copyBufferToBuffer(from, fromOffset, between, 0, bytes);
    encoder.copyBufferToBuffer(between, 0, to, toOffset, bytes);
    this.#commands.unshift({ kind: 'destroy', buffer: between });
  }

  #read({ buffer, offset, bytes, done, fail }: Extract<Command, { kind: 'read' }>): void {
    const staging = this.#device.createBuffer({ size: bytes, usage: bufferUsage.mapRead | bufferUsage.copyTarget });
    this.#commandEncoder().copyBufferToBuffer(buffer, offset, staging, 0, bytes);
    this.#submit();
    this.#patience(() => staging.mapAsync(mapForReading)).then(
      () => {
        const data = staging.getMappedRange().slice(0);
        staging.destroy();
        this.#idleSince = performance.now();
        if (this.#lost === null) done(data);
        else fail(new BackendError(this.#message()));
      },
      (error) => {
        this.#lost ??= `a read failed: ${error instanceof Error ? error.message : String(error)}`;
        fail(new BackendError(this.#message()));
      },
    );
  }

  /** An encoder outside of a compute pass. */
  #commandEncoder(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = null;
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  #submit(): void {
    if (!this.#encoder) return;
    const encoder = this.#commandEncoder();
    this.#encoder = null;
    if (this.#numbersUsed > 0) this.#device.queue.writeBuffer(this.uniforms, 0, this.#numbers, 0, this.#numbersUsed);
    this.#numbersUsed = 0;
    this.#device.queue.submit([encoder.finish()]);
  }
}
