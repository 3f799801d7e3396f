import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { followFixedPoints } from '../../../src/analysis/fixed-points/follow.js';
import { functionMap } from '../../../src/analysis/fixed-points/function-map.js';
import { trialArray } from '../../../src/analysis/trials.js';
import { ConfigError, ShapeError } from '../../../src/errors.js';

/** States on a line from −1.2 to 1.2. */
const line = trialArray(
  Float64Array.from({ length: 25 }, (_, i) => -1.2 + 0.1 * i),
  [1, 25, 1],
);

test('a pitchfork: the point at zero loses its stability where the weight passes 1, and two stable points appear', async () => {
  const map = functionMap(([x = 0], [w = 0]) => [Math.tanh(w * x)], { stateSize: 1, inputSize: 1 });
  const { steps, tracks, changes } = await followFixedPoints(map, { from: [0.55], to: [2.05], steps: 6, trajectories: line, starts: 20, freshStarts: 10 });
  // weights .55 .85 1.15 1.45 1.75 2.05
  assert.equal(
    steps.map(({ points }) => points.length),
    [1, 1, 3, 3, 3, 3],
  );
  assert.is(tracks, 3);
  const zero = (steps[0] as (typeof steps)[number]).tracks[0] as number;
  for (const { points, tracks: own, input } of steps) {
    own.forEach((track, k) => {
      const { state, stable } = points.at(k);
      if (track === zero) {
        assert.ok(Math.abs(state[0] as number) < 1e-9);
        assert.is(stable, (input[0] as number) < 1);
      } else {
        assert.ok(stable);
        assert.ok(Math.abs(Math.tanh((input[0] as number) * (state[0] as number)) - (state[0] as number)) < 1e-9);
      }
    });
    // a branch keeps its side
    const sides = Array.from(own, (track, k) => [track, Math.sign(Math.round(1e6 * (points.at(k).state[0] as number)))] as const).filter(
      ([track]) => track !== zero,
    );
    if (sides.length > 0) assert.equal(new Map(sides), new Map(sidesOf(steps, zero)));
  }
  assert.equal(
    changes.map(({ kind, step, before, after }) => [kind, step, before, after]),
    [
      ['changes stability', 2, 0, 1],
      ['appears', 2, null, 0],
      ['appears', 2, null, 0],
    ],
  );
  assert.is(changes[0]?.track, zero);
});

/** The side of each branch at the last step. */
function sidesOf(steps: Awaited<ReturnType<typeof followFixedPoints>>['steps'], zero: number): (readonly [number, number])[] {
  const { points, tracks } = steps.at(-1) as (typeof steps)[number];
  return Array.from(tracks, (track, k) => [track, Math.sign(points.at(k).state[0] as number)] as const).filter(([track]) => track !== zero);
}

test('a fold: a stable and an unstable point appear together where the input passes the known value, and another pair vanishes', async () => {
  // x' = tanh(2x + u) has three points for |u| < 0.5328 = 2·√½ − artanh √½
  const map = functionMap(([x = 0], [u = 0]) => [Math.tanh(2 * x + u)], { stateSize: 1, inputSize: 1 });
  const { steps, changes } = await followFixedPoints(map, { from: [-1], to: [1], steps: 11, trajectories: line, starts: 25, freshStarts: 25, reach: 0.45 });
  assert.equal(
    steps.map(({ input, points }) => [Math.abs(input[0] as number) < 0.5328, points.length]),
    steps.map(({ input }) => (Math.abs(input[0] as number) < 0.5328 ? [true, 3] : [false, 1])),
  );
  const at = (kind: string) => changes.filter((change) => change.kind === kind).map(({ step, before, after }) => [step, before, after]);
  assert.equal(at('appears').sort(), [
    [3, null, 0],
    [3, null, 1],
  ]);
  assert.equal(at('vanishes').sort(), [
    [8, 0, null],
    [8, 1, null],
  ]);
  assert.equal(at('changes stability'), []);
});

test('without fresh samples a step knows the points that go on, and nothing that appears elsewhere', async () => {
  const map = functionMap(([x = 0], [u = 0]) => [Math.tanh(2 * x + u)], { stateSize: 1, inputSize: 1 });
  const { steps, tracks } = await followFixedPoints(map, {
    from: [-1],
    to: [0],
    steps: 6,
    trajectories: line,
    starts: 10,
    freshStarts: 0,
    search: { seedSaddles: false },
  });
  assert.equal(
    steps.map(({ points }) => points.length),
    [1, 1, 1, 1, 1, 1],
  );
  assert.is(tracks, 1);
});

test('options and inputs that do not fit are refused', async () => {
  const map = functionMap(([x = 0]) => [x / 2], { stateSize: 1, inputSize: 1 });
  const refused = async (options: object, pattern: RegExp, kind: typeof ConfigError | typeof ShapeError) => {
    let caught: unknown = null;
    await followFixedPoints(map, { from: [0], to: [1], trajectories: line, ...options }).catch((error: unknown) => {
      caught = error;
    });
    assert.instance(caught, kind);
    assert.match((caught as Error).message, pattern);
  };
  await refused({ steps: 1, starts: 0 }, /steps: expected a whole number of at least 2, got 1\n.*starts/s, ConfigError);
  await refused({ to: [1, 2] }, /expected inputs of 1 numbers, got 1 and 2/, ShapeError);
});

test.run();
