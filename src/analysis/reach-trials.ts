// What figures need to know of reaching before any network moves: how the body is drawn, and what happens when in a trial.
import type { Body } from '../arm/body.js';
import { fingertipOf, linkLengths } from '../arm/kinematics.js';
import { type Attachment, muscleAttachments } from '../arm/muscle-paths.js';
import { bodyWord, geometryCode, geometryNumber, geometryStart, geometryStride } from '../backends/body-layout.js';
import { goCueOf, pushOf } from '../tasks/reach-metrics.js';
import type { TrialData } from '../tasks/data.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { round } from './scores.js';
import type { BodySummary, ReachTrial } from './summary-data.js';

type Pair = readonly [number, number];

/** How a body is drawn. Muscles without a path are drawn by the joints that they turn, or in the direction in which they pull a mass. */
export function bodySummary(body: Body): BodySummary {
  const attachments = muscleAttachments(body);
  const lengths = linkLengths(body);
  return {
    name: body.name,
    skeleton: body.skeleton,
    lengths: body.skeleton === 'arm' ? lengths : [0, 0],
    muscleNames: body.muscleNames,
    paths: attachments.map((path, muscle) => path ?? pathByMomentArms(momentArms(body, muscle), body.skeleton, lengths)),
  };
}

/** Moment arms of a muscle at a neutral posture; a negative one turns its joint counter-clockwise or pulls forwards along its axis. */
function momentArms(body: Body, muscle: number): Pair {
  const at = geometryStart(body.muscles) + muscle * geometryStride;
  const first = at + (body.layout[bodyWord.geometry] === geometryCode.constant ? geometryNumber.momentArm : geometryNumber.a1);
  return [body.table[first] as number, body.table[first + 1] as number];
}

/** Length of the line that shows a muscle of a point mass without path, m. */
const pullLength = 0.15;

/** A line on the side of each joint to which the muscle turns it, or away from a point mass. */
function pathByMomentArms([r1, r2]: Pair, skeleton: BodySummary['skeleton'], [upper, fore]: Pair): Attachment[] {
  if (skeleton === 'pointMass') {
    const size = Math.sqrt(r1 * r1 + r2 * r2) || 1;
    return [
      { part: 1, at: [0, 0] },
      { part: 1, at: [(-r1 / size) * pullLength, (-r2 / size) * pullLength] },
    ];
  }
  const side = (arm: number) => -Math.sign(arm);
  const shoulder: Attachment = { part: 0, at: [-0.25 * upper, side(r1) * 0.16 * upper] };
  const onForearm: Attachment = { part: 2, at: [0.3 * fore, side(r2) * 0.05 * fore] };
  if (r2 === 0) return [shoulder, { part: 1, at: [0.35 * upper, side(r1) * 0.05 * upper] }];
  if (r1 === 0) return [{ part: 1, at: [0.6 * upper, side(r2) * 0.05 * upper] }, onForearm];
  return [shoulder, { part: 1, at: [0.5 * upper, side(r1) * 0.1 * upper] }, onForearm];
}

/** Places of `Target x` and `Target y` among a task's inputs, where it has them. */
function targetChannels({ inputLabels }: Pick<Task, 'inputLabels'>): Pair | null {
  const [x, y] = [inputLabels.indexOf('Target x'), inputLabels.indexOf('Target y')];
  return x < 0 || y < 0 ? null : [x, y];
}

/** What happens in trial `trial` of a set. `set.extra` holds two numbers a trial: the steps of target and go cue, −1 for none. */
export function reachTrial(task: Pick<Task, 'inputLabels' | 'inputSize'>, body: Body, set: TrialSet, trial: number): ReachTrial {
  const { steps, targets, trueInputs } = set;
  const [x, y] = fingertipOf(body, (set.joints as Float32Array).subarray(4 * trial, 4 * trial + 4), 1);
  const start: Pair = [x as number, y as number];
  const goCue = goCueOf(set, trial);
  const targetOn = set.extra[2 * trial] as number;
  const channels = targetChannels(task);
  const last = 2 * (trial * steps + steps - 1);
  const shown = (trial * steps + Math.max(0, targetOn)) * task.inputSize;
  const goal: Pair =
    goCue === null && channels && targetOn >= 0
      ? [trueInputs[shown + channels[0]] as number, trueInputs[shown + channels[1]] as number]
      : [targets[last] as number, targets[last + 1] as number];
  const push = pushOf(set, trial);
  const load = push && 2 * (trial * steps + push.start);
  return {
    start: pair(start),
    goal: pair(goal),
    targetOn: targetOn >= 0 ? targetOn : null,
    goCue,
    bump:
      push && load !== null
        ? {
            onset: push.start,
            steps: push.end - push.start,
            force: pair([set.endpointLoads?.[load] as number, set.endpointLoads?.[load + 1] as number]),
          }
        : null,
  };
}

const pair = ([x, y]: Pair): Pair => [round(x), round(y)];

/** Kinds of the shown trials, over and over: reaches, and what else there is. */
const shownKinds = ['reach', 'pushed', 'reach', 'catch', 'pushed', 'reach'] as const;
/** Steps that a reach must have after its go cue to show anything. */
const stepsAfterGo = 40;

/** The same data with the validation trials in another order: ahead `count` of them that show every kind of trial, the first of each; the others follow. */
export function withTellingTrials(data: TrialData, count: number): TrialData {
  const { set, validationIndices } = data;
  const kind = (trial: number): string => {
    const go = goCueOf(set, trial);
    if (go === null) return 'catch';
    if (set.steps - go < stepsAfterGo) return 'late';
    return pushOf(set, trial) ? 'pushed' : 'reach';
  };
  const left = Array.from(validationIndices);
  const ahead: number[] = [];
  for (let i = 0, missed = 0; ahead.length < count && missed < shownKinds.length; i++) {
    const wanted = left.findIndex((trial) => kind(trial) === shownKinds[i % shownKinds.length]);
    missed = wanted < 0 ? missed + 1 : 0;
    if (wanted >= 0) ahead.push(...left.splice(wanted, 1));
  }
  return { ...data, validationIndices: Int32Array.from([...ahead, ...left]) };
}

/** Eighth of the circle towards which a trial reaches: 0 to 7, counter-clockwise from the x axis. */
export function reachDirection({ start, goal }: Pick<ReachTrial, 'start' | 'goal'>): number {
  const angle = Math.atan2(goal[1] - start[1], goal[0] - start[0]);
  return Math.floor(((angle + 2 * Math.PI) % (2 * Math.PI)) / (Math.PI / 4)) % 8;
}
