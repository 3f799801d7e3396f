// Delayed reaching: the target appears, but the hand must wait for a go cue at a random time; leaving the start early is penalised.
import type { Body } from '../arm/body.js';
import type { Plant } from '../arm/plant.js';
import { contextLabels, drawPosture, fillContext, positionOf, reachTask, setPlace, wholeBetween } from './reach.js';
import { jointRangeOf, rangeProblems, stepAt, timeProblem } from './reach-checks.js';
import type { DelayedReachOptions } from './reach-options.js';
import type { Task, TrialSet } from './task.js';

/** The task; options without problems. The target stays visible. */
export function createDelayedReach(options: DelayedReachOptions, plant: Plant): Task {
  const { body } = plant;
  const { steps } = options;
  const range = jointRangeOf(body, options.jointRange);
  const targetOn = stepAt(options.targetTime, body);
  const [earliest, latest] = [stepAt(options.earliestGo, body), stepAt(options.latestGo, body)];
  return reachTask(options, plant, {
    inputLabels: contextLabels,
    draws: 5,
    loads: false,
    moving: false,
    contextNoise: options.contextNoise,
    weights: (set) => (options.fixationWeight === 1 ? null : fixationWeights(set, options.fixationWeight)),
    fill: (trial, draws) => {
      const start = drawPosture(range, draws, 1);
      const goal = positionOf(body, drawPosture(range, draws, 3));
      const goCue = wholeBetween(earliest, latest + 1, draws[0] as number);
      trial.joints.set(start);
      trial.timing.set([targetOn, goCue]);
      fillContext(trial, steps, positionOf(body, start), goal, targetOn, goCue);
      setPlace(trial.inputs, 3, goCue, steps, goal);
      return 0;
    },
  });
}

export function delayedReachProblems(options: DelayedReachOptions, body: Body): string[] {
  const { targetTime, earliestGo, latestGo, steps } = options;
  const problems = (['targetTime', 'earliestGo', 'latestGo'] as const).flatMap((name) => timeProblem(name, options[name], steps, body) ?? []);
  if (earliestGo > latestGo) problems.push(`earliestGo: expected at most latestGo, ${latestGo}, got ${earliestGo}`);
  if (targetTime > earliestGo) problems.push(`targetTime: expected at most earliestGo, ${earliestGo}, got ${targetTime}`);
  return [...problems, ...rangeProblems(body, options.jointRange)];
}

/** `weight` before the go cue, 1 from then on [S, T]. */
function fixationWeights({ trials, steps, extra }: TrialSet, weight: number): Float32Array {
  const weights = new Float32Array(trials * steps).fill(1);
  for (let trial = 0; trial < trials; trial++) weights.fill(weight, trial * steps, trial * steps + (extra[2 * trial + 1] as number));
  return weights;
}
