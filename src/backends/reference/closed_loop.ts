// What closed_loop_forward and closed_loop_backward share: the body, the network of the rollouts, the senses' delays, and where each part of a network input lies.
// x_k = [first leading inputs | vision (2) | proprioception (2M) | earlier noisy actions, oldest first (M each) | the other inputs]
import { observationCount } from '../relations.js';
import type { BodyModel } from './arm/body.js';
import { openBody } from './arm/open.js';
import type { CellSizes } from './cells/cell.js';
import type { ReferenceCall } from './kernel.js';
import { cellSizes, openRollout, recordLength, type Rollout } from './rollout.js';

export interface ClosedLoop {
  readonly body: BodyModel;
  readonly rollout: Rollout;
  /** External inputs E, network inputs I, observation entries V. */
  readonly E: number;
  readonly I: number;
  readonly V: number;
  readonly leading: number;
  readonly frames: number;
  readonly visionDelay: number;
  readonly proprioceptionDelay: number;
  /** Elements of a cached step: network input, then the cell's record. */
  readonly cacheLength: number;
}

/** The call as the rollout's helpers read it: I and O of the network in place of the letters that a closed loop lacks. */
function networkCall(call: ReferenceCall): ReferenceCall {
  const { dims, params } = call;
  return { ...call, dims: { ...dims, I: dims.E + observationCount(dims.M, params.action_frames), O: dims.M } };
}

/** Sizes of the network of a closed loop. */
export function closedLoopSizes(call: ReferenceCall): CellSizes {
  return cellSizes(networkCall(call));
}

/** Elements that the cache holds for each trial and step. */
export function closedLoopCacheLength(call: ReferenceCall): number {
  const sizes = closedLoopSizes(call);
  return sizes.I + recordLength(call.variant, sizes);
}

/** Takes a call apart. Throws KernelError or ShapeError for an impossible body, activation or parameter count. */
export function openClosedLoop(kernel: string, call: ReferenceCall): ClosedLoop {
  const { dims, params } = call;
  const rollout = openRollout(networkCall(call));
  return {
    body: openBody(kernel, call),
    rollout,
    E: dims.E,
    I: rollout.sizes.I,
    V: rollout.sizes.I - dims.E,
    leading: params.leading_inputs,
    frames: params.action_frames,
    visionDelay: params.vision_delay,
    proprioceptionDelay: params.proprioception_delay,
    cacheLength: closedLoopCacheLength(call),
  };
}

/** Which state step k observes with a delay of n frames, and which reading of the noise it carries: the reset fills the buffer with reading 0 and adds reading 1. */
export function sampleOf(k: number, n: number): { state: number; reading: number } {
  return k < n ? { state: 0, reading: k < n - 1 ? 0 : 1 } : { state: k - n + 1, reading: k - n + 2 };
}

/** Proprioception [2M] of a muscle state [R, M]: lengths per optimal length, then velocities per maximum velocity. */
export function proprioceptionOf({ M, parameters }: BodyModel, muscle: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * M }, (_, i) => {
    const { optimalLength, maximumVelocity } = parameters[i % M];
    return muscle[M + i] / (i < M ? optimalLength : maximumVelocity);
  });
}
