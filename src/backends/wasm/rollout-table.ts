// Rows of the rollout kernels for kernel-table.ts: phases, and the sizes that assembly/inline/rollout_plan.ts lays out (test/kernels holds them to it with guarded buffers).
import { KernelError } from '../../errors.js';
import type { ResolvedCall } from '../catalogue.js';
import { bodySizes, jointRows, loadRows } from './body-sizes.js';
import type { KernelPhase, KernelRow, ReadIntegers } from './kernel-row.js';

/** As in assembly/inline/tile.ts, rollout_pack.ts, rollout_plan.ts and loop_plan.ts. */
const tile = 8;
const slices = 32;
const maximumLayers = 32;
const planFloats = (192 + 64 * 36) / 4;
const workspaceRows = 2;
const loopPlanFloats = 128 / 4;
const loopRowCount = 3;
const slotFloats = 98304;
const partialFloats = 33554432;

const pad4 = (n: number): number => (n + 3) & ~3;

/** A layer of the forward pass: rows = weights · [previous; 1; inputs]. */
interface Layer {
  readonly rows: number;
  readonly previous: number;
  readonly inputs: number;
}

interface Geometry {
  readonly tiles: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Floats of a step's record. */
  readonly record: number;
  readonly layers: readonly Layer[];
  /** Rows of deltas, how many of them do not reach h and how many reach the inputs; rows of operands kept beside them. */
  readonly deltas: number;
  readonly apart: number;
  readonly inputDeltas: number;
  readonly operands: number;
}

/** Joint gates, gates whose recurrent and input parts stay apart, further rows in a step's record. */
function gatesOf(call: ResolvedCall, hidden: number): { joint: number; apart: number; more: number } {
  switch (call.variant) {
    case 'gru':
      return { joint: 2, apart: 1, more: 0 };
    case 'lstm':
      return { joint: 4, apart: 0, more: 2 * hidden };
    case 'rnn':
      return { joint: 1, apart: 0, more: 0 };
    default:
      return call.params['ctdb'] ? { joint: 0, apart: 1, more: 0 } : { joint: 1, apart: 0, more: 0 };
  }
}

function geometry(call: ResolvedCall, integers: ReadIntegers): Geometry {
  const { B, I, O } = call.dims as { B: number; I: number; O: number };
  const hidden = pad4(call.params['hidden_size'] as number);
  const outputs = pad4(O);
  const readout: Layer = { rows: outputs, previous: hidden, inputs: 0 };
  const noisy = call.variant !== 'driscoll' && call.args[3] ? hidden : 0;
  const inputRows = pad4(1 + I);
  const base = { tiles: Math.ceil(B / tile), hidden, outputs };
  const operands = hidden + noisy + inputRows + 4;
  if (call.variant === 'node') {
    const widths = [...integers('layer_sizes')];
    if (widths.length > maximumLayers) throw new KernelError(`${call.spec.name}: expected at most ${maximumLayers} hidden layers, got ${widths.length}`);
    const padded = [...widths.map(pad4), hidden];
    const layers = padded.map((rows, i) => ({ rows, previous: i === 0 ? hidden : (padded[i - 1] as number), inputs: i === 0 ? I : 0 }));
    const kept = padded.slice(0, -1).reduce((sum, rows) => sum + rows, 0);
    const first = padded[0] as number;
    return {
      ...base,
      record: (hidden + inputRows + kept + noisy) * tile,
      layers: [...layers, readout],
      deltas: kept + hidden + outputs,
      apart: kept + hidden - first,
      inputDeltas: first,
      operands: operands + kept,
    };
  }
  const { joint, apart, more } = gatesOf(call, hidden);
  const layers: Layer[] = [];
  if (joint > 0) layers.push({ rows: joint * hidden, previous: hidden, inputs: I });
  if (apart > 0) layers.push({ rows: hidden, previous: hidden, inputs: 0 }, { rows: hidden, previous: 0, inputs: I });
  const rows = (joint + 2 * apart) * hidden;
  return {
    ...base,
    record: (hidden + inputRows + rows + more + noisy) * tile,
    layers: [...layers, readout],
    deltas: rows + outputs,
    apart: apart * hidden,
    inputDeltas: (joint + apart) * hidden,
    operands,
  };
}

const sum = <T>(items: readonly T[], size: (item: T) => number): number => items.reduce((total, item) => total + size(item), 0);

type Size = (call: ResolvedCall, threads: number, integers: ReadIntegers) => number;

/** A record a step and tile, one more for the state behind the last step. */
const cacheSize: Size = (call, _threads, integers) => {
  const { tiles, record } = geometry(call, integers);
  return tiles * ((call.dims['T'] as number) + 1) * record;
};

/** Plan, packed weights, workspaces. */
const forwardScratch: Size = (call, threads, integers) => {
  const { hidden, outputs, record, layers } = geometry(call, integers);
  // Operands end with [1; inputs], an even number of rows in all, or results start from a row of biases each.
  const packed = sum(layers, ({ rows, previous, inputs }) => rows * (inputs > 0 || previous === 0 ? (previous + 2 + inputs) & ~1 : previous + tile));
  return planFloats + packed + threads * ((workspaceRows + outputs + 2 * hidden) * tile + 2 * record);
};

/** Size of a group's sum of weight gradients, how many groups of tiles there are (by shapes alone, as sums depend on it), and the most that fewer tiles can have. */
function groupsOf(tiles: number, layers: readonly Layer[]): { partial: number; groups: number; mostGroups: number } {
  const partial = sum(layers, (layer) => layer.rows * (layer.previous + pad4(1 + layer.inputs)));
  const limit = Math.max(2, Math.floor(partialFloats / partial));
  return { partial, groups: Math.ceil(tiles / Math.ceil(tiles / limit)), mostGroups: Math.min(tiles, limit) };
}

/** Plan, transposed weights, a sum a group of tiles, workspaces. */
const backwardScratch: Size = (call, threads, integers) => {
  const { tiles, hidden, outputs, layers, deltas, apart, inputDeltas, operands } = geometry(call, integers);
  const inputs = pad4(call.dims['I'] as number);
  const inner = call.variant === 'node' ? sum(layers.slice(1, -1), ({ rows, previous }) => rows * previous) : 0;
  const returned = hidden * (deltas - apart) + inner + inputs * inputDeltas;
  const { partial, mostGroups } = groupsOf(tiles, layers);
  const slots = Math.min(call.dims['T'] as number, Math.max(4, Math.min(64, Math.floor(slotFloats / ((deltas + operands) * tile)))));
  const workspace = (workspaceRows + 3 * hidden + deltas + Math.max(hidden, outputs, inputs) + slots * (deltas + operands)) * tile;
  // Room for any smaller batch too: a last micro-batch of 100 tiles may have more groups than one of 101.
  return planFloats + returned + mostGroups * partial + threads * workspace;
};

const one = (): number => 1;
const tilesOf = (call: ResolvedCall): number => Math.ceil((call.dims['B'] as number) / tile);
const groupCount: KernelPhase['units'] = (call, integers) => {
  const { tiles, layers } = geometry(call, integers);
  return groupsOf(tiles, layers).groups;
};
const phase = (name: string, units: KernelPhase['units']): KernelPhase => ({ export: name, units });

/** Phases of a forward and a backward kernel; `network` gives a call the letters of a rollout. */
const forwardPhases = (name: string): KernelPhase[] => [phase(`${name}_plan`, one), phase(`${name}_pack`, () => slices), phase(name, tilesOf)];
const backwardPhases = (name: string, network: (call: ResolvedCall) => ResolvedCall): KernelPhase[] => [
  phase(`${name}_plan`, one),
  phase(`${name}_pack`, () => slices),
  phase(name, (call, integers) => groupCount(network(call), integers)),
  phase(`${name}_reduce`, () => slices),
];

/** Entries of the observation of a closed loop. */
const observationSize = ({ dims, params }: ResolvedCall): number => {
  const muscles = dims['M'] as number;
  return 2 + 2 * muscles + muscles * (params['action_frames'] as number);
};

/** A closed loop's network as a rollout: I and O in place of the letters that the loop lacks. */
const networkOf = (call: ResolvedCall): ResolvedCall => ({
  ...call,
  dims: { ...call.dims, I: (call.dims['E'] as number) + observationSize(call), O: call.dims['M'] as number },
});

/** Rows that a loop adds to a rollout, as in assembly/inline/loop_plan.ts. */
function loopRows(call: ResolvedCall, integers: ReadIntegers): { block: number; ring: number; forward: number; backward: number; plan: number } {
  const { muscles, muscleRows, stateRows, workRows, planFloats: bodyFloats } = bodySizes(integers('body_layout'));
  const [vision, proprioception] = [call.params['vision_delay'] as number, call.params['proprioception_delay'] as number];
  const frames = call.params['action_frames'] as number;
  const block = stateRows + muscles + 2 * loadRows;
  const ring = Math.max(vision, proprioception, frames) + 1;
  const shared = loopRowCount + Math.max(observationSize(call), muscleRows * muscles, jointRows) + muscles + 2 * loadRows + workRows;
  const senses = 2 * vision + 2 * muscles * proprioception + muscles * frames;
  return { block, ring, forward: shared + ring * block, backward: shared + 2 * stateRows + muscles + senses, plan: loopPlanFloats + bodyFloats };
}

const loopCache: Size = (call, threads, integers) => {
  const network = networkOf(call);
  const blocks = tilesOf(call) * ((call.dims['T'] as number) + 1) * loopRows(call, integers).block * tile;
  return cacheSize(network, threads, integers) + blocks;
};

const loopScratch =
  (network: Size, part: 'forward' | 'backward'): Size =>
  (call, threads, integers) => {
    const rows = loopRows(call, integers);
    return network(networkOf(call), threads, integers) + rows.plan + threads * rows[part] * tile;
  };

const same = (call: ResolvedCall): ResolvedCall => call;

export const rolloutTable: Readonly<Record<string, KernelRow>> = {
  rollout_forward: { phases: forwardPhases('rollout_forward'), scratch: { cache: cacheSize, scratch: forwardScratch } },
  rollout_backward: { phases: backwardPhases('rollout_backward', same), scratch: { cache: cacheSize, scratch: backwardScratch } },
  closed_loop_forward: {
    phases: forwardPhases('closed_loop_forward'),
    scratch: { cache: loopCache, scratch: loopScratch(forwardScratch, 'forward') },
  },
  closed_loop_backward: {
    phases: backwardPhases('closed_loop_backward', networkOf),
    scratch: { cache: loopCache, scratch: loopScratch(backwardScratch, 'backward') },
  },
};
