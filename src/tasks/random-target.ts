// CtDB's random-target reaching: from one random posture to another, after a delay, with pushes and catch trials. docs/tasks.md has the distributions.
import type { Body } from '../arm/body.js';
import type { Plant } from '../arm/plant.js';
import { between, contextLabels, drawPosture, fillContext, positionOf, reachTask, setPlace, wholeBetween } from './reach.js';
import { jointRangeOf, type Place, postureProblems, rangeProblems } from './reach-checks.js';
import type { RandomTargetOptions } from './reach-options.js';
import type { Task } from './task.js';

const degrees = Math.PI / 180;
/** The one reach of `move-bump`: start, and how far ahead the target is, m. */
const moveBumpStart: Place = [100 * degrees, 120 * degrees];
const moveBumpDistance = 0.4;

/** Steps that a trial needs for a go cue behind the latest target. */
const leastSteps = { standard: 35, aligned: 71, 'move-bump': 51 } as const;

/** What is drawn for a trial besides its postures. */
interface Events {
  readonly isCatch: boolean;
  readonly hasBump: boolean;
  readonly targetOn: number;
  readonly goCue: number;
  readonly bumpStart: number;
  readonly bumpSteps: number;
  /** Force, N. */
  readonly force: Place;
}

/** The places of a trial's uniform draws in its stream. */
const draw = { catch: 0, bump: 1, moveBump: 2, targetOn: 3, goCue: 4, bumpStart: 5, bumpSteps: 6, direction: 7, magnitude: 8, start: 9, goal: 11 } as const;
const drawCount = 13;

/** The task; options without problems (`randomTargetProblems`). `plant` is the body of `options.effector` with its senses. */
export function createRandomTarget(options: RandomTargetOptions, plant: Plant): Task {
  const { body } = plant;
  const range = jointRangeOf(body, options.jointRange);
  return reachTask(options, plant, {
    inputLabels: contextLabels,
    draws: drawCount,
    loads: true,
    moving: false,
    contextNoise: options.contextNoise,
    weights: () => null,
    fill: (trial, draws) => {
      const { isCatch, hasBump, targetOn, goCue, bumpStart, bumpSteps, force } = drawEvents(options, draws);
      const isMoveBump = options.variant === 'move-bump';
      const posture = isMoveBump ? moveBumpStart : drawPosture(range, draws, draw.start);
      const start = positionOf(body, posture);
      const goal: Place = isMoveBump ? [start[0], start[1] + moveBumpDistance] : positionOf(body, drawPosture(range, draws, draw.goal));
      trial.joints.set(posture);
      trial.timing.set([targetOn, isCatch ? -1 : goCue]);
      // A push may begin at or behind the end of the trial: then it is cut off, or there is none.
      if (hasBump) setPlace(trial.loads, 2, bumpStart, bumpStart + bumpSteps, force);
      fillContext(trial, options.steps, start, goal, targetOn, isCatch ? -1 : goCue);
      return isCatch ? 1 : 0;
    },
  });
}

/** What keeps the options from making trials, paths relative to the task. */
export function randomTargetProblems(options: RandomTargetOptions, body: Body): string[] {
  const { variant, steps, bumpLow, bumpHigh } = options;
  const problems: string[] = [];
  if (steps < leastSteps[variant])
    problems.push(`steps: expected at least ${leastSteps[variant]}, so that the go cue of every ${variant} trial comes before its end, got ${steps}`);
  if (bumpLow > bumpHigh) problems.push(`bumpLow: expected at most bumpHigh, ${bumpHigh}, got ${bumpLow}`);
  if (variant !== 'move-bump') problems.push(...rangeProblems(body, options.jointRange));
  else if (body.skeleton !== 'arm') problems.push(`variant: expected an effector that is an arm for move-bump, got ${body.name}; use standard or aligned`);
  else problems.push(...postureProblems(body, moveBumpStart, 'variant: the start of move-bump'));
  return problems;
}

function drawEvents(options: RandomTargetOptions, draws: Float64Array): Events {
  const { variant, steps, catchProbability, bumpProbability, moveBumpProbability, bumpLow, bumpHigh } = options;
  const u = (which: number): number => draws[which] as number;
  const isMoveBump = u(draw.moveBump) >= 1 - moveBumpProbability;
  const angle = between(0, 2 * Math.PI, u(draw.direction));
  const push = (magnitude: number): Place => [magnitude * Math.cos(angle), magnitude * Math.sin(angle)];
  const magnitude = between(bumpLow, bumpHigh, u(draw.magnitude));
  const bumpSteps = wholeBetween(15, 30, u(draw.bumpSteps));
  const hasBump = u(draw.bump) >= 1 - bumpProbability;
  switch (variant) {
    case 'standard': {
      const targetOn = wholeBetween(10, 30, u(draw.targetOn));
      const goCue = wholeBetween(targetOn + 5, steps, u(draw.goCue));
      const bumpStart = isMoveBump ? wholeBetween(goCue, goCue + 40, u(draw.bumpStart)) : wholeBetween(0, steps - 30, u(draw.bumpStart));
      return { isCatch: u(draw.catch) >= 1 - catchProbability, hasBump, targetOn, goCue, bumpStart, bumpSteps, force: push(magnitude) };
    }
    case 'aligned': {
      const bumpStart = isMoveBump ? wholeBetween(70, 110, u(draw.bumpStart)) : wholeBetween(0, 67, u(draw.bumpStart));
      return { isCatch: false, hasBump, targetOn: 30, goCue: 70, bumpStart, bumpSteps, force: push(magnitude) };
    }
    case 'move-bump': {
      const force = u(draw.direction) < 0.5 ? between(-40, -15, u(draw.magnitude)) : between(15, 40, u(draw.magnitude));
      return { isCatch: false, hasBump: true, targetOn: 10, goCue: 50, bumpStart: 60, bumpSteps: 10, force: [force, 0] };
    }
  }
}
