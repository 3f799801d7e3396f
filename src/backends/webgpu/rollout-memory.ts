// How a workgroup shares out trials and units, and what its memory holds: rows of quads (vec4f, four trials) as shaders/lib/rollout_tile.wgsl reads them.
import type { GpuLimits } from './kernel-row.js';
import type { Layers, Network } from './rollout-layers.js';

export interface MemoryUse {
  readonly direction: 'forward' | 'backward';
  readonly trials: number;
  readonly limits: GpuLimits;
  readonly inputGradients: boolean;
  /** Rows of the kernel's own. */
  readonly rows: number;
  /** The kernel has long work of its own between the network's steps, during which other workgroups should run. */
  readonly waits: boolean;
}

/** Parts into which products of few rows are cut along k. They depend on the network and the device alone, as sums depend on them. */
export interface Slices {
  readonly readout: number;
  /** The last layer of a NODE; on the way back its first one. */
  readonly cell: number;
  readonly state: number;
  readonly inputs: number;
}

export interface TileMemory {
  /** Invocations side by side for units (a power of two), groups of four trials. */
  readonly lanes: number;
  readonly groups: number;
  readonly slices: Slices;
  /** First row of each part, by the name of its number. */
  readonly rowAt: Readonly<Record<string, number>>;
  readonly layerRows: number;
  /** First row of the carried numbers, if they stand in the tile's memory. */
  readonly carryRow: number;
  readonly tileRows: number;
  /** Quads of workgroup memory, and those that stand in the workspace instead. */
  readonly memory: number;
  readonly spilled: number;
  readonly operandsInside: boolean;
  readonly carryOutside: boolean;
}

/**
 * Tiles that keep a large GPU busy; only where there are more, a tile takes two groups, which read the weights together: half the traffic from the second-level
 * cache. Twice as many where the kernel waits for something else in between.
 */
const enoughTiles = 96;
/** Share of the workgroup's memory that a tile of more groups may need; what stands outside is read by few. */
const overflow = 1.3;

export const fours = (n: number): number => Math.ceil(n / 4);
const pad4 = (n: number): number => 4 * fours(n);
const powerAtLeast = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

function cut(rows: number, depth: number, lanes: number): number {
  return Math.max(1, Math.min(fours(depth), Math.floor(lanes / Math.max(1, rows))));
}

/** Lanes for so many units; above 128 the power of two that leaves fewer idle. */
function lanesFor(units: number, invocations: number): number {
  const most = 2 ** Math.floor(Math.log2(invocations));
  const lanes = Math.min(most, Math.max(8, powerAtLeast(units)));
  const half = lanes / 2;
  return units > half && Math.ceil(units / lanes) * lanes > Math.ceil(units / half) * half ? half : lanes;
}

interface Rows {
  readonly shared: Readonly<Record<string, number>>;
  /** Rows, from the first on, that every unit's product reads. */
  readonly operands: number;
  /** Rows that only the lane of their unit reads and writes. */
  readonly carry: number;
  readonly layerRows: number;
}

function rowsOf({ direction, inputGradients, rows }: MemoryUse, network: Network, layers: Layers, slices: Slices): Rows {
  const { hidden, inputs, outputs, widths, cell, ctdb } = network;
  const node = cell === 'node';
  if (direction === 'forward') {
    const layerRows = node ? pad4(Math.max(...widths)) : 0;
    const partial = Math.max(slices.readout * outputs, node ? slices.cell * hidden : 0);
    return {
      shared: {
        row_state: pad4(hidden),
        row_inputs: pad4(inputs),
        row_layers: 2 * layerRows,
        row_partial: partial,
        row_outputs: outputs,
        row_next: pad4(hidden),
        own_row: rows,
      },
      operands: pad4(hidden) + pad4(inputs) + 2 * layerRows,
      carry: cell === 'lstm' ? hidden : 0,
      layerRows,
    };
  }
  const layerRows = node ? pad4(Math.max(...widths, hidden)) : 0;
  // The GRU's rows for x alone are needed where the inputs' gradient is; products read up to three rows behind the last.
  const unused = layers.external > 0 && !inputGradients && !ctdb ? hidden : 0;
  const deltas = node ? 2 * layerRows : layers.readoutDelta - unused + 3;
  return {
    shared: {
      row_recurrent: deltas,
      row_gradient: pad4(outputs),
      row_partial: (slices.state > 1 ? slices.state * hidden : 0) + (inputGradients ? slices.inputs * inputs : 0),
      own_row: rows,
    },
    operands: node ? deltas : layers.recurrentDepth + 3,
    carry: cell === 'lstm' ? 2 * hidden : hidden,
    layerRows,
  };
}

/** Lays out the memory of a tile. */
export function layMemory(use: MemoryUse, network: Network, layers: Layers): TileMemory {
  const { limits, trials } = use;
  const { hidden, inputs, outputs, widths, cell } = network;
  const invocations = Math.min(256, limits.invocations);
  const natural = lanesFor(Math.max(hidden, ...widths), invocations);
  const node = cell === 'node';
  const slices: Slices = {
    readout: cut(outputs, hidden, natural),
    cell: node ? cut(hidden, widths.at(-1) as number, natural) : 1,
    state: node ? cut(hidden, layers.recurrentDepth, natural) : 1,
    inputs: cut(inputs, layers.externalDepth, natural),
  };
  const { shared, operands, carry, layerRows } = rowsOf(use, network, layers, slices);
  const sharedRows = Object.values(shared).reduce((sum, rows) => sum + rows, 0);

  const most = Math.floor(limits.workgroupBytes / 16);
  const many = trials >= 8 * enoughTiles * (use.waits ? 2 : 1);
  const two = many && 2 * operands <= most && 2 * sharedRows <= overflow * most;
  const lanes = two ? Math.min(natural, invocations / 2) : natural;
  let groups = two ? 2 : 1;
  // Narrow networks: two vectors of 32 invocations, if there are trials for them.
  while (2 * groups * lanes <= Math.min(64, invocations) && 2 * groups * (sharedRows + carry) <= most && 4 * groups < trials) groups *= 2;

  const carryOutside = groups * (sharedRows + carry) > most;
  const tileRows = sharedRows + (carryOutside ? 0 : carry);
  const quads = groups * tileRows;
  let row = 0;
  const rowAt: Record<string, number> = {};
  for (const [name, count] of Object.entries(shared)) {
    rowAt[name] = row;
    row += count;
  }
  return {
    lanes,
    groups,
    slices,
    rowAt,
    layerRows,
    carryRow: sharedRows,
    tileRows,
    memory: quads > most ? most : Math.min(most, [512, 1024].find((size) => size >= quads) ?? most),
    spilled: Math.max(0, quads - most),
    operandsInside: groups * operands <= most,
    carryOutside,
  };
}
