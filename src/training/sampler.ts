// Samplers: cut the trials of an epoch into batches. Between training options and the loop; spec of the three kinds in docs/experiments.md.
import { permutation, randomKey } from '../random.js';

/** What a sampler draws from. */
export interface SamplerPlan {
  /** `random` shuffles every epoch, `sequential` keeps the order given, `grouped` makes batches of one condition each. */
  readonly sampler: 'random' | 'sequential' | 'grouped';
  /** Trials to draw from, as indices into the data set [S]. */
  readonly indices: Int32Array;
  /** Condition of every trial of the data set, looked up by index; only `grouped` reads it. */
  readonly conditions: Int32Array;
  /** Trials in a batch; the last of an epoch (or of a condition) may be smaller. */
  readonly batchSize: number;
  /** Seed of the run: an epoch's order is a function of (seed, epoch) alone, so that nothing needs saving. */
  readonly seed: number;
}

/** The batches of epoch `epoch` (from 1), each a list of trial indices; together they hold every trial of `plan.indices` exactly once. */
export function epochBatches(plan: SamplerPlan, epoch: number): Int32Array[] {
  switch (plan.sampler) {
    case 'sequential':
      return consecutive(plan.indices, plan.batchSize);
    case 'random':
      return consecutive(shuffled(plan.indices, plan.seed, epoch), plan.batchSize);
    case 'grouped':
      return grouped(plan, epoch);
  }
}

/** Number of batches that `epochBatches` gives in every epoch. */
export function batchesPerEpoch(plan: SamplerPlan): number {
  if (plan.sampler !== 'grouped') return Math.ceil(plan.indices.length / plan.batchSize);
  let batches = 0;
  for (const group of groups(plan)) batches += Math.ceil(group.length / plan.batchSize);
  return batches;
}

/** Cuts `indices` into runs of `batchSize`; the last may be shorter. Copies nothing. */
export function consecutive(indices: Int32Array, batchSize: number): Int32Array[] {
  const batches: Int32Array[] = [];
  for (let first = 0; first < indices.length; first += batchSize) batches.push(indices.subarray(first, first + batchSize));
  return batches;
}

function shuffled(indices: Int32Array, seed: number, epoch: number): Int32Array {
  return permutation(indices.length, randomKey(seed, 'sampler', epoch)).map((place) => indices[place] as number);
}

/** Trials by condition, conditions in ascending order, trials in the order given. */
function groups(plan: SamplerPlan): Int32Array[] {
  const byCondition = new Map<number, number[]>();
  for (const index of plan.indices) {
    const condition = plan.conditions[index] as number;
    const group = byCondition.get(condition);
    if (group) group.push(index);
    else byCondition.set(condition, [index]);
  }
  return [...byCondition.entries()].sort(([a], [b]) => a - b).map(([, group]) => Int32Array.from(group));
}

/** Round robin over the conditions in shuffled order: each gives its next batch until all are exhausted, so no tail is lost. */
function grouped(plan: SamplerPlan, epoch: number): Int32Array[] {
  const all = groups(plan).map((group) => consecutive(group, plan.batchSize));
  const order = [...permutation(all.length, randomKey(plan.seed, 'sampler', epoch))].map((place) => all[place] as Int32Array[]);
  const batches: Int32Array[] = [];
  for (let round = 0; order.some((group) => round < group.length); round++) {
    for (const group of order) {
      const batch = group[round];
      if (batch) batches.push(batch);
    }
  }
  return batches;
}
