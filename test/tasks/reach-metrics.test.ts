// Scores of reaching on movements made by hand, whose distances, times and speeds are known.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import { reachMetrics } from '../../src/tasks/reach-metrics.js';
import type { Movement, TrialSet } from '../../src/tasks/task.js';

const body = createBody({ effector: 'ReluPointMass24' });
const steps = 100;

interface Trial {
  readonly go: number;
  readonly push?: readonly [number, number];
  /** Target before and from the go cue on. */
  readonly goal: number;
  /** x of the end point after a step; y is 0. */
  readonly x: (step: number) => number;
}

/** Trials of a point mass that starts at 0 and moves along x. */
function makeSet(trials: readonly Trial[]): { set: TrialSet; outputs: Float32Array } {
  const outputs = new Float32Array(trials.length * steps * 2);
  const targets = new Float32Array(trials.length * steps * 2);
  const endpointLoads = new Float32Array(trials.length * steps * 2);
  trials.forEach(({ go, push, goal, x }, trial) => {
    for (let step = 0; step < steps; step++) {
      const at = 2 * (trial * steps + step);
      outputs[at] = x(step);
      targets[at] = go >= 0 && step >= go ? goal : 0;
      if (push && step >= push[0] && step < push[1]) endpointLoads[at + 1] = -7;
    }
  });
  const set = {
    trials: trials.length,
    steps,
    inputs: new Float32Array(0),
    trueInputs: new Float32Array(0),
    targets,
    conditions: new Int32Array(trials.length),
    extra: Float32Array.from(trials.flatMap(({ go }) => [0, go])),
    joints: new Float32Array(4 * trials.length),
    endpointLoads,
  };
  return { set, outputs };
}

const score = (trials: readonly Trial[], movement: Movement | null = null): Record<string, number> => {
  const { set, outputs } = makeSet(trials);
  return reachMetrics(outputs, set, movement, { body, moving: false });
};
const close = (got: number | undefined, expected: number): void => assert.ok(Math.abs((got as number) - expected) < 1e-4, `${got}, expected ${expected}`);

test('endPointError: median over go trials without push and with 40 steps after the go cue, of the mean over the last 10 steps', () => {
  const still =
    (at: number): ((step: number) => number) =>
    () =>
      at;
  const trials: Trial[] = [
    { go: 60, goal: 0.5, x: still(0.49) },
    { go: 20, goal: 0.5, x: still(0.46) },
    // half of the last ten steps on the target, half 0.2 m off; before them far away
    { go: 20, goal: 0.5, x: (step) => (step < 90 ? 9 : step < 95 ? 0.5 : 0.7) },
    // none of these counts: 39 steps left, a push, a catch trial
    { go: 61, goal: 0.5, x: still(5) },
    { go: 20, goal: 0.5, push: [90, 95], x: still(5) },
    { go: -1, goal: 0.5, x: still(5) },
  ];
  close(score(trials).endPointError, 0.04);
  close(score(trials.slice(0, 2)).endPointError, 0.025);
  assert.equal(score(trials.slice(3)).endPointError, undefined);
});

test('timeToTarget: from the go cue to ten steps on end within 5 cm; a trial that never gets there counts with the time it had', () => {
  const arriving = (step: number): Trial => ({ go: 30, goal: 0.5, x: (now) => (now >= step ? 0.46 : 0) });
  close(score([arriving(50)]).timeToTarget, 0.2);
  // a visit of nine steps does not count
  close(score([{ go: 30, goal: 0.5, x: (now) => ((now >= 40 && now < 49) || now >= 70 ? 0.5 : 0) }]).timeToTarget, 0.4);
  close(score([{ go: 30, goal: 0.5, x: () => 0 }]).timeToTarget, 0.7);
});

test('peakSpeed is the fastest step from the go cue on', () => {
  // 2 m/s before the go cue, then 1 m/s
  close(score([{ go: 30, goal: 0.5, x: (step) => (step < 20 ? 0.02 * (step + 1) : step < 30 ? 0.4 : 0.4 + 0.01 * (step - 29)) }]).peakSpeed, 1);
  // the step from the start to the end point of step 0 counts
  close(score([{ go: 0, goal: 0.5, x: () => 0.03 }]).peakSpeed, 3);
});

test('bumpDeviation and bumpReturn: from where the hand was before a push at rest, until it is within a tenth of the way', () => {
  // pushed for ten steps to 0.1 m, back by 0.01 m a step: at 0.01 m nine steps after the end, where 0.0100 is no longer above a tenth
  const pushed = (step: number): number => (step < 20 ? 0.2 : step < 30 ? 0.2 + 0.01 * (step - 19) : Math.max(0.2, 0.3 - 0.0101 * (step - 29)));
  const scores = score([{ go: -1, goal: 0.2, push: [20, 30], x: pushed }]);
  close(scores.bumpDeviation, 0.1);
  close(scores.bumpReturn, 0.08);
  // what does not come back counts until the go cue
  const lost = score([{ go: 70, goal: 0.2, push: [20, 30], x: (step) => (step < 20 ? 0 : 0.1) }]);
  close(lost.bumpDeviation, 0.1);
  close(lost.bumpReturn, 0.4);
  // pushes during the movement, or with less than 30 steps until the go cue, do not count
  assert.equal(score([{ go: 10, goal: 0.2, push: [20, 30], x: pushed }]).bumpDeviation, undefined);
  assert.equal(score([{ go: 59, goal: 0.2, push: [20, 30], x: pushed }]).bumpDeviation, undefined);
});

test('catchDeviation is the largest distance from the start in a catch trial without push', () => {
  close(score([{ go: -1, goal: 0.5, x: (step) => (step === 40 ? 0.03 : 0.01) }]).catchDeviation, 0.03);
  assert.equal(score([{ go: -1, goal: 0.5, push: [1, 5], x: () => 1 }]).catchDeviation, undefined);
});

test('effort is the mean squared activation without the initial state, and is left out where muscles are not known', () => {
  const rows = body.muscleRows.length;
  const muscle = new Float32Array((steps + 1) * rows * 4);
  for (let state = 0; state <= steps; state++) for (let i = 0; i < 4; i++) muscle[state * rows * 4 + i] = state === 0 ? 9 : i % 2 === 0 ? 0.5 : 0.1;
  const movement = { actions: new Float32Array(0), joint: new Float32Array(0), muscle };
  const trial: Trial = { go: 30, goal: 0.5, x: () => 0 };
  close(score([trial], movement).effort, 0.13);
  assert.equal(score([trial]).effort, undefined);
});

test.run();
