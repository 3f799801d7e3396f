// What the WebGPU backend must know about a kernel beyond the catalogue: which parts its shader is put together from, constants, dispatches, its opaque arguments' sizes.
import type { ResolvedCall } from '../catalogue.js';

/** Contents of a small argument as the host wrote it: layer widths, a body's tables. Throws KernelError when a kernel has written to it or it is large. */
export type HostArgument = (argument: string) => ArrayLike<number>;

/** What the device allows, and what measuring says: rows cut their work by it. */
export interface GpuLimits {
  /** Bytes of one storage binding. */
  readonly bindingBytes: number;
  readonly workgroupBytes: number;
  readonly invocations: number;
  /** Steps of time that one dispatch of this kernel may run so that it stays below about 100 ms; `work` is the FLOPs of a step. */
  stepsPerDispatch(kernel: string, work: number): number;
}

/** One dispatch: an entry point of shaders/NAME.wgsl. */
export interface GpuPhase {
  readonly entry: string;
  /** Workgroups in x, y, z; `grid` spreads a long row over x and y. */
  readonly workgroups: readonly number[];
  /** Values of the row's further numbers for this dispatch (`p.NAME`, u32); 0 where left out. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Runs for many time steps: submitted on its own, and measured as so many steps of `work` FLOPs. */
  readonly timed?: { readonly steps: number; readonly work: number };
}

/** How one call of a kernel runs. Everything but `phases`, `table` and `clear` chooses the shader: few different values, few pipelines. */
export interface GpuPlan {
  readonly phases: readonly GpuPhase[];
  /** Files of shaders/lib/ besides those that the kernel's `//@use` lines name. */
  readonly parts?: readonly string[];
  /** `const NAME: u32 = value;` (bool for booleans, f32 for strings like "0.5"): what sizes function-scope arrays, or removes branches. */
  readonly constants?: Readonly<Record<string, number | boolean>>;
  /** Values of the shader's own `override` constants. */
  readonly overrides?: Readonly<Record<string, number>>;
  /** Names of further numbers (u32) in the uniform. */
  readonly numbers?: readonly string[];
  /** Numbers made on the host, read with `table(i)`: the constants of a body. */
  readonly table?: Float32Array;
  /** Elements of f32 of temporary memory, read and written as `workspace: array<vec4f>`; its contents do not survive the call. */
  readonly workspace?: number;
  /**
   * Absent arguments that this call's numbers keep the shader from touching: they get accessors all the same, and their absence needs no shader of its own.
   * `has_NAME` is then true.
   */
  readonly unused?: readonly string[];
  /** Arguments that are set to zero before the phases run. */
  readonly clear?: readonly string[];
}

export interface GpuRow {
  plan(call: ResolvedCall, host: HostArgument, limits: GpuLimits): GpuPlan;
  /** Elements of f32 of each opaque argument; 0 where left out. */
  readonly scratch?: Readonly<Record<string, (call: ResolvedCall, host: HostArgument, limits: GpuLimits) => number>>;
}

/** Most workgroups along one axis under the default limits. */
const axisLimit = 65535;

/** Workgroups for `units` in a row; in the shader, `unit_of(workgroup_id)` gives the unit, which may lie behind the last. */
export function grid(units: number): readonly number[] {
  const count = Math.max(1, Math.ceil(units));
  return count <= axisLimit ? [count, 1, 1] : [axisLimit, Math.ceil(count / axisLimit), 1];
}
