// One row a kernel: how its launch is cut into work units. The unit sizes stand in the kernels' headers under "Mapping".
import type { ResolvedCall } from '../catalogue.js';
import type { KernelRow } from './kernel-row.js';
import { rolloutTable } from './rollout-table.js';

/** Dimension `letter` of a call. */
const dim = (call: ResolvedCall, letter: string): number => call.dims[letter] as number;
const blocks = (count: number, size: number): number => Math.ceil(count / size);

/** A kernel of one phase whose units are blocks of `size` elements of dimension `letter`. */
const blocked = (name: string, letter: string, size: number, grain: number): KernelRow => ({
  phases: [{ export: name, units: (call) => blocks(dim(call, letter), size), grain: () => grain }],
});

export const kernelTable: Readonly<Record<string, KernelRow>> = {
  fill: blocked('fill', 'N', 4096, 8),
  elementwise_unary: blocked('elementwise_unary', 'N', 1024, 8),
  ...rolloutTable,
};
