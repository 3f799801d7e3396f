// Centre-out reaching: from the middle of the limits to targets on a circle, all shown from the start, after a go cue (Georgopoulos et al. 1982,
// doi:10.1523/JNEUROSCI.02-11-01527.1982).
import type { Body } from '../arm/body.js';
import type { Plant } from '../arm/plant.js';
import { contextLabels, fillContext, positionOf, reachTask, setPlace } from './reach.js';
import { canReach, middlePosture, type Place, postureProblems, stepAt, timeProblem } from './reach-checks.js';
import type { CentreOutReachOptions } from './reach-options.js';
import type { Task } from './task.js';

/** The task; options without problems. Trial k reaches for target k modulo their number, its condition. */
export function createCentreOutReach(options: CentreOutReachOptions, plant: Plant): Task {
  const { body } = plant;
  const { steps } = options;
  const posture = middlePosture(body);
  const start = positionOf(body, posture);
  const goals = targetsAround(options, start);
  const goCue = stepAt(options.goTime, body);
  return reachTask(options, plant, {
    inputLabels: contextLabels,
    draws: 0,
    loads: false,
    moving: false,
    contextNoise: options.contextNoise,
    weights: () => null,
    fill: (trial, _draws, number) => {
      const condition = number % goals.length;
      const goal = goals[condition] as Place;
      trial.joints.set(posture);
      trial.timing.set([0, goCue]);
      fillContext(trial, steps, start, goal, 0, goCue);
      if (!options.hideTarget) setPlace(trial.inputs, 3, goCue, steps, goal);
      return condition;
    },
  });
}

export function centreOutReachProblems(options: CentreOutReachOptions, body: Body): string[] {
  const posture = middlePosture(body);
  const time = timeProblem('goTime', options.goTime, options.steps, body);
  const far = targetsAround(options, positionOf(body, posture)).findIndex((goal) => !canReach(body, goal));
  return [
    ...postureProblems(body, posture, 'effector'),
    ...(time ? [time] : []),
    ...(far < 0
      ? []
      : [`distance: expected targets that ${body.name} can reach, got ${options.distance}; target ${far + 1} of ${options.targets} lies outside its limits`]),
  ];
}

/** Places on a circle, the first to the right, counter-clockwise. */
function targetsAround({ targets, distance }: CentreOutReachOptions, [x, y]: Place): Place[] {
  return Array.from({ length: targets }, (_, i) => {
    const angle = (2 * Math.PI * i) / targets;
    return [x + distance * Math.cos(angle), y + distance * Math.sin(angle)];
  });
}
