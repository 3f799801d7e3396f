// A body and how the network senses it: what a closed-loop task hands to the rollout.
import type { Body } from './body.js';

/** Delays in frames and standard deviations of the noise, all resolved (`sensorOptions` in options.ts holds defaults and reasons). */
export interface Sensors {
  /** Frames: 1 is the newest sample, n the sample of n − 1 steps ago. */
  readonly visionDelay: number;
  readonly proprioceptionDelay: number;
  /** Earlier actions in the observation, oldest first. */
  readonly actionFrames: number;
  /** One number, or one a feature. Vision: 2 features; proprioception: 2M; action: M; observation: all of them. */
  readonly visionNoise: number | readonly number[];
  readonly proprioceptionNoise: number | readonly number[];
  readonly actionNoise: number | readonly number[];
  readonly observationNoise: number | readonly number[];
  /** `shared`: one draw a trial, step and sense, as MotorNet 0.2.0 (Q20). */
  readonly sensoryNoise: 'independent' | 'shared';
}

export interface Plant {
  readonly body: Body;
  readonly sensors: Sensors;
  /** External inputs that come before the observation (MotorNet's goal); the others follow it (CtDB). */
  readonly leadingInputs: number;
}

/** Entries of an observation: vision, proprioception, earlier actions. */
export function observationSize({ body, sensors }: { readonly body: Body; readonly sensors: Pick<Sensors, 'actionFrames'> }): number {
  return 2 + 2 * body.muscles + body.muscles * sensors.actionFrames;
}
