// What a body feels, step by step: samples of vision and proprioception with their noise, and the buffers that delay them (docs/arm.md, "Senses").
// The draws are those of closed-loop rollouts: keyed by seed, purpose and epoch (here: episode), then trial, then reading · features + feature.
import type { Backend } from '../backends/backend.js';
import { bodyNumber, jointCount, muscleNumber, muscleStride } from '../backends/body-layout.js';
import { normalAt, type RandomKey, randomKey } from '../random.js';
import { add, divide } from '../tensor/operations/binary.js';
import { concat, reshape, slice } from '../tensor/operations/layout.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';
import type { EffectorState } from './effector.js';
import { observationSize, type Plant, type Sensors } from './plant.js';

/** Sources of noise, by the purpose that keys their stream. */
export type NoisePurpose = 'vision noise' | 'proprioception noise' | 'action noise' | 'observation noise' | 'goal noise';

/** Which sources are on in one call. */
export interface NoiseSwitches {
  readonly senses: boolean;
  readonly action: boolean;
  readonly observation: boolean;
}

/** Delayed senses of a batch of trials. Buffers hold handles of their own; `dispose` gives them back. */
export class Senses {
  readonly #backend: Backend;
  readonly #plant: Plant;
  /** Optimal lengths, then maximum velocities [2, M]. */
  readonly #scale: Tensor;
  #vision: Tensor[] = [];
  #proprioception: Tensor[] = [];
  #actions: Tensor[] = [];
  #seed = 0;
  #episode = 0;
  #readings = 0;
  #steps = 0;

  constructor(backend: Backend, plant: Plant) {
    this.#backend = backend;
    this.#plant = plant;
    const { table, muscles } = plant.body;
    const row = (at: number) => Array.from({ length: muscles }, (_, m) => table[bodyNumber.muscles + m * muscleStride + at] as number);
    const made = tensor(backend, [row(muscleNumber.optimalLength), row(muscleNumber.maximumVelocity)]);
    this.#scale = made.share();
    made.dispose();
  }

  /** Starts an episode: buffers full of one reading of the initial state, then a second reading; no earlier actions. */
  reset(seed: number, episode: number, state: EffectorState, noise: NoiseSwitches): void {
    this.#release();
    [this.#seed, this.#episode, this.#readings, this.#steps] = [seed, episode, 0, 0];
    const { sensors, body } = this.#plant;
    const batch = state.joint.shape[0] as number;
    const first = this.#read(state, noise);
    const fill = (count: number, sample: Tensor) => Array.from({ length: count }, () => sample.share());
    this.#vision = fill(sensors.visionDelay, first.vision);
    this.#proprioception = fill(sensors.proprioceptionDelay, first.proprioception);
    this.#actions = sensors.actionFrames > 0 ? fill(sensors.actionFrames, zeros(this.#backend, [batch, body.muscles])) : [];
    this.#push(state, noise);
  }

  /** The action with its noise [B, M]. */
  noisyAction(action: Tensor, noise: NoiseSwitches): Tensor {
    const { actionNoise } = this.#plant.sensors;
    return this.#noisy(action, 'action noise', this.#steps, noise.action ? actionNoise : 0, false);
  }

  /** Takes in a new state and the noisy, unclamped action that led to it. */
  advance(state: EffectorState, action: Tensor, noise: NoiseSwitches): void {
    this.#steps++;
    this.#push(state, noise);
    if (this.#actions.length > 0) shift(this.#actions, action);
  }

  /** Goal, delayed vision, delayed proprioception, earlier actions [B, 2 + V], with observation noise; without goal [B, V]. */
  observe(goal: Tensor | null, noisyGoal: boolean, noise: NoiseSwitches): Tensor {
    const [vision] = this.#vision as [Tensor];
    const [proprioception] = this.#proprioception as [Tensor];
    const { observationNoise } = this.#plant.sensors;
    const seen = concat([vision, proprioception, ...this.#actions], 1);
    const observed = this.#noisy(seen, 'observation noise', this.#steps, noise.observation ? observationNoise : 0, false);
    if (!goal) return observed;
    const deviation = noise.observation && noisyGoal && typeof observationNoise === 'number' ? observationNoise : 0;
    return concat([this.#noisy(goal, 'goal noise', this.#steps, deviation, false), observed], 1);
  }

  dispose(): void {
    this.#release();
    this.#scale.dispose();
  }

  /** One noisy sample of each sense. */
  #read({ cartesian, muscle }: EffectorState, { senses }: NoiseSwitches): { vision: Tensor; proprioception: Tensor } {
    const { sensors, body } = this.#plant;
    const batch = cartesian.shape[0] as number;
    const shared = sensors.sensoryNoise === 'shared';
    const felt = reshape(divide(slice(muscle, [null, [1, 3]]), this.#scale), [batch, 2 * body.muscles]);
    const reading = this.#readings++;
    return {
      vision: this.#noisy(slice(cartesian, [null, [0, jointCount]]), 'vision noise', reading, senses ? sensors.visionNoise : 0, shared),
      proprioception: this.#noisy(felt, 'proprioception noise', reading, senses ? sensors.proprioceptionNoise : 0, shared),
    };
  }

  #push(state: EffectorState, noise: NoiseSwitches): void {
    const { vision, proprioception } = this.#read(state, noise);
    shift(this.#vision, vision);
    shift(this.#proprioception, proprioception);
  }

  /** values + deviation · normal draws; the values themselves where the deviation is 0. */
  #noisy(values: Tensor, purpose: NoisePurpose, row: number, deviation: Sensors['visionNoise'], shared: boolean): Tensor {
    if ([deviation].flat().every((size) => size === 0)) return values;
    const [batch, features] = values.shape as [number, number];
    return add(values, tensor(this.#backend, this.#draws(purpose, row, batch, features, deviation, shared), [batch, features], 'f32'));
  }

  #draws(purpose: NoisePurpose, row: number, batch: number, features: number, deviation: Sensors['visionNoise'], shared: boolean): Float64Array {
    const key: RandomKey = randomKey(this.#seed, purpose, this.#episode);
    const noise = new Float64Array(batch * features);
    for (let trial = 0; trial < batch; trial++) {
      for (let feature = 0; feature < features; feature++) {
        const draw = normalAt(key, trial, shared ? row : row * features + feature);
        noise[trial * features + feature] = draw * (typeof deviation === 'number' ? deviation : (deviation[feature] as number));
      }
    }
    return noise;
  }

  #release(): void {
    for (const frame of [...this.#vision, ...this.#proprioception, ...this.#actions]) frame.dispose();
    this.#vision = [];
    this.#proprioception = [];
    this.#actions = [];
  }
}

/** Entries of what `observe` returns. */
export function observedSize(plant: Plant, withGoal: boolean): number {
  return observationSize(plant) + (withGoal ? jointCount : 0);
}

/** Drops the oldest frame and appends a handle on the newest. */
function shift(frames: Tensor[], newest: Tensor): void {
  frames.shift()?.dispose();
  frames.push(newest.share());
}
