// Rows of the effector kernels for kernel-table.ts: phases, and scratch as assembly/inline/body_store.ts lays it out (test/kernels holds them to it with guarded buffers).
import { bodyWord } from '../body-layout.js';
import type { ResolvedCall } from '../catalogue.js';
import { bodySizes } from './body-sizes.js';
import type { KernelRow, ReadIntegers } from './kernel-row.js';

/** As in assembly/inline/tile.ts and body_store.ts. */
const tile = 8;
const states = 5;
const rates = 2;
const moreRows = 8;

/** Plan, then a workspace a thread: blocks of states and rates, actions and their gradients, loads, path points. */
function scratchSize(_call: ResolvedCall, threads: number, integers: ReadIntegers): number {
  const layout = integers('body_layout');
  const { muscles, stateRows, workRows, planFloats } = bodySizes(layout);
  const points = layout[bodyWord.points] ?? 0;
  return planFloats + threads * tile * (states * stateRows + rates * (4 + 2 * muscles) + 2 * muscles + moreRows + 8 * points + workRows);
}

/** A plan by one thread, then tiles of trials. */
const row = (name: string): KernelRow => ({
  phases: [
    { export: `${name}_plan`, units: () => 1 },
    { export: name, units: (call) => Math.ceil((call.dims['B'] as number) / tile) },
  ],
  scratch: { scratch: scratchSize },
});

const names = [
  'effector_reset',
  'effector_reset_backward',
  'effector_step',
  'effector_step_backward',
  'effector_points',
  'effector_points_backward',
  'effector_rollout_forward',
  'effector_rollout_backward',
];

export const effectorTable: Readonly<Record<string, KernelRow>> = Object.fromEntries(names.map((name) => [name, row(name)]));
