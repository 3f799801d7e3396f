// One row a kernel: how its launch is cut into work units. The unit sizes stand in the kernels' headers under "Mapping".
import type { ResolvedCall } from '../catalogue.js';
import { effectorTable } from './effector-table.js';
import { fixedPointTable } from './fixed-point-table.js';
import type { KernelRow } from './kernel-row.js';
import { rolloutTable } from './rollout-table.js';

/** Elements of simple work (about a nanosecond each) below which waking other threads does not pay. */
const worthSharing = 16384;

const dim = (call: ResolvedCall, letter: string): number => call.dims[letter] as number;
const param = (call: ResolvedCall, name: string): number => call.params[name] as number;
const blocks = (count: number, size: number): number => Math.ceil(count / size);

const grainOf = (elements: number): number => Math.max(1, Math.floor(worthSharing / Math.max(1, elements)));

/** A kernel of one phase: its units, and the elements of work in one unit. */
const row = (name: string, units: (call: ResolvedCall) => number, elements: (call: ResolvedCall) => number): KernelRow => ({
  phases: [{ export: name, units, grain: (call) => grainOf(elements(call)) }],
});

/** Units are blocks of `size` elements of dimension `letter`, each with `cost` elements' work. */
const blocked = (name: string, letter: string, size: number, cost = 1): KernelRow =>
  row(
    name,
    (call) => blocks(dim(call, letter), size),
    () => size * cost,
  );

/** Units are the trials; each has the work of all further dimensions. */
const perTrial = (name: string, letters: readonly string[], cost = 1): KernelRow =>
  row(
    name,
    (call) => dim(call, 'B'),
    (call) => letters.reduce((product, letter) => product * dim(call, letter), cost),
  );

/** Units are groups of four columns of [L, R, C]. */
const perColumns = (name: string): KernelRow =>
  row(
    name,
    (call) => dim(call, 'L') * blocks(dim(call, 'C'), 4),
    (call) => dim(call, 'R') * Math.min(4, dim(call, 'C')),
  );

/** Whether rows of a copy may land on the same elements, so that one thread must do them in order. */
function addsUp(call: ResolvedCall): boolean {
  return param(call, 'accumulate') !== 0 && [0, 1, 2].some((axis) => param(call, `n${axis}`) > 1 && param(call, `y_stride${axis}`) === 0);
}

export const kernelTable: Readonly<Record<string, KernelRow>> = {
  elementwise_unary: blocked('elementwise_unary', 'N', 1024, 2),
  elementwise_binary: blocked('elementwise_binary', 'N', 1024),
  select: blocked('select', 'N', 1024),
  matmul: row(
    'matmul',
    (call) => dim(call, 'G') * blocks(dim(call, 'M'), 8),
    (call) => (Math.min(8, dim(call, 'M')) * dim(call, 'N') * (param(call, 'transpose_a') !== 0 ? dim(call, 'A0') : dim(call, 'A1'))) / 8,
  ),
  reduce: perColumns('reduce'),
  copy_strided: {
    phases: [
      {
        export: 'copy_strided',
        units: (call) => param(call, 'n0') * param(call, 'n1') * param(call, 'n2'),
        grain: (call) => (addsUp(call) ? Number.POSITIVE_INFINITY : grainOf(param(call, 'n3'))),
      },
    ],
  },
  gather: row(
    'gather',
    (call) => dim(call, 'K'),
    (call) => dim(call, 'C'),
  ),
  scatter_add: row(
    'scatter_add',
    (call) => blocks(dim(call, 'C'), 64),
    (call) => dim(call, 'K') * Math.min(64, dim(call, 'C')),
  ),
  cumulative_sum: perColumns('cumulative_sum'),
  fill: blocked('fill', 'N', 4096),
  random: row(
    'random',
    (call) => dim(call, 'B') * blocks(dim(call, 'C'), 512),
    (call) => 8 * Math.min(512, dim(call, 'C')),
  ),
  initial_state_forward: perTrial('initial_state_forward', ['S']),
  initial_state_backward: row(
    'initial_state_backward',
    (call) => blocks(dim(call, 'S'), 4),
    (call) => 4 * dim(call, 'B'),
  ),
  absolute_error_loss: perTrial('absolute_error_loss', ['T', 'O'], 2),
  squared_error_loss: perTrial('squared_error_loss', ['T', 'O'], 2),
  cross_entropy_loss: perTrial('cross_entropy_loss', ['T', 'O'], 8),
  norm_loss: perTrial('norm_loss', ['T'], 4),
  gradient_norm: row(
    'gradient_norm',
    () => 1,
    () => 1,
  ),
  optimizer_step: blocked('optimizer_step', 'P', 4096, 3),
  ceiling: row(
    'ceiling',
    (call) => dim(call, 'N'),
    () => Number.POSITIVE_INFINITY,
  ),
  ...rolloutTable,
  ...effectorTable,
  ...fixedPointTable,
};
