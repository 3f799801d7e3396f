// Rows of the general tensor kernels, random numbers, losses and optimisers for kernel-table.ts.
import type { ResolvedCall } from '../catalogue.js';
import { type GpuPlan, type GpuRow, grid } from './kernel-row.js';

const dim = (call: ResolvedCall, letter: string): number => call.dims[letter] as number;
const param = (call: ResolvedCall, name: string): number => call.params[name] as number;

/** A kernel of one dispatch, `units` elements by `per` to a workgroup. */
const single = (entry: string, per: number, units: (call: ResolvedCall) => number): GpuRow => ({
  plan: (call) => ({ phases: [{ entry, workgroups: grid(units(call) / per) }] }),
});

/** The bits of an f32, for numbers of the uniform. */
function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}

/** Elements that one workgroup takes of a long run before it is cut in pieces, and most pieces. */
const pieceLength = 16384;
const mostPieces = 256;

function reducePlan(call: ResolvedCall): GpuPlan {
  const [L, R, C] = [dim(call, 'L'), dim(call, 'R'), dim(call, 'C')];
  const columns = Math.min(256, 2 ** Math.ceil(Math.log2(Math.max(1, C))));
  const groups = L * Math.ceil(C / columns);
  // Pieces bring more workgroups to few long columns; enough of them keep a GPU busy as they are.
  const pieces = groups >= mostPieces ? 1 : Math.max(1, Math.min(mostPieces, Math.ceil((R * columns) / pieceLength)));
  const numbers = { columns, pieces };
  const last = { entry: 'reduce', workgroups: grid(groups), numbers };
  return {
    numbers: ['columns', 'pieces'],
    workspace: Math.max(4, pieces > 1 ? L * pieces * C : 0),
    phases: pieces > 1 ? [{ entry: 'reduce_pieces', workgroups: grid(groups * pieces), numbers }, last] : [last],
  };
}

function normPlan(call: ResolvedCall): GpuPlan {
  const P = dim(call, 'P');
  const pieces = Math.min(mostPieces, Math.ceil(P / pieceLength));
  const numbers = { pieces };
  const last = { entry: 'gradient_norm', workgroups: [1], numbers };
  return {
    numbers: ['pieces'],
    workspace: 4 * Math.max(1, pieces),
    phases: pieces > 1 ? [{ entry: 'gradient_norm_pieces', workgroups: [pieces], numbers }, last] : [last],
  };
}

/**
 * Which axes of a copy invocations may share out: all that have a stride in y, unless two of those reach the same element
 * (an axis that steps less far than the shorter ones reach together); then one invocation goes through everything.
 */
function copyPlan(call: ResolvedCall): GpuPlan {
  const axes = [0, 1, 2, 3].map((axis) => ({ axis, n: param(call, `n${axis}`), step: Math.abs(param(call, `y_stride${axis}`)) }));
  const spreading = axes.filter(({ n, step }) => n <= 1 || step > 0);
  let reach = 0;
  let apart = true;
  for (const { n, step } of spreading.filter(({ n }) => n > 1).sort((a, b) => a.step - b.step)) {
    if (step <= reach) apart = false;
    reach += (n - 1) * step;
  }
  const shared = apart ? spreading : [];
  const units = shared.reduce((product, { n }) => product * n, 1);
  const spread = shared.reduce((bits, { axis }) => bits | (1 << axis), 0);
  return { numbers: ['spread'], phases: [{ entry: 'copy_strided', workgroups: grid(units / 256), numbers: { spread } }] };
}

/** Coefficients that f32 would round too early, formed in f64. */
function optimizerPlan(call: ResolvedCall): GpuPlan {
  const value = (name: string) => param(call, name);
  const coefficients = {
    rate: call.variant === 'sgd' ? value('learning_rate') : value('learning_rate') / value('correction1'),
    keep: 1 - value('learning_rate') * value('weight_decay'),
    gain1: 1 - value('beta1'),
    gain2: 1 - value('beta2'),
    scale2: 1 / Math.sqrt(value('correction2')),
  };
  const numbers = Object.fromEntries(Object.entries(coefficients).map(([name, number]) => [name, bitsOf(number)]));
  return { numbers: Object.keys(coefficients), phases: [{ entry: 'optimizer_step', workgroups: grid(dim(call, 'P') / 256), numbers }] };
}

export const tensorTable: Readonly<Record<string, GpuRow>> = {
  elementwise_unary: single('elementwise_unary', 256, (call) => dim(call, 'N')),
  elementwise_binary: single('elementwise_binary', 256, (call) => dim(call, 'N')),
  select: single('select', 256, (call) => dim(call, 'N')),
  matmul: single('matmul', 1, (call) => dim(call, 'G') * Math.ceil(dim(call, 'M') / 64) * Math.ceil(dim(call, 'N') / 64)),
  reduce: { plan: reducePlan },
  copy_strided: { plan: copyPlan },
  gather: single('gather', 256, (call) => dim(call, 'K') * dim(call, 'C')),
  scatter_add: single('scatter_add', 256, (call) => dim(call, 'R') * dim(call, 'C')),
  cumulative_sum: single('cumulative_sum', 64, (call) => dim(call, 'L') * dim(call, 'C')),
  fill: {
    plan: (call) => (param(call, 'value') === 0 ? { phases: [], clear: ['y'] } : { phases: [{ entry: 'fill', workgroups: grid(dim(call, 'N') / 256) }] }),
  },
  random: single('random', 256, (call) => dim(call, 'B') * Math.ceil(dim(call, 'C') / 2)),
  initial_state_forward: single('initial_state_forward', 256, (call) => dim(call, 'B') * dim(call, 'S')),
  initial_state_backward: single('initial_state_backward', 16, (call) => dim(call, 'S')),
  absolute_error_loss: single('absolute_error_loss', 1, (call) => dim(call, 'B')),
  squared_error_loss: single('squared_error_loss', 1, (call) => dim(call, 'B')),
  cross_entropy_loss: single('cross_entropy_loss', 1, (call) => dim(call, 'B')),
  norm_loss: single('norm_loss', 1, (call) => dim(call, 'B')),
  gradient_norm: { plan: normPlan },
  optimizer_step: { plan: optimizerPlan },
  ceiling: {
    plan: (call) => ({ numbers: ['zero'], phases: [{ entry: 'ceiling', workgroups: grid(dim(call, 'N') / 256), numbers: { zero: 0 } }] }),
  },
};
