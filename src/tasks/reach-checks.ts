// Places and times of reaching tasks held against the body: postures inside its limits, targets that it can reach, cues on the grid of time steps.
import type { Body } from '../arm/body.js';
import { inverseKinematics } from '../arm/kinematics.js';
import { problem } from '../problems.js';

/** Two numbers: joint positions, a point, or a lower and an upper bound. */
export type Place = readonly [number, number];
export type JointRange = readonly [Place, Place];

const degrees = Math.PI / 180;
/** CtDB's postures of an arm, rad: shoulder 30 to 105°, elbow 30 to 125°. */
const armRange: JointRange = [
  [30 * degrees, 105 * degrees],
  [30 * degrees, 125 * degrees],
];
/** Share of a point mass's limits that is left free on either side, so that it does not start at a wall. */
const margin = 0.1;
/** Limits are stored in f32, and so are postures. */
const slack = 1e-6;

/** Where starts and targets are drawn from: what the options say, else CtDB's range for an arm and the middle of the limits for a point mass. */
export function jointRangeOf(body: Body, stated: JointRange | undefined): JointRange {
  if (stated) return stated;
  if (body.skeleton === 'arm') return armRange;
  const inner = (joint: 0 | 1): Place => {
    const [low, high] = [body.positionLower[joint], body.positionUpper[joint]];
    return [low + margin * (high - low), high - margin * (high - low)];
  };
  return [inner(0), inner(1)];
}

/** The position limits of a body as a range. */
export function limitsOf({ positionLower: low, positionUpper: high }: Body): JointRange {
  return [
    [low[0], high[0]],
    [low[1], high[1]],
  ];
}

/** The posture in the middle of the limits. */
export function middlePosture(body: Body): Place {
  const [first, second] = limitsOf(body);
  return [(first[0] + first[1]) / 2, (second[0] + second[1]) / 2];
}

/** What is wrong with the range of starts and targets. */
export function rangeProblems(body: Body, stated: JointRange | undefined): string[] {
  const limits = limitsOf(body);
  return jointRangeOf(body, stated).flatMap((range, joint) => {
    const path = ['jointRange', joint];
    const [low, high] = limits[joint] as Place;
    if (range[0] > range[1]) return [problem(path, 'the lower bound first', range, 'swap the bounds')];
    if (range[0] >= low - slack && range[1] <= high + slack) return [];
    const advice = stated ? 'narrow the range or widen the limits' : `the default range of ${body.name} leaves its limits: state jointRange`;
    return [problem(path, `positions inside the limits ${round(low)} to ${round(high)} of ${body.name}`, range.map(round), advice)];
  });
}

/** What is wrong with a posture, `what` names it. */
export function postureProblems(body: Body, posture: Place, what: string): string[] {
  return posture.flatMap((position, joint) => {
    const [low, high] = limitsOf(body)[joint] as Place;
    if (position >= low - slack && position <= high + slack) return [];
    return [`${what}: expected joint ${joint + 1} inside the limits ${round(low)} to ${round(high)} of ${body.name}, got ${round(position)}`];
  });
}

/** Steps until a time, s. A time that is no whole number of steps is a problem (`timeProblem`). */
export function stepAt(time: number, { timeStep }: Body): number {
  return Math.round(time / timeStep);
}

/** What is wrong with the time of a cue; null if nothing is. It must come before the end of the trial. */
export function timeProblem(path: string, time: number, steps: number, body: Body): string | null {
  const exact = time / body.timeStep;
  if (Math.abs(exact - Math.round(exact)) > 1e-6)
    return problem([path], `a whole number of time steps of ${body.timeStep} s`, time, `e.g. ${round(Math.round(exact) * body.timeStep)}`);
  if (Math.round(exact) >= steps)
    return problem([path], `a time before the end of the trial, ${round(steps * body.timeStep)} s`, time, 'lengthen the trial (steps) or move the cue');
  return null;
}

/** Whether a body can hold its end point at a place, its limits included. */
export function canReach(body: Body, [x, y]: Place): boolean {
  if (body.skeleton === 'pointMass') return isInside(body, [x, y]);
  const bent = inverseKinematics(body, x, y);
  if (bent === null) return false;
  // The same place with the elbow bent the other way; the limits usually allow one of both.
  const other: Place = [2 * Math.atan2(y, x) - bent[0], -bent[1]];
  return [bent, other].some(([shoulder, elbow]) => [-1, 0, 1].some((turns) => isInside(body, [shoulder + 2 * Math.PI * turns, elbow])));
}

function isInside(body: Body, posture: Place): boolean {
  return postureProblems(body, posture, '').length === 0;
}

export function round(value: number): number {
  return Number(value.toFixed(4));
}
