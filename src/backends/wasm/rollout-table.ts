// Rows of the rollout kernels for kernel-table.ts.
import type { KernelRow } from './kernel-row.js';

export const rolloutTable: Readonly<Record<string, KernelRow>> = {};
