// Cyclic reaching: after the go cue the target runs round an ellipse at one of several speeds, and the hand must keep on it (cf. Saxena et al. 2022,
// doi:10.7554/eLife.67620, who vary the speed of cycling).
import type { Body } from '../arm/body.js';
import type { Plant } from '../arm/plant.js';
import { contextLabels, goLevel, positionOf, reachTask, setPlace, setSteps } from './reach.js';
import { canReach, middlePosture, type Place, stepAt, timeProblem } from './reach-checks.js';
import type { CyclicReachOptions } from './reach-options.js';
import type { Task } from './task.js';

/** Points of the ellipse whose reach is checked. */
const checkedPoints = 72;

/** The task; options without problems. Trial k has speed k modulo their number, its condition. */
export function createCyclicReach(options: CyclicReachOptions, plant: Plant): Task {
  const { body } = plant;
  const { steps, speeds } = options;
  const posture = middlePosture(body);
  const start = positionOf(body, posture);
  const goCue = stepAt(options.goTime, body);
  return reachTask(options, plant, {
    inputLabels: contextLabels,
    draws: 0,
    loads: false,
    moving: true,
    contextNoise: options.contextNoise,
    weights: () => null,
    fill: (trial, _draws, number) => {
      const condition = number % speeds.length;
      trial.joints.set(posture);
      trial.timing.set([0, goCue]);
      for (let step = 0; step < steps; step++) {
        const cycles = (speeds[condition] as number) * Math.max(0, step - goCue) * body.timeStep;
        const place = onEllipse(options, start, cycles);
        setPlace(trial.targets, 2, step, step + 1, place);
        setPlace(trial.inputs, 3, step, step + 1, place);
      }
      setSteps(trial.inputs, 3, 2, goCue, steps, goLevel);
      return condition;
    },
  });
}

export function cyclicReachProblems(options: CyclicReachOptions, body: Body): string[] {
  const { semiAxes, goTime, steps } = options;
  const problems: string[] = [];
  const time = timeProblem('goTime', goTime, steps, body);
  if (time) problems.push(time);
  if (semiAxes.some((axis) => axis < 0) || semiAxes.every((axis) => axis === 0))
    problems.push(`semiAxes: expected two lengths of at least 0, not both 0, got [${semiAxes.join(', ')}]`);
  const start = positionOf(body, middlePosture(body));
  const reachable = Array.from({ length: checkedPoints }, (_, i) => onEllipse(options, start, i / checkedPoints)).every((place) => canReach(body, place));
  if (!reachable) problems.push(`semiAxes: expected an ellipse that ${body.name} can follow, got [${semiAxes.join(', ')}]; part of it lies outside its limits`);
  return problems;
}

/** The place after some cycles, counter-clockwise: the ellipse begins at the start, its rightmost point. */
function onEllipse({ semiAxes: [a, b] }: CyclicReachOptions, [x, y]: Place, cycles: number): Place {
  const angle = 2 * Math.PI * cycles;
  return [x - a + a * Math.cos(angle), y + b * Math.sin(angle)];
}
