// Which trials and which units an intervention concerns: lists, shares drawn by seed, every n-th.
import { permutation, randomKey, uniformAt } from '../random.js';
import type { TrialChoice, UnitChoice } from './options.js';

/** Whether a trial is chosen, by its position in the data set and its condition. `epoch` (from 0) keys the draws of fresh trials. */
export function isChosen(choice: TrialChoice | undefined, trial: number, condition: number, epoch: number): boolean {
  if (!choice) return true;
  const { list, every, offset = 0, fraction, seed = 0, conditions, invert = false } = choice;
  const chosen =
    (list === undefined || list.includes(trial)) &&
    (every === undefined || trial % every === offset % every) &&
    (conditions === undefined || conditions.includes(condition)) &&
    (fraction === undefined || uniformAt(randomKey(seed, 'trials of an intervention', epoch), trial, 0) < fraction);
  return chosen !== invert;
}

/** Chosen units of H in ascending order. */
export function chosenUnits(choice: UnitChoice | undefined, hiddenSize: number): number[] {
  const all = Array.from({ length: hiddenSize }, (_, unit) => unit);
  if (!choice) return all;
  const { list, range, fraction, seed = 0 } = choice;
  if (list) return [...new Set(list)].sort((a, b) => a - b);
  if (range) return all.slice(range[0], range[1] + 1);
  const count = Math.round((fraction ?? 1) * hiddenSize);
  return Array.from(permutation(hiddenSize, randomKey(seed, 'units of an intervention')).subarray(0, count)).sort((a, b) => a - b);
}
