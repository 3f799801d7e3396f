// Reaching tasks from their options: the body with its senses, what is wrong across options, and the task.
import type { Body } from '../arm/body.js';
import { createBody } from '../arm/create-body.js';
import { createPlant } from '../arm/create-plant.js';
import type { Plant } from '../arm/plant.js';
import { ConfigError } from '../errors.js';
import { centreOutReachProblems, createCentreOutReach } from './centre-out-reach.js';
import { createCyclicReach, cyclicReachProblems } from './cyclic-reach.js';
import { createDelayedReach, delayedReachProblems } from './delayed-reach.js';
import { createRandomTarget, randomTargetProblems } from './random-target.js';
import { createRandomTargetReach, randomTargetReachProblems } from './random-target-reach.js';
import type { ReachTaskOptions } from './reach-options.js';
import type { Task } from './task.js';

/** The task; throws ConfigError that names every problem of body, senses and the task's own options, with paths relative to the task. */
export function createReachTask(options: ReachTaskOptions): Task {
  // MotorNet's goal comes before the observation, CtDB's context behind it.
  const leadingInputs = options.name === 'random-target-reach' ? 2 : 0;
  const problems: string[] = [];
  const attempt = <Value>(make: () => Value): Value | null => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  const plant = attempt(() => createPlant({ effector: options.effector, sensors: options.sensors, leadingInputs }));
  const sound = plant?.body ?? (problems.some((text) => text.startsWith('effector')) ? null : attempt(() => createBody(options.effector)));
  if (sound) problems.push(...ownProblems(options, sound));
  if (problems.length > 0 || !plant) throw new ConfigError('task', problems);
  return build(options, plant);
}

function ownProblems(options: ReachTaskOptions, body: Body): string[] {
  switch (options.name) {
    case 'random-target':
      return randomTargetProblems(options, body);
    case 'random-target-reach':
      return randomTargetReachProblems(options, body);
    case 'centre-out-reach':
      return centreOutReachProblems(options, body);
    case 'delayed-reach':
      return delayedReachProblems(options, body);
    case 'cyclic-reach':
      return cyclicReachProblems(options, body);
  }
}

function build(options: ReachTaskOptions, plant: Plant): Task {
  switch (options.name) {
    case 'random-target':
      return createRandomTarget(options, plant);
    case 'random-target-reach':
      return createRandomTargetReach(options, plant);
    case 'centre-out-reach':
      return createCentreOutReach(options, plant);
    case 'delayed-reach':
      return createDelayedReach(options, plant);
    case 'cyclic-reach':
      return createCyclicReach(options, plant);
  }
}
