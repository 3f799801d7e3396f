// Rows of the effector kernels for kernel-table.ts: one invocation a trial, time cut into chunks, each a dispatch.
import type { ResolvedCall } from '../catalogue.js';
import { bodyPlan } from './body-plan.js';
import { type GpuLimits, type GpuPhase, type GpuPlan, type GpuRow, grid, type HostArgument } from './kernel-row.js';

/** Invocations of a workgroup, as in the shaders. */
const workgroup = 64;

const dim = (call: ResolvedCall, letter: string): number => call.dims[letter] as number;

/** What all effector kernels have of their body. */
function planOf(host: HostArgument, reverse: boolean) {
  const { parts, backwardParts, ...plan } = bodyPlan(host('body_layout'), host('body'));
  return { ...plan, parts: reverse ? backwardParts : parts };
}

/** One dispatch; `units`: invocations. */
const once = (reverse: boolean, units: (call: ResolvedCall) => number = (call) => dim(call, 'B')): GpuRow => ({
  plan(call, host): GpuPlan {
    const { parts, constants, table } = planOf(host, reverse);
    return { parts, constants, table, phases: [{ entry: call.spec.name, workgroups: grid(units(call) / workgroup) }] };
  },
});

/** Chunks [first, last) of T steps, in the order of time; at least one. */
function chunks(steps: number, most: number): { first: number; last: number }[] {
  const count = Math.max(1, Math.ceil(steps / Math.max(1, most)));
  return Array.from({ length: count }, (_, i) => ({ first: Math.floor((i * steps) / count), last: Math.floor(((i + 1) * steps) / count) }));
}

const rollout = (reverse: boolean): GpuRow => ({
  plan(call: ResolvedCall, host: HostArgument, limits: GpuLimits): GpuPlan {
    const { parts, constants, table, muscles, work } = planOf(host, reverse);
    const trials = dim(call, 'B');
    const flops = trials * work * (reverse ? 3 : 1);
    const phases = chunks(dim(call, 'T'), limits.stepsPerDispatch(call.spec.name, flops)).map(
      ({ first, last }): GpuPhase => ({
        entry: call.spec.name,
        workgroups: grid(trials / workgroup),
        numbers: { first, last },
        timed: { steps: last - first, work: flops },
      }),
    );
    return {
      parts,
      constants,
      table,
      numbers: ['first', 'last'],
      phases: reverse ? phases.reverse() : phases,
      ...(reverse ? { workspace: trials * 4 * (1 + 2 * muscles) } : {}),
    };
  },
});

export const effectorTable: Readonly<Record<string, GpuRow>> = {
  effector_reset: once(false),
  effector_reset_backward: once(true),
  effector_step: once(false),
  effector_step_backward: once(true),
  effector_points: once(false, (call) => dim(call, 'B') * dim(call, 'N')),
  effector_points_backward: once(false),
  effector_rollout_forward: rollout(false),
  effector_rollout_backward: rollout(true),
};
