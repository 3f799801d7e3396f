// What acts on single trials at single steps, chosen by row from small tables: changed units, force fields on the end point, muscle strengths.
// Math  row r = row[b, n]; r = 0, or a row that the table lacks: nothing happens. Units: h ← gain_r ∘ h + shift_r, d h ← gain_r ∘ d h
//       Field: F = f + A (p − c) + B v of the state before the step, held through it. Strength: every force that the step computes, times strength_r:
//       that of the state after the step, and with rk4 those of all its stages; with euler it pulls one ministep later, as all muscle rows lag
import { fieldNumber as at, fieldLength } from '../body-layout.js';
import type { BodyModel } from './arm/body.js';
import type { Muscle, MuscleParameters, Rows } from './arm/muscle.js';
import type { ReferenceCall, Values } from './kernel.js';
import { vectorAt } from './rollout.js';

/** Row `rows[index]` of a table of `count` rows of `length` numbers; null for row 0 and for none. */
function chosen(rows: Values | undefined, index: number, table: Values | undefined, count: number, length: number): Float64Array | null {
  const row = rows && table ? rows[index] : 0;
  return row > 0 && row < count ? vectorAt(table as Values, row, length) : null;
}

/** What happens to the units of one trial at one state. */
export interface UnitChange {
  readonly gain: Float64Array;
  readonly shift: Float64Array;
}

/** The change of units of trial b at state n (0: the initial one), or null. */
export function unitChange({ args, dims: { T, W }, params: { hidden_size } }: ReferenceCall, b: number, n: number): UnitChange | null {
  const index = b * (T + 1) + n;
  const gain = chosen(args.unit_row, index, args.unit_gain, W, hidden_size);
  return gain && { gain, shift: chosen(args.unit_row, index, args.unit_shift, W, hidden_size) as Float64Array };
}

/** A state [S] under a change of its first H entries. */
export function changed(change: UnitChange | null, state: Float64Array): Float64Array {
  return state.map((h, j) => (change && j < change.gain.length ? change.gain[j] * h + change.shift[j] : h));
}

/** The reverse: the gradient of a changed state becomes that of the state before. */
export function changedBackward(change: UnitChange | null, dState: Float64Array): void {
  change?.gain.forEach((gain, j) => {
    dState[j] *= gain;
  });
}

/** Adds noise [H] to a state, as much of it as the change lets through. */
export function addNoise(change: UnitChange | null, noise: Float64Array, state: Float64Array): void {
  noise.forEach((draw, j) => {
    state[j] += change ? change.gain[j] * draw : draw;
  });
}

/** The field that trial and step `index` = b T + k meets, or null. */
export function fieldAt({ args, dims: { X } }: ReferenceCall, index: number): Float64Array | null {
  return chosen(args.field_row, index, args.fields, X, fieldLength);
}

/** Force [2] of a field on an end point with position and velocity [4]. */
export function fieldForce(field: Float64Array, [x, y, vx, vy]: Float64Array): Float64Array {
  const [dx, dy] = [x - field[at.centre], y - field[at.centre + 1]];
  return Float64Array.from({ length: 2 }, (_, i) => {
    const [A, B] = [at.stiffness + 2 * i, at.damping + 2 * i];
    return field[at.force + i] + field[A] * dx + field[A + 1] * dy + field[B] * vx + field[B + 1] * vy;
  });
}

/** The reverse: gradient [4] of position and velocity from that of the force [2]. */
export function fieldForceBackward(field: Float64Array, [fx, fy]: Float64Array): Float64Array {
  const { stiffness: A, damping: B } = at;
  return Float64Array.of(
    field[A] * fx + field[A + 2] * fy,
    field[A + 1] * fx + field[A + 3] * fy,
    field[B] * fx + field[B + 2] * fy,
    field[B + 1] * fx + field[B + 3] * fy,
  );
}

/** The body as it is through trial and step `index` = b T + k: with scaled muscle forces where a row of strengths says so. */
export function bodyAt(body: BodyModel, { args, dims: { Y } }: ReferenceCall, index: number): BodyModel {
  const strengths = chosen(args.strength_row, index, args.strengths, Y, body.M);
  return strengths ? { ...body, muscle: scaledMuscle(body, strengths) } : body;
}

/** The muscle model with every force that a step computes times the strength of its muscle; the reset stays as it is. */
function scaledMuscle({ muscle, parameters, R }: BodyModel, strengths: Float64Array): Muscle {
  const strengthOf = new Map<MuscleParameters, number>(parameters.map((p, m) => [p, strengths[m]]));
  const scale = (p: MuscleParameters, rows: Rows) => {
    rows[R - 1] *= strengthOf.get(p) as number;
  };
  const scaled = (p: MuscleParameters, dRows: Rows) => {
    const d = dRows.slice();
    scale(p, d);
    return d;
  };
  return {
    ...muscle,
    advance(p, rows, drive, step, next) {
      muscle.advance(p, rows, drive, step, next);
      scale(p, next);
    },
    advanceBackward: (p, rows, drive, step, dNext, dRows, dDrive) => muscle.advanceBackward(p, rows, drive, step, scaled(p, dNext), dRows, dDrive),
    observe(p, activation, fibreLength, length, velocity, rows) {
      muscle.observe(p, activation, fibreLength, length, velocity, rows);
      scale(p, rows);
    },
    observeBackward: (p, activation, fibreLength, length, velocity, dRows) =>
      muscle.observeBackward(p, activation, fibreLength, length, velocity, scaled(p, dRows)),
  };
}
