// MotorNet's RandomTargetReach: from a random posture to a goal that the network is told from the first step on; no cue, no pushes (Codol et al. 2024,
// doi:10.7554/eLife.88591).
import type { Body } from '../arm/body.js';
import type { Plant } from '../arm/plant.js';
import { drawPosture, positionOf, reachTask, setPlace } from './reach.js';
import { type JointRange, limitsOf, rangeProblems } from './reach-checks.js';
import type { RandomTargetReachOptions } from './reach-options.js';
import type { Task } from './task.js';

/** The task; options without problems. `plant` has the goal as two leading inputs. */
export function createRandomTargetReach(options: RandomTargetReachOptions, plant: Plant): Task {
  const { body } = plant;
  const range = rangeOf(options, body);
  return reachTask(options, plant, {
    inputLabels: ['Goal x', 'Goal y'],
    draws: 4,
    loads: false,
    moving: false,
    contextNoise: 0,
    weights: () => null,
    fill: (trial, draws) => {
      trial.joints.set(drawPosture(range, draws, 0));
      const goal = positionOf(body, drawPosture(range, draws, 2));
      setPlace(trial.inputs, 2, 0, options.steps, goal);
      setPlace(trial.targets, 2, 0, options.steps, goal);
      return 0;
    },
  });
}

export function randomTargetReachProblems(options: RandomTargetReachOptions, body: Body): string[] {
  return rangeProblems(body, rangeOf(options, body));
}

function rangeOf(options: RandomTargetReachOptions, body: Body): JointRange {
  return options.jointRange ?? limitsOf(body);
}
