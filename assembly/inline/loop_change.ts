// What acts on single bodies of a tile at single steps: force fields on the end point, and muscles that are weaker or stronger; the reverse of the fields.
// Fields: F = f + A (p − c) + B v with position and velocity of the state before the step, held through it. Rows of a field: src/backends/body-layout.ts, `fieldNumber`.
import { BodyPlan, cartesianRowsOf } from './body_layout';
import { chosenRow, chosenRows } from './chosen';
import { LoopPlan } from './loop_plan';
import { at } from './math';
import { fillRow, rowAt } from './tile';

const FIELD_LENGTH: i32 = 12;

/** Where the trials of a tile choose their fields in step k, or 0 where there is none. */
export function fieldRowsAt(plan: LoopPlan, first: i32, trials: i32, steps: i32, k: i32): usize {
  return plan.fieldRows == 0 ? 0 : chosenRows(at(plan.fieldRows, first * steps + k), steps, trials, plan.fieldCount);
}

/** One number of a trial: row `row` of `rows`. */
// @ts-ignore: decorator
@inline
function lane(rows: usize, row: i32, trial: i32): usize {
  return at(rowAt(rows, row), trial);
}

// @ts-ignore: decorator
@inline
function number(field: usize, i: i32): f32 {
  return f32.load(at(field, i));
}

/** load [2] += the fields' forces on the end points of `state`. */
export function addFields(plan: LoopPlan, body: BodyPlan, rows: usize, trials: i32, steps: i32, state: usize, load: usize): void {
  const cartesian = cartesianRowsOf(body, state);
  for (let trial = 0; trial < trials; trial++) {
    const row = chosenRow(rows, steps, trial, plan.fieldCount);
    if (row == 0) continue;
    const field = at(plan.fields, row * FIELD_LENGTH);
    const x = f32.load(lane(cartesian, 0, trial)) - number(field, 2);
    const y = f32.load(lane(cartesian, 1, trial)) - number(field, 3);
    const vx = f32.load(lane(cartesian, 2, trial));
    const vy = f32.load(lane(cartesian, 3, trial));
    for (let axis = 0; axis < 2; axis++) {
      const A = 4 + 2 * axis;
      const B = 8 + 2 * axis;
      const force = number(field, axis) + (number(field, A) * x + number(field, A + 1) * y) + (number(field, B) * vx + number(field, B + 1) * vy);
      const to = lane(load, axis, trial);
      f32.store(to, f32.load(to) + force);
    }
  }
}

/** The reverse: adds to the Cartesian rows of `dState` what the gradient of the loads, `dLoad` [2], owes through the fields. */
export function returnThroughFields(plan: LoopPlan, body: BodyPlan, rows: usize, trials: i32, steps: i32, dLoad: usize, dState: usize): void {
  const cartesian = cartesianRowsOf(body, dState);
  for (let trial = 0; trial < trials; trial++) {
    const row = chosenRow(rows, steps, trial, plan.fieldCount);
    if (row == 0) continue;
    const field = at(plan.fields, row * FIELD_LENGTH);
    const fx = f32.load(lane(dLoad, 0, trial));
    const fy = f32.load(lane(dLoad, 1, trial));
    for (let i = 0; i < 4; i++) {
      const first = i < 2 ? 4 + i : 6 + i; // columns of A, then of B
      const to = lane(cartesian, i, trial);
      f32.store(to, f32.load(to) + (number(field, first) * fx + number(field, first + 2) * fy));
    }
  }
}

/** Strengths of all muscles in step k, rows [M] at `to`, 1 for trials that choose none; 0 where all muscles are as they are. */
export function strengthRowsAt(plan: LoopPlan, first: i32, trials: i32, steps: i32, k: i32, to: usize): usize {
  if (plan.strengthRows == 0) return 0;
  const rows = chosenRows(at(plan.strengthRows, first * steps + k), steps, trials, plan.strengthCount);
  if (rows == 0) return 0;
  for (let m = 0; m < plan.muscles; m++) {
    fillRow(rowAt(to, m), 1);
    for (let trial = 0; trial < trials; trial++) {
      const row = chosenRow(rows, steps, trial, plan.strengthCount);
      if (row > 0) f32.store(lane(to, m, trial), f32.load(at(plan.strengths, row * plan.muscles + m)));
    }
  }
  return to;
}
