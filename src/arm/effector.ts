// Effector: a body on a backend. Its reset, single step and open-loop rollout are operations on the gradient tape.
import type { Backend } from '../backends/backend.js';
import { geometryRowCount, jointCount, jointStateSize } from '../backends/body-layout.js';
import { ShapeError } from '../errors.js';
import { broadcastTo } from '../tensor/operations/layout.js';
import { tidy } from '../tensor/scope.js';
import { recordOperation } from '../tensor/tape.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';
import type { Body } from './body.js';

/** Everything that a step reads and writes. Tensors belong to whoever received them. */
export interface EffectorState {
  /** Positions and velocities [B, 4]: rad, rad/s (point mass m, m/s). */
  readonly joint: Tensor;
  /** Rows of `Body.muscleRows` [B, R, M]. */
  readonly muscle: Tensor;
  /** Musculotendon length, m, its velocity, m/s, and the moment arms of both joints, m [B, 4, M]. */
  readonly geometry: Tensor;
  /** Position and velocity of the end point [B, 4]. */
  readonly cartesian: Tensor;
}

/** Forces from outside, [B, 2] or [1, 2]; in a rollout [B, T, 2]. */
export interface Loads {
  /** On the end point, N. */
  readonly endpointLoad?: Tensor | null;
  /** On the joints, N·m (axes of a point mass: N). */
  readonly jointLoad?: Tensor | null;
}

/** All states of an open-loop rollout; N = T + 1, the initial one first. */
export interface EffectorRollout {
  /** [B, N, 4]. */
  readonly joint: Tensor;
  /** [B, N, R, M]. */
  readonly muscle: Tensor;
  /** [B, N, 4, M]. */
  readonly geometry: Tensor;
  /** [B, N, 4]. */
  readonly cartesian: Tensor;
}

type Arguments = Readonly<Record<string, Tensor | null | undefined>>;

/** Holds the tables of a body on a backend until `dispose`. Everything that its methods return is the caller's to dispose, or a tidy's. */
export class Effector {
  readonly backend: Backend;
  readonly body: Body;
  readonly #tables: { readonly body_layout: Tensor; readonly body: Tensor };

  constructor(backend: Backend, body: Body) {
    this.backend = backend;
    this.body = body;
    // Handles of its own, which no tidy takes away.
    this.#tables = tidy(() => ({ body_layout: tensor(backend, body.layout).share(), body: tensor(backend, body.table).share() }));
  }

  /**
   * State of the body at rest in its muscles: from `joint` [B, 4] follow geometry, initial muscle state and end point; differentiable in `joint`. Limits are not
   * looked at (Environment does). Throws ShapeError.
   */
  reset(joint: Tensor): EffectorState {
    checkShape('Effector.reset', 'joint', joint, [joint.shape[0] ?? 0, jointStateSize]);
    return tidy(() => {
      const state = this.#emptyState(joint.shape[0] as number);
      const { muscle, geometry, cartesian } = state;
      this.#run('effector_reset', { joint, muscle, geometry, cartesian });
      const outputs = [muscle, geometry, cartesian];
      recordOperation({
        name: 'effector reset',
        inputs: [joint],
        outputs,
        saved: this.#saved(),
        once: true,
        reverse: ({ inputs, dOutputs: [d_muscle, d_geometry, d_cartesian], saved }) => {
          const [joint] = inputs as [Tensor];
          const d_joint = zeros(this.backend, joint.shape);
          this.#run('effector_reset_backward', { joint, d_muscle, d_geometry, d_cartesian, d_joint }, saved);
          return [d_joint];
        },
      });
      // The state's own joint handle: `joint` stays the caller's.
      return { ...state, joint: joint.share(true) };
    });
  }

  /**
   * One time step under `action` [B, M] (clamped to the smallest activation and 1). Differentiable in the state, the action and the loads. Throws ShapeError.
   */
  step(state: Omit<EffectorState, 'cartesian'>, action: Tensor, loads: Loads = {}): EffectorState {
    const { joint, muscle, geometry } = state;
    const [batch] = joint.shape as [number];
    const { muscles, muscleRows } = this.body;
    checkShape('Effector.step', 'joint', joint, [batch, jointStateSize]);
    checkShape('Effector.step', 'muscle', muscle, [batch, muscleRows.length, muscles]);
    checkShape('Effector.step', 'geometry', geometry, [batch, geometryRowCount, muscles]);
    checkShape('Effector.step', 'action', action, [batch, muscles]);
    return tidy(() => {
      const forces = loadsOf('Effector.step', loads, [batch, jointCount]);
      const next = this.#emptyState(batch);
      const reads = { action, joint, muscle, geometry };
      this.#run('effector_step', {
        ...reads,
        endpoint_load: forces[0],
        joint_load: forces[1],
        next_joint: next.joint,
        next_muscle: next.muscle,
        next_geometry: next.geometry,
        next_cartesian: next.cartesian,
      });
      recordOperation({
        name: 'effector step',
        inputs: [action, joint, muscle, geometry, ...present(forces)],
        outputs: [next.joint, next.muscle, next.geometry, next.cartesian],
        saved: this.#saved(),
        once: true,
        reverse: ({ inputs, dOutputs: [d_next_joint, d_next_muscle, d_next_geometry, d_next_cartesian], saved }) =>
          this.#stepBackward(inputs, forces, { d_next_joint, d_next_muscle, d_next_geometry, d_next_cartesian }, saved),
      });
      return next;
    });
  }

  /**
   * T time steps from `joint0` [B, 4] under `actions` [B, T, M], in one kernel. Differentiable in actions, loads [B, T, 2] and `joint0`, on which the initial
   * muscle state depends. Throws ShapeError.
   */
  rollout(joint0: Tensor, actions: Tensor, loads: Loads = {}): EffectorRollout {
    const { muscles, muscleRows } = this.body;
    const [batch, steps] = actions.shape as [number, number];
    checkShape('Effector.rollout', 'actions', actions, [batch ?? 0, steps ?? 0, muscles]);
    checkShape('Effector.rollout', 'joint0', joint0, [batch, jointStateSize]);
    return tidy(() => {
      const forces = loadsOf('Effector.rollout', loads, [batch, steps, jointCount]);
      const states = steps + 1;
      const joint = zeros(this.backend, [batch, states, jointStateSize]);
      const muscle = zeros(this.backend, [batch, states, muscleRows.length, muscles]);
      const cartesian = zeros(this.backend, [batch, states, jointStateSize]);
      const geometry = zeros(this.backend, [batch, states, geometryRowCount, muscles]);
      this.#run('effector_rollout_forward', { joint0, actions, endpoint_load: forces[0], joint_load: forces[1], joint, muscle, cartesian, geometry });
      recordOperation({
        name: 'effector rollout',
        inputs: [actions, joint0, ...present(forces)],
        outputs: [joint, muscle, cartesian, geometry],
        saved: this.#saved(),
        once: true,
        reverse: ({ inputs, outputs, dOutputs, saved }) => {
          const [actions, joint0] = inputs as [Tensor, Tensor];
          const [endpoint_load, joint_load] = spread(forces, inputs.slice(2));
          const [joint, muscle] = outputs;
          const [d_joint, d_muscle, d_cartesian, d_geometry] = dOutputs;
          const like = (source: Tensor | null) => (source ? zeros(this.backend, source.shape) : null);
          const [d_actions, d_joint0, d_endpoint_load, d_joint_load] = [actions, joint0, endpoint_load, joint_load].map(like);
          const args = { actions, endpoint_load, joint_load, joint, muscle, d_joint, d_muscle, d_cartesian, d_geometry };
          this.#run('effector_rollout_backward', { ...args, d_actions, d_joint0, d_endpoint_load, d_joint_load }, saved);
          return present([d_actions, d_joint0, d_endpoint_load, d_joint_load]);
        },
      });
      return { joint, muscle, geometry, cartesian };
    });
  }

  /**
   * Positions and velocities of the path points [B, 2, N] (axis 1: x, y) and their derivatives [B, 2, 2, N] (axis 1: x, y; axis 2: joint) in joint states
   * [B, 4]; differentiable in `joint`. Throws ShapeError for a body without paths.
   */
  points(joint: Tensor): { point: Tensor; velocity: Tensor; derivative: Tensor } {
    const batch = joint.shape[0] ?? 0;
    const { points } = this.body;
    checkShape('Effector.points', 'joint', joint, [batch, jointStateSize]);
    if (points === 0) throw new ShapeError(`Effector.points: expected a body whose muscles are paths, got ${this.body.name}`);
    return tidy(() => {
      const point = zeros(this.backend, [batch, jointCount, points]);
      const velocity = zeros(this.backend, [batch, jointCount, points]);
      const derivative = zeros(this.backend, [batch, jointCount, jointCount, points]);
      this.#run('effector_points', { joint, point, velocity, derivative });
      recordOperation({
        name: 'effector points',
        inputs: [joint],
        outputs: [point, velocity, derivative],
        saved: this.#saved(),
        once: true,
        reverse: ({ inputs, dOutputs: [d_point, d_velocity, d_derivative], saved }) => {
          const [joint] = inputs as [Tensor];
          const d_joint = zeros(this.backend, joint.shape);
          this.#run('effector_points_backward', { joint, d_point, d_velocity, d_derivative, d_joint }, saved);
          return [d_joint];
        },
      });
      return { point, velocity, derivative };
    });
  }

  /**
   * Rates of change at the start of a step: joint acceleration [B, 2] (point mass: force), differentiable; muscle rates [B, 1 or 2, M] (activation; compliant
   * muscles: fibre velocity in optimal lengths a second), whose gradient is refused with ShapeError.
   */
  rates(state: Omit<EffectorState, 'cartesian'>, action: Tensor, loads: Loads = {}): { acceleration: Tensor; muscleRate: Tensor } {
    const { joint, muscle, geometry } = state;
    const [batch] = joint.shape as [number];
    const compliant = this.body.muscleRows.includes('active force');
    return tidy(() => {
      const forces = loadsOf('Effector.rates', loads, [batch, jointCount]);
      const acceleration = zeros(this.backend, [batch, jointCount]);
      const muscleRate = zeros(this.backend, [batch, compliant ? 2 : 1, this.body.muscles]);
      const reads = { action, joint, muscle, geometry, endpoint_load: forces[0], joint_load: forces[1] };
      this.#run('effector_step', { ...reads, ...this.#nextArguments(batch), acceleration, muscle_rate: muscleRate });
      recordOperation({
        name: 'effector rates',
        inputs: [action, joint, muscle, geometry, ...present(forces)],
        outputs: [acceleration, muscleRate],
        saved: this.#saved(),
        once: true,
        reverse: ({ inputs, dOutputs: [d_acceleration, d_muscle_rate], saved }) => {
          if (d_muscle_rate) throw new ShapeError('Effector.rates: expected a value that depends on the acceleration only, got one of the muscle rates');
          return this.#stepBackward(inputs, forces, { d_acceleration }, saved);
        },
      });
      return { acceleration, muscleRate };
    });
  }

  /** Gives the tables back. Safe to call twice. */
  dispose(): void {
    this.#tables.body_layout.dispose();
    this.#tables.body.dispose();
  }

  #emptyState(batch: number): EffectorState {
    const { muscles, muscleRows } = this.body;
    return {
      joint: zeros(this.backend, [batch, jointStateSize]),
      muscle: zeros(this.backend, [batch, muscleRows.length, muscles]),
      geometry: zeros(this.backend, [batch, geometryRowCount, muscles]),
      cartesian: zeros(this.backend, [batch, jointStateSize]),
    };
  }

  /** Room for a new state, under the names that effector_step knows. */
  #nextArguments(batch: number): Arguments {
    const { joint, muscle, geometry, cartesian } = this.#emptyState(batch);
    return { next_joint: joint, next_muscle: muscle, next_geometry: geometry, next_cartesian: cartesian };
  }

  /** Gradients of the inputs of a step: action, joint, muscle, geometry, then those loads that there are. */
  #stepBackward(inputs: readonly Tensor[], forces: readonly (Tensor | null)[], cotangents: Arguments, saved: readonly Tensor[]): Tensor[] {
    const [action, joint, muscle, geometry] = inputs as [Tensor, Tensor, Tensor, Tensor];
    const [endpoint_load, joint_load] = spread(forces, inputs.slice(4));
    const like = (source: Tensor | null) => (source ? zeros(this.backend, source.shape) : null);
    const [d_action, d_joint, d_muscle, d_geometry, d_endpoint_load, d_joint_load] = [action, joint, muscle, geometry, endpoint_load, joint_load].map(like);
    const reads = { action, joint, muscle, geometry, endpoint_load, joint_load, ...cotangents };
    this.#run('effector_step_backward', { ...reads, d_action, d_joint, d_muscle, d_geometry, d_endpoint_load, d_joint_load }, saved);
    return present([d_action, d_joint, d_muscle, d_geometry, d_endpoint_load, d_joint_load]);
  }

  /** The tables, which an entry of the tape holds on to beyond `dispose`. */
  #saved(): readonly Tensor[] {
    return [this.#tables.body_layout, this.#tables.body];
  }

  #run(kernel: string, given: Arguments, [body_layout, body]: readonly (Tensor | undefined)[] = this.#saved()): void {
    const args = { body_layout, body, ...given };
    const scratch = zeros(this.backend, [this.backend.scratchLength(kernel, 'scratch', { args })]);
    this.backend.run(kernel, { args: { ...args, scratch } });
    scratch.dispose();
  }
}

/** Loads of full batch size, null where there is none. */
function loadsOf(where: string, { endpointLoad, jointLoad }: Loads, shape: readonly number[]): [Tensor | null, Tensor | null] {
  const fit = (name: string, load: Tensor | null | undefined): Tensor | null => {
    if (!load) return null;
    if (load.rank === shape.length && load.shape.every((size, axis) => size === shape[axis])) return load;
    if (load.rank === shape.length && load.shape.every((size, axis) => size === shape[axis] || (axis === 0 && size === 1))) return broadcastTo(load, shape);
    throw new ShapeError(`${where}: expected ${name} [${shape.join(', ')}] or [1, ${shape.slice(1).join(', ')}], got [${load.shape.join(', ')}]`);
  };
  return [fit('endpointLoad', endpointLoad), fit('jointLoad', jointLoad)];
}

/** Puts the loads of a recorded operation back in their places. */
function spread(forces: readonly (Tensor | null)[], given: readonly Tensor[]): [Tensor | null, Tensor | null] {
  const rest = [...given];
  return [forces[0] ? (rest.shift() as Tensor) : null, forces[1] ? (rest.shift() as Tensor) : null];
}

const present = (tensors: readonly (Tensor | null | undefined)[]): Tensor[] => tensors.filter((one) => one !== null && one !== undefined);

function checkShape(where: string, name: string, { shape }: Tensor, expected: readonly number[]): void {
  if (shape.length === expected.length && shape.every((size, axis) => size === expected[axis])) return;
  throw new ShapeError(`${where}: expected ${name} of shape [${expected.join(', ')}], got [${shape.join(', ')}]`);
}
