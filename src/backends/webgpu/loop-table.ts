// Rows of the closed loop's kernels for kernel-table.ts: the network of rollout-network.ts moves the body of body-plan.ts. The shaders' side: shaders/lib/loop_*.wgsl.
import { bodyWord, muscleRowCount } from '../body-layout.js';
import type { ResolvedCall } from '../catalogue.js';
import { observationCount } from '../relations.js';
import { type BodyPlan, bodyPlan } from './body-plan.js';
import type { GpuLimits, GpuRow, HostArgument } from './kernel-row.js';
import { cacheFloats, given, type NetworkUse, planNetwork, scratchFloats } from './rollout-network.js';

type Direction = NetworkUse['direction'];

interface Loop {
  readonly body: BodyPlan;
  readonly use: NetworkUse;
  /** Entries of the observation. */
  readonly observation: number;
  /** The kernel's own numbers. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** Places in scratch of what the kernel keeps there besides the network: end points of initial states, or the gradients that wait for earlier steps. */
function places(direction: Direction, { dims, params }: ResolvedCall, layout: ArrayLike<number>): { numbers: Record<string, number>; floats: number } {
  const { B, T, M } = dims as { B: number; T: number; M: number };
  if (direction === 'forward') return { numbers: { origin: 0 }, floats: 2 * B };
  const sense = (name: string): number => params[name] as number;
  const longest = Math.max(sense('vision_delay'), sense('proprioception_delay'), sense('action_frames'));
  const ring = Math.max(1, Math.min(T, longest));
  const waiting = 4 + (muscleRowCount(layout[bodyWord.muscle] ?? 0) + 4) * M;
  const acted = waiting * B;
  const observed = acted + M * B;
  return { numbers: { waiting: 0, acted, observed, ring }, floats: observed + ring * observationCount(M, sense('action_frames')) * B };
}

function loopOf(direction: Direction, call: ResolvedCall, host: HostArgument, limits: GpuLimits): Loop {
  const layout = host('body_layout');
  const body = bodyPlan(layout, host('body'));
  const observation = observationCount(body.muscles, call.params['action_frames'] as number);
  const inputs = (call.dims['E'] as number) + observation;
  const { numbers, floats } = places(direction, call, layout);
  const use: NetworkUse = {
    call,
    host,
    limits,
    direction,
    inputs,
    outputs: body.muscles,
    inputGradients: true,
    features: inputs,
    scratchBefore: floats,
    table: body.table,
    work: body.work * (direction === 'forward' ? 1 : 3),
  };
  return { body, use, observation, numbers };
}

/** What may act on single bodies at single steps: any of it takes a shader that knows all of it. */
const changes = ['field_row', 'fields', 'strength_row', 'strengths'];

const row = (direction: Direction): GpuRow => ({
  plan(call, host, limits) {
    const { body, use, observation, numbers } = loopOf(direction, call, host, limits);
    const network = planNetwork(use);
    const absent = changes.filter((name) => !given(call, name));
    const changed = absent.length < changes.length;
    return {
      parts: [...(direction === 'forward' ? body.parts : body.backwardParts), ...network.parts],
      constants: { ...body.constants, ...network.constants, OBSERVATION: observation, CHANGES: changed },
      unused: [...network.unused, ...(changed ? absent : [])],
      numbers: [...network.numbers, ...Object.keys(numbers)],
      table: network.table,
      workspace: network.workspace,
      phases: network.phases(`closed_loop_${direction}`, numbers),
    };
  },
  scratch: {
    cache: (call, host, limits) => cacheFloats(loopOf(direction, call, host, limits).use),
    scratch: (call, host, limits) => scratchFloats(loopOf(direction, call, host, limits).use),
  },
});

export const loopTable: Readonly<Record<string, GpuRow>> = { closed_loop_forward: row('forward'), closed_loop_backward: row('backward') };
