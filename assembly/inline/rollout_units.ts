// Changed units on a tile of 8 trials: h ← gain ∘ h + shift for the trials that choose a row, at the states for which they do; the bits of all others stay as they are.
// Trial by trial and number by number, outside everything that is hot: a state without a change costs a look at 8 numbers; what changes cost: docs/performance.md.
import { chosenRow, chosenRows } from './chosen';
import { at } from './math';
import { Plan } from './rollout_plan';

/** The tables of a launch; absent ones are 0. */
export function setUnits(plan: Plan, rows: usize, gain: usize, shift: usize, count: i32): void {
  plan.unitRows = rows;
  plan.unitGain = gain;
  plan.unitShift = shift;
  plan.unitCount = count;
}

/** Where the trials of the tile that begins with trial `first` choose what happens at state n, or 0 where nothing does. */
export function unitRowsAt(plan: Plan, first: i32, trials: i32, n: i32): usize {
  if (plan.unitRows == 0) return 0;
  const states = plan.steps + 1;
  return chosenRows(at(plan.unitRows, first * states + n), states, trials, plan.unitCount);
}

/** state ← gain ∘ state + shift, rows [H] of the trials that chose a row. */
export function changeUnits(plan: Plan, rows: usize, state: usize, trials: i32): void {
  for (let trial = 0; trial < trials; trial++) changeTrial(plan, rows, at(state, trial), trial, plan.unitShift);
}

/** rows [H] ← gain ∘ rows: noise on changed units, and the gradient of what they were. */
export function scaleUnits(plan: Plan, rows: usize, to: usize, trials: i32): void {
  for (let trial = 0; trial < trials; trial++) changeTrial(plan, rows, at(to, trial), trial, 0);
}

/** One trial of either, every eighth number from `h` on. Numbers below 1e-25 become 0, as in the cells: denormal operands are a hundred times slower. */
function changeTrial(plan: Plan, rows: usize, h: usize, trial: i32, shifts: usize): void {
  const row = chosenRow(rows, plan.steps + 1, trial, plan.unitCount);
  if (row == 0) return;
  const first = usize(row) * (usize(plan.hidden) << 2);
  const shift = shifts + first;
  const gain = plan.unitGain + first;
  const end = usize(plan.hidden) << 2;
  for (let j: usize = 0; j < end; j += 4) {
    let x = f32.load(gain + j) * f32.load(h);
    if (shifts != 0) x += f32.load(shift + j);
    f32.store(h, abs(x) < f32(1e-25) ? 0 : x);
    h += 32;
  }
}
