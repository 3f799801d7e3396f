// Rows of the general tensor kernels, random numbers, losses and optimisers for kernel-table.ts.
import type { ResolvedCall } from '../catalogue.js';
import { type GpuRow, grid } from './kernel-row.js';

const dim = (call: ResolvedCall, letter: string): number => call.dims[letter] as number;
const param = (call: ResolvedCall, name: string): number => call.params[name] as number;

export const tensorTable: Readonly<Record<string, GpuRow>> = {
  elementwise_unary: { plan: (call) => ({ phases: [{ entry: 'elementwise_unary', workgroups: grid(dim(call, 'N') / 256) }] }) },
  fill: {
    plan: (call) => (param(call, 'value') === 0 ? { phases: [], clear: ['y'] } : { phases: [{ entry: 'fill', workgroups: grid(dim(call, 'N') / 256) }] }),
  },
};
