// How kernels that run a network over time are put together: its layers, sizes and phases, for rollout-table.ts and loop-table.ts. The shaders' side: shaders/lib/rollout_*.wgsl.
import type { ResolvedCall } from '../catalogue.js';
import type { GpuLimits, GpuPhase, HostArgument } from './kernel-row.js';

/** What a kernel says about the network that it runs. */
export interface NetworkUse {
  readonly call: ResolvedCall;
  readonly host: HostArgument;
  readonly limits: GpuLimits;
  readonly direction: 'forward' | 'backward';
  /** Inputs and outputs of the network: the catalogue's letters differ between kernels. */
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the way back gives the gradient of the network's inputs. */
  readonly inputGradients: boolean;
  /** Rows of the tile's memory, floats of every record, of `cache` and of `scratch` that are the kernel's own. Default 0 each. */
  readonly rows?: number;
  readonly features?: number;
  readonly cacheBefore?: number;
  readonly scratchBefore?: number;
  /** Numbers of the kernel's own table; the network's come behind them. */
  readonly table?: Float32Array;
  /** FLOPs of a trial and step besides the network's, for the length of time chunks. Default 0. */
  readonly work?: number;
}

/** Everything a GpuPlan of such a kernel needs from the network; the kernel adds its own. */
export interface NetworkPlan {
  readonly parts: readonly string[];
  readonly constants: Readonly<Record<string, number | boolean>>;
  /** Names of the numbers, and those values that all phases share. */
  readonly numbers: readonly string[];
  readonly values: Readonly<Record<string, number>>;
  readonly table: Float32Array;
  readonly workspace: number;
  /** Trials of a tile and their number; invocations of a workgroup. */
  readonly tileTrials: number;
  readonly tiles: number;
  readonly workgroup: number;
  /** Floats of `cache` and of `scratch`, with the kernel's own. */
  readonly cacheFloats: number;
  readonly scratchFloats: number;
  /** All dispatches: packing, the kernel's entry in chunks of time, backward the weight gradient. `more` are the kernel's own numbers. */
  phases(entry: string, more?: Readonly<Record<string, number>>): GpuPhase[];
}
