// What a muscle model provides to the body's twins, and the activation dynamics that all of them share.
// Rows of a muscle's state: 0 activation, 1 length (m), 2 velocity (m/s), last: force (N); those between are the model's own.

/** The numbers of one muscle (body-layout.ts, `muscleNumber`). */
export interface MuscleParameters {
  readonly minimumActivation: number;
  readonly activationTime: number;
  readonly deactivationTime: number;
  readonly maximumForce: number;
  readonly optimalLength: number;
  readonly tendonLength: number;
  readonly slack: number;
  readonly minimumLength: number;
  readonly maximumLength: number;
  readonly maximumVelocity: number;
  readonly maximumForceVelocity: number;
  readonly passiveForces: number;
}

/** Rows [R] of one muscle, and their cotangents. */
export type Rows = Float64Array;

/** What a muscle's new rows depend on besides its old ones; also the shape of the cotangent. */
export interface MuscleDrive {
  /** Activation after the step, clamped. */
  activation: number;
  /** Normalised fibre velocity; 0 for rigid tendons. */
  fibreVelocity: number;
  /** Musculotendon length and velocity. */
  length: number;
  velocity: number;
}

/** A muscle model, one muscle at a time. Every `…Backward` adds to the cotangents that it is handed. */
export interface Muscle {
  /** The fibre length is a state of its own, behind an elastic tendon. */
  readonly compliant: boolean;
  /** Fills the rows of the initial state from musculotendon length and velocity; `step` seconds advance compliant fibres (Q8). */
  reset(p: MuscleParameters, length: number, velocity: number, step: number, rows: Rows): void;
  resetBackward(p: MuscleParameters, length: number, velocity: number, step: number, dRows: Rows): { length: number; velocity: number };
  /** Normalised fibre velocity of a stored state; 0 for rigid tendons. */
  fibreVelocity(p: MuscleParameters, rows: Rows): number;
  fibreVelocityBackward(p: MuscleParameters, rows: Rows, dVelocity: number, dRows: Rows): void;
  /** Fills `next` from the old rows and `drive`, `step` seconds later (motor.md 5.3, item 1). */
  advance(p: MuscleParameters, rows: Rows, drive: Readonly<MuscleDrive>, step: number, next: Rows): void;
  advanceBackward(p: MuscleParameters, rows: Rows, drive: Readonly<MuscleDrive>, step: number, dNext: Rows, dRows: Rows, dDrive: MuscleDrive): void;
  /** Fills the rows of a muscle of given activation, fibre length (compliant only) and musculotendon length and velocity, without a lag (rk4). */
  observe(p: MuscleParameters, activation: number, fibreLength: number, length: number, velocity: number, rows: Rows): void;
  observeBackward(
    p: MuscleParameters,
    activation: number,
    fibreLength: number,
    length: number,
    velocity: number,
    dRows: Rows,
  ): { activation: number; fibreLength: number; length: number; velocity: number };
}

export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** Derivative of `clamp` against constants: 1 inside and at the bounds. */
export function inside(x: number, low: number, high: number): number {
  return x >= low && x <= high ? 1 : 0;
}

/** da/dt for the command u: (u − a)/τ, τ = τ_act (0.5 + 1.5 a) where u > a, else τ_deact/(0.5 + 1.5 a), both clamped to [minimum, 1]. */
export function activationRate({ minimumActivation, activationTime, deactivationTime }: MuscleParameters, command: number, activation: number): number {
  const u = clamp(command, minimumActivation, 1);
  const a = clamp(activation, minimumActivation, 1);
  const t = 0.5 + 1.5 * a;
  return (u - a) / (u > a ? activationTime * t : deactivationTime / t);
}

export function activationRateBackward(
  { minimumActivation, activationTime, deactivationTime }: MuscleParameters,
  command: number,
  activation: number,
  dRate: number,
): { command: number; activation: number } {
  const u = clamp(command, minimumActivation, 1);
  const a = clamp(activation, minimumActivation, 1);
  const t = 0.5 + 1.5 * a;
  const tau = u > a ? activationTime * t : deactivationTime / t;
  const sign = u > a ? 1 : -1;
  return {
    command: (dRate / tau) * inside(command, minimumActivation, 1),
    activation: -((dRate * (1 + (sign * 1.5 * (u - a)) / t)) / tau) * inside(activation, minimumActivation, 1),
  };
}

/** A model with a rigid tendon: its rows are one function of activation and musculotendon length and velocity. */
export interface RigidMuscle {
  evaluate(p: MuscleParameters, activation: number, length: number, velocity: number, rows: Rows): void;
  evaluateBackward(
    p: MuscleParameters,
    activation: number,
    length: number,
    velocity: number,
    dRows: Rows,
  ): { activation: number; length: number; velocity: number };
}

/** Everything that a rigid-tendon muscle needs beyond its force equations. */
export function rigidTendon({ evaluate, evaluateBackward }: RigidMuscle): Muscle {
  return {
    compliant: false,
    reset: (p, length, velocity, _step, rows) => evaluate(p, p.minimumActivation, length, velocity, rows),
    resetBackward: (p, length, velocity, _step, dRows) => evaluateBackward(p, p.minimumActivation, length, velocity, dRows),
    fibreVelocity: () => 0,
    fibreVelocityBackward: () => {},
    advance: (p, _rows, { activation, length, velocity }, _step, next) => evaluate(p, activation, length, velocity, next),
    advanceBackward(p, _rows, { activation, length, velocity }, _step, dNext, _dRows, dDrive) {
      const d = evaluateBackward(p, activation, length, velocity, dNext);
      dDrive.activation += d.activation;
      dDrive.length += d.length;
      dDrive.velocity += d.velocity;
    },
    observe: (p, activation, _fibreLength, length, velocity, rows) => evaluate(p, activation, length, velocity, rows),
    observeBackward: (p, activation, _fibreLength, length, velocity, dRows) => ({
      ...evaluateBackward(p, activation, length, velocity, dRows),
      fibreLength: 0,
    }),
  };
}
