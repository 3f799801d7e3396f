// Rows of the f64 kernels behind fixed points for kernel-table.ts: units are states, scratch is a workspace a thread (sizes as in the kernels' files).
import type { ResolvedCall } from '../catalogue.js';
import type { KernelRow, ReadIntegers } from './kernel-row.js';

/** f64 elements as f32 ones, in which opaque arguments are counted. */
const doubled = 2;
/** Multiply-adds below which waking other threads does not pay. */
const worthSharing = 16384;

const padded = (n: number): number => (n + 3) & ~1;
const grain = (work: number): number => Math.max(1, Math.floor(worthSharing / Math.max(1, work)));
const dim = (call: ResolvedCall, letter: string): number => call.dims[letter] as number;

function jacobianScratch(call: ResolvedCall, threads: number, integers: ReadIntegers): number {
  const [S, I] = [dim(call, 'S'), dim(call, 'I')];
  const hidden = call.params['hidden_size'] as number;
  const widest = call.variant === 'node' ? Math.max(...integers('layer_sizes')) : 0;
  const workspace = call.variant === 'node' ? padded(hidden + I) + 2 * padded(widest) + 2 * widest * (hidden + I) : 2 * padded(4 * hidden) + 8 * padded(hidden);
  return doubled * threads * (padded(S + I) + padded(S) + workspace);
}

function stepScratch(call: ResolvedCall, threads: number): number {
  const S = dim(call, 'S');
  const width = 4 * ((S + 4) >> 2);
  return doubled * threads * width * (S + width + 2);
}

export const fixedPointTable: Readonly<Record<string, KernelRow>> = {
  cell_jacobian: {
    phases: [{ export: 'cell_jacobian', units: (call) => dim(call, 'B'), grain: (call) => grain(2 * dim(call, 'S') * (dim(call, 'S') + dim(call, 'I'))) }],
    scratch: { scratch: jacobianScratch },
  },
  damped_step: {
    phases: [{ export: 'damped_step', units: (call) => dim(call, 'B'), grain: (call) => grain(dim(call, 'S') ** 3 / 2) }],
    scratch: { scratch: stepScratch },
  },
};
