// A small reach for tests: the six-muscle arm (or another body) with all noise and delays, and trials that say little but exercise everything.
import { createPlant, type PlantInput } from '../../src/arm/create-plant.js';
import type { Plant } from '../../src/arm/plant.js';
import type { ReachLoss, Task, TrialSet } from '../../src/tasks/task.js';
import { normals } from './values.js';

export const noisySenses = {
  visionDelay: 0.05,
  proprioceptionDelay: 0.02,
  visionNoise: 0.005,
  proprioceptionNoise: 0.005,
  actionNoise: 0.005,
  observationNoise: 0.001,
} as const;

export function armPlant(input: Partial<PlantInput> = {}): Plant {
  return createPlant({ effector: { effector: 'RigidTendonArm26', muscle: 'MujocoHill' }, sensors: noisySenses, ...input });
}

export const reachLoss: ReachLoss = {
  kind: 'reach',
  position: 'squared',
  positionWeight: 10,
  actionWeight: 1,
  rampEpochs: 0,
  compat: 'none',
  weights: () => null,
};

/** Trials of three inputs: random inputs, loads and targets, starts in the middle of the joint range; trial k is the same in every set. */
export function reachTrials(plant: Plant, trials: number, steps: number, first = 0): TrialSet {
  const each = (size: number, seed: number, scale: number, offset = 0) => {
    const values = new Float32Array(trials * size);
    for (let trial = 0; trial < trials; trial++) {
      values.set(
        normals(size, 1000 * seed + first + trial).map((value) => offset + scale * value),
        trial * size,
      );
    }
    return values;
  };
  const { positionLower: low, positionUpper: high } = plant.body;
  const joints = each(4, 1, 0.05).map((value, i) => (i % 4 < 2 ? ((low[i % 4] as number) + (high[i % 4] as number)) / 2 + value : 0));
  const inputs = each(3 * steps, 2, 0.3);
  return {
    trials,
    steps,
    inputs,
    trueInputs: inputs,
    targets: each(2 * steps, 3, 0.2),
    conditions: new Int32Array(trials),
    extra: new Float32Array(0),
    joints,
    endpointLoads: each(2 * steps, 4, 3),
    jointLoads: each(2 * steps, 5, 0.3),
  };
}

/** A task of such trials. */
export function reachTask(plant: Plant, steps: number, loss: ReachLoss = reachLoss): Task {
  return {
    name: 'test-reach',
    parameters: { steps },
    steps,
    stepDuration: plant.body.timeStep,
    inputSize: 3,
    outputSize: 2,
    inputLabels: ['a', 'b', 'c'],
    outputLabels: ['x', 'y'],
    loss,
    plant,
    generate: (_key, first, count) => reachTrials(plant, count, steps, first),
    metrics: (outputs, set, movement) => ({ reached: Math.hypot(...outputs.subarray(0, 2)), effort: (movement?.actions.length ?? 0) / set.trials }),
  };
}
