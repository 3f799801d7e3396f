// One row a kernel: how its launch is cut into dispatches. The sizes stand in the shaders' headers under "Mapping".
import type { GpuRow } from './kernel-row.js';
import { effectorTable } from './effector-table.js';
import { rolloutTable } from './rollout-table.js';
import { loopTable } from './loop-table.js';
import { tensorTable } from './tensor-table.js';

export const kernelTable: Readonly<Record<string, GpuRow>> = {
  ...tensorTable,
  ...rolloutTable,
  ...effectorTable,
  ...loopTable,
};
