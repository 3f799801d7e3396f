// How kernels that run a network over time are put together: sizes, memory and phases, for rollout-table.ts and loop-table.ts. The shaders' side: shaders/lib/rollout_*.wgsl.
import { KernelError, ShapeError } from '../../errors.js';
import type { ResolvedCall } from '../catalogue.js';
import { type GpuLimits, type GpuPhase, grid, type HostArgument } from './kernel-row.js';
import { type Layers, layersOf, type Network } from './rollout-layers.js';
import { fours, layMemory } from './rollout-memory.js';

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
  /** The kernel's own table; the network's numbers come behind it. */
  readonly table?: Float32Array;
  /** FLOPs of a trial and step besides the network's, for the length of time chunks. Default 0. */
  readonly work?: number;
}

/** Everything a GpuPlan of such a kernel needs from the network; the kernel adds its own. */
export interface NetworkPlan {
  readonly parts: readonly string[];
  readonly constants: Readonly<Record<string, number | boolean>>;
  /** Optional arguments of the network that this call lacks. */
  readonly unused: readonly string[];
  /** Names of the numbers. */
  readonly numbers: readonly string[];
  readonly table: Float32Array;
  readonly workspace: number;
  /** All dispatches: packing, the kernel's entry in chunks of time, backward the weight gradient. `more` are the kernel's own numbers. */
  phases(entry: string, more?: Readonly<Record<string, number>>): GpuPhase[];
}

/** Most slices of K = T · B in the weight gradient, fewest steps and trials of a slice, most floats of all slices' sums together where two need less. */
const mostSlices = 64;
const sliceLength = 256;
const sumFloats = 2 ** 22;

/** Whether a call has an optional argument. */
export const given = ({ spec, args }: ResolvedCall, name: string): boolean => args[spec.args.findIndex((argument) => argument.name === name)] != null;

/** Arguments whose absence the numbers tell the shaders. */
const optional = ['state_noise', 'unit_row', 'unit_gain', 'unit_shift', 'cache', 'states', 'd_states'];

function networkOf({ call, host, inputs, outputs }: NetworkUse): Network {
  const { variant, params } = call;
  return {
    cell: variant,
    inputs,
    outputs,
    hidden: params['hidden_size'] as number,
    widths: variant === 'node' ? Array.from(host('layer_sizes')) : [],
    ctdb: params['ctdb'] !== 0,
    noisy: variant !== 'driscoll' && given(call, 'state_noise'),
    changed: given(call, 'unit_row'),
  };
}

/** Floats of `cache`: T + 1 records a trial. */
export function cacheFloats(use: NetworkUse): number {
  const { B, T } = use.call.dims as { B: number; T: number };
  return (use.cacheBefore ?? 0) + B * (T + 1) * (layersOf(networkOf(use)).record + (use.features ?? 0));
}

/** Floats of `scratch` on the way back: deltas of every step and trial, sums of the slices. The way forward needs none but the kernel's own. */
export function scratchFloats(use: NetworkUse): number {
  if (use.direction === 'forward') return use.scratchBefore ?? 0;
  const { B, T } = use.call.dims as { B: number; T: number };
  const layers = layersOf(networkOf(use));
  const { slices, sums } = slicesOf(layers, B * T);
  return (use.scratchBefore ?? 0) + B * T * layers.deltas + slices * sums;
}

/** Slices of the weight gradient, by shapes alone, as sums depend on them. */
function slicesOf({ jobs }: Layers, K: number): { slices: number; sums: number; length: number } {
  const sums = jobs.reduce((sum, job) => sum + job.rows * columnsOf(job), 0);
  const most = Math.max(2, Math.min(mostSlices, Math.floor(sumFloats / sums)));
  const slices = Math.max(1, Math.min(most, Math.ceil(K / sliceLength)));
  return { slices, sums, length: Math.ceil(K / slices) };
}

const columnsOf = ({ previous, inputs }: Layers['jobs'][number]): number => previous + inputs + 1;

function check({ spec, params, dims }: ResolvedCall, { cell, widths }: Network, { parameters }: Layers): void {
  const activation = params['activation'] as number;
  if (cell === 'driscoll' && ![0, 1, 2, 3].includes(activation)) throw new KernelError(`${spec.name}: expected activation 0, 1, 2 or 3, got ${activation}`);
  if (widths.some((width) => width < 1)) throw new KernelError(`${spec.name}: expected layers of at least one unit, got ${widths.join(', ')}`);
  const P = dims['P'] as number;
  if (P < parameters) {
    throw new ShapeError(`${spec.name} ${cell}: expected at least ${parameters} parameters, got ${P}; check hidden_size, layer_sizes and the model's options`);
  }
}

/** Plans a launch of a network. Throws KernelError for an activation that does not exist, ShapeError when there are too few parameters. */
export function planNetwork(use: NetworkUse): NetworkPlan {
  const { call, limits, direction, inputs, outputs, inputGradients } = use;
  const { B, T, S } = call.dims as { B: number; T: number; S: number };
  const network = networkOf(use);
  const layers = layersOf(network);
  check(call, network, layers);
  const { hidden, cell } = network;
  const forward = direction === 'forward';
  const waits = (use.work ?? 0) > 0;
  const tile = layMemory({ direction, trials: B, limits, inputGradients, rows: use.rows ?? 0, waits }, network, layers);
  const { lanes, groups, slices, rowAt } = tile;

  const tileTrials = 4 * groups;
  const [across = 1, down = 1] = grid(Math.ceil(B / tileTrials));
  const tiles = across * down;
  const matrices = forward ? layers.forward : layers.backward;
  const packedAt: number[] = [];
  let packed = 0;
  for (const { columns, depth } of matrices) {
    packedAt.push(packed);
    packed += columns * fours(depth);
  }
  const spillAt = packed;
  const savedAt = spillAt + tiles * tile.spilled;
  const record = layers.record + (use.features ?? 0);
  const side = Math.max(...layers.jobs.map(({ rows }) => rows)) > 64 && limits.invocations >= 256 && limits.workgroupBytes >= 8192 ? 16 : 8;
  const { table, jobs, blocks } = tableOf(use, matrices, packedAt, forward ? [] : layers.jobs, 4 * side);
  const sliced = slicesOf(layers, B * T);

  const deltasAt = use.scratchBefore ?? 0;
  const values: Record<string, number> = {
    ...rowAt,
    groups,
    lane_bits: Math.log2(lanes),
    tile_rows: tile.tileRows,
    // `carried` counts entries of the state: forward only c is carried, which stands behind h.
    row_carry: forward ? tile.carryRow - hidden : tile.carryRow,
    spill_at: spillAt,
    saved_at: savedAt,
    table_at: use.table?.length ?? 0,
    matrices: matrices.length,
    packed,
    input_rows: inputs,
    output_rows: outputs,
    record,
    record_own: layers.record,
    record_clean: layers.clean,
    cache_at: use.cacheBefore ?? 0,
    weights_inputs: packedAt[1] as number,
    weights_readout: packedAt[forward ? packedAt.length - 1 : 2] as number,
    layer_rows: tile.layerRows,
    given_noise: Number(given(call, 'state_noise')),
    ...(forward
      ? {
          bias_at: layers.bias,
          readout_bias: layers.readoutBias,
          readout_slices: slices.readout,
          cell_slices: slices.cell,
          given_cache: Number(given(call, 'cache')),
          given_states: Number(given(call, 'states')),
        }
      : {
          row_layers: rowAt['row_recurrent'] as number,
          row_external: (rowAt['row_recurrent'] as number) + layers.external,
          row_input_parts: slices.state > 1 ? slices.state * hidden : 0,
          recurrent_fours: fours(layers.recurrentDepth),
          external_fours: fours(layers.externalDepth),
          state_slices: slices.state,
          input_slices: slices.inputs,
          given_d_states: Number(given(call, 'd_states')),
          input_gradients: Number(inputGradients),
          deltas: layers.deltas,
          deltas_at: deltasAt,
          delta_readout: layers.readoutDelta,
          jobs,
          sums: sliced.sums,
          sums_at: deltasAt + B * T * layers.deltas,
          slices: sliced.slices,
          slice_length: sliced.length,
        }),
  };

  const work = B * (2 * layers.parameters + (use.work ?? 0));
  return {
    parts: [`cell_${cell}${forward ? '' : '_return'}`],
    constants: {
      WORKGROUP: Math.max(groups * lanes, Math.min(64, limits.invocations)),
      MEMORY: tile.memory,
      SPILL: tile.spilled > 0,
      OPERANDS_INSIDE: tile.operandsInside,
      CARRY_OUTSIDE: tile.carryOutside,
      ...(forward ? {} : { PRODUCT_SIDE: side }),
    },
    unused: optional.filter((name) => !given(call, name)),
    numbers: [...Object.keys(values), 'first_step', 'last_step', ...(forward ? [] : ['first_slice'])],
    table,
    workspace: 4 * (savedAt + tiles * groups * S),
    phases(entry, more = {}) {
      const numbers = { ...values, ...more };
      const phases: GpuPhase[] = [{ entry: 'pack', workgroups: grid(packed / 64), numbers }];
      const chunk = Math.min(T, limits.stepsPerDispatch(call.spec.name, work));
      for (let first = 0; first < T; first += chunk) {
        const last = Math.min(T, first + chunk);
        const span = forward ? { first_step: first, last_step: last } : { first_step: T - last, last_step: T - first };
        phases.push({ entry, workgroups: grid(Math.ceil(B / tileTrials)), numbers: { ...numbers, ...span }, timed: { steps: last - first, work } });
      }
      if (forward) return phases;
      // The product is as much work as the scan: cut alike where that was, by slices.
      const together = Math.max(1, Math.floor((limits.stepsPerDispatch(call.spec.name, work) / T) * sliced.slices));
      for (let first = 0; first < sliced.slices; first += together) {
        const count = Math.min(together, sliced.slices - first);
        const timed = count < sliced.slices ? { timed: { steps: (count * T) / sliced.slices, work } } : {};
        phases.push({ entry: 'product', workgroups: [blocks, count, 1], numbers: { ...numbers, first_slice: first }, ...timed });
      }
      phases.push({ entry: 'add_slices', workgroups: grid(sliced.sums / 64), numbers });
      return phases;
    },
  };
}

/** The kernel's own table, then matrices and jobs: each number as two floats that hold 16 bits, exact for any u32. */
function tableOf(use: NetworkUse, matrices: Layers['forward'], packedAt: readonly number[], jobs: Layers['jobs'], block: number) {
  const numbers = matrices.flatMap(({ columns, depth, first, columnStride, depthStride, turn }, i) => [
    columns,
    depth,
    first,
    columnStride,
    depthStride,
    turn,
    packedAt[i] as number,
  ]);
  let sums = 0;
  let blocks = 0;
  for (const job of jobs) {
    const columns = columnsOf(job);
    const { rows, delta, previous, operand, ahead, inputs, weight, weightStride, inputWeight, inputStride, biases } = job;
    numbers.push(rows, delta, previous, operand, Number(ahead), inputs, weight, weightStride, inputWeight, inputStride);
    numbers.push(biases[0] + 1, biases[1] + 1, sums, blocks, columns);
    sums += rows * columns;
    blocks += Math.ceil(rows / block) * Math.ceil(columns / block);
  }
  const own = use.table ?? new Float32Array(0);
  const table = new Float32Array(own.length + 2 * numbers.length);
  table.set(own);
  numbers.forEach((n, i) => {
    table[own.length + 2 * i] = Math.floor(n / 65536);
    table[own.length + 2 * i + 1] = n % 65536;
  });
  return { table, jobs: jobs.length, blocks };
}
