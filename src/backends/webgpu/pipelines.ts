// What a device compiled and bound for launches, each made once: shaders, pipelines, layouts, bind groups, tables made on the host.
import type { Waiting } from '../../platform/patience.js';
import type { BindingPlan } from './assemble.js';
import { bufferUsage, computeStage } from './flags.js';
import type { GpuPlan } from './kernel-row.js';
import type { Pipeline } from './queue.js';

export class GpuPipelines {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #patience: Waiting;
  readonly #fail: (reason: string) => void;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #names = new WeakMap<GPUBuffer, number>();
  readonly #tables = new Map<string, GPUBuffer>();
  #buffers = 0;

  /** `uniforms` holds the numbers of all dispatches; `fail` ends the backend when a shader does not compile. */
  constructor(device: GPUDevice, uniforms: GPUBuffer, patience: Waiting, fail: (reason: string) => void) {
    this.#device = device;
    this.#uniforms = uniforms;
    this.#patience = patience;
    this.#fail = fail;
  }

  /** The pipeline of an entry point, compiled in the background; `text` is asked for once a shader. */
  pipeline(key: string, entry: string, layout: GPUBindGroupLayout, plan: GpuPlan, text: () => string): Pipeline {
    const overrides = plan.overrides ?? {};
    const full = `${key}|${entry}|${JSON.stringify(overrides)}`;
    const known = this.#pipelines.get(full);
    if (known) return known;
    let module = this.#modules.get(key);
    if (!module) {
      module = this.#device.createShaderModule({ label: key, code: text() });
      this.#modules.set(key, module);
    }
    const compiled = module;
    const used = Object.entries(overrides);
    const pipeline: Pipeline = {
      pipeline: null,
      ready: this.#patience(() =>
        this.#device.createComputePipelineAsync({
          label: full,
          layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: { module: compiled, entryPoint: entry, constants: Object.fromEntries(used) },
        }),
      ).then(
        (made) => {
          pipeline.pipeline = made;
        },
        (error) => this.#fail(`the shader ${full} does not compile: ${error instanceof Error ? error.message : String(error)}`),
      ),
    };
    this.#pipelines.set(full, pipeline);
    return pipeline;
  }

  /** The layout of a launch's bindings. */
  layout({ slabs, workspace, table }: BindingPlan): GPUBindGroupLayout {
    const key = `${slabs} ${workspace} ${table}`;
    const known = this.#layouts.get(key);
    if (known) return known;
    const types: GPUBufferBindingType[] = [
      ...Array.from({ length: slabs + (workspace ? 1 : 0) }, () => 'storage' as const),
      ...(table ? (['read-only-storage'] as const) : []),
    ];
    const layout = this.#device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...types.map((type, i) => ({ binding: i + 1, visibility: computeStage, buffer: { type } })),
      ],
    });
    this.#layouts.set(key, layout);
    return layout;
  }

  /** The bindings of a launch: numbers, then `buffers` in the order of the plan. */
  bindGroup(layout: GPUBindGroupLayout, { slabs, workspace, table }: BindingPlan, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const key = `${slabs} ${workspace} ${table}|${buffers.map((buffer) => this.#nameOf(buffer)).join(' ')}`;
    const known = this.#bindGroups.get(key);
    if (known) return known;
    const group = this.#device.createBindGroup({
      layout,
      entries: [{ binding: 0, resource: { buffer: this.#uniforms, size: 1024 } }, ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } }))],
    });
    this.#bindGroups.set(key, group);
    return group;
  }

  /** Forgets what binds a buffer that is about to be destroyed. */
  forget(buffer: GPUBuffer): void {
    const name = String(this.#nameOf(buffer));
    for (const key of this.#bindGroups.keys()) if (key.split('|')[1]?.split(' ').includes(name)) this.#bindGroups.delete(key);
  }

  /** A buffer with these numbers. */
  table(table: Float32Array): GPUBuffer {
    const key = Array.from(new Uint32Array(table.buffer, table.byteOffset, table.length)).join(' ');
    const known = this.#tables.get(key);
    if (known) return known;
    const buffer = this.#device.createBuffer({ label: 'table', size: Math.max(16, table.byteLength), usage: bufferUsage.storage | bufferUsage.copyTarget });
    this.#device.queue.writeBuffer(buffer, 0, table as Float32Array<ArrayBuffer>);
    this.#tables.set(key, buffer);
    return buffer;
  }

  #nameOf(buffer: GPUBuffer): number {
    const known = this.#names.get(buffer);
    if (known !== undefined) return known;
    this.#names.set(buffer, this.#buffers);
    return this.#buffers++;
  }
}
