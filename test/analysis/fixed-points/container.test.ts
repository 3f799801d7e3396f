import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FixedPoints } from '../../../src/analysis/fixed-points/container.js';
import { decodeFixedPoints, encodeFixedPoints } from '../../../src/analysis/fixed-points/container-file.js';
import { findFixedPoints } from '../../../src/analysis/fixed-points/search.js';
import { pcaOfRows, project } from '../../../src/analysis/pca.js';
import { NumericsError, RunFormatError, ShapeError } from '../../../src/errors.js';
import { readSafetensors, writeSafetensors } from '../../../src/runs/safetensors.js';
import { assertClose } from '../../support/assert-close.js';
import { normals } from '../../support/values.js';
import { startGrid, tanhNetwork } from './tanh-network.js';

const { unique } = await findFixedPoints(tanhNetwork(3), { starts: startGrid(3), conditions: new Int32Array(27).map((_, i) => i) });

/** K points of S units and one input with everything that a set may hold. */
function made(count: number, size: number, seed = 0): FixedPoints {
  const draw = (length: number, purpose: string) => Float64Array.from(normals(length, seed, purpose));
  const states = draw(count * size, 'states');
  return new FixedPoints({
    stateSize: size,
    inputSize: 1,
    states,
    inputs: draw(count, 'inputs'),
    next: states.map((value) => value + 1e-3),
    speed: states.subarray(0, count).map((_, k) => 0.5 * size * 1e-6 * (k + 1)),
    speedChange: draw(count, 'change').map(Math.abs),
    starts: draw(count * size, 'starts'),
    iterations: Int32Array.from({ length: count }, (_, k) => k),
    visits: new Int32Array(count).fill(1),
    conditions: Int32Array.from({ length: count }, (_, k) => k % 2),
    jacobians: draw(count * size * size, 'jacobians'),
    inputJacobians: draw(count * size, 'input jacobians'),
    eigenvalues: draw(count * size * 2, 'eigenvalues'),
    notes: ['made up'],
  });
}

test('points are indexed, sliced, picked and filtered with all they hold', () => {
  const points = made(5, 3);
  const last = points.at(-1);
  assert.equal(last.state, points.states.subarray(12));
  assert.is(last.iterations, 4);
  assert.is(last.jacobian?.length, 9);
  assert.equal(points.slice(1, 3).states, points.states.subarray(3, 9));
  assert.equal(points.slice(-2).iterations, Int32Array.of(3, 4));
  assert.equal(points.pick([4, 0]).conditions, Int32Array.of(0, 0));
  assert.is(points.filter(({ condition }) => condition === 1).length, 2);
  assert.is(points.slice(0, 0).length, 0);
  for (const bad of [() => points.at(5), () => points.at(-6), () => points.at(0.5), () => points.pick([7])]) {
    assert.throws(bad, (error: unknown) => error instanceof ShapeError);
  }
});

test('the nearest point within the tolerance is found, by state alone or with its input', () => {
  const points = made(4, 2);
  const { state, input } = points.at(2);
  const near = state.map((value) => value + 5e-4);
  assert.is(points.find(near), 2);
  assert.is(points.find(near, null, 1e-4), -1);
  assert.is(points.find(state, [(input[0] as number) + 1]), -1);
  assert.ok(points.contains(state, input));
  assert.not.ok(points.contains([99, 99]));
  assert.throws(
    () => points.find([1]),
    (error: unknown) => error instanceof ShapeError,
  );
});

test('sets are joined, merged and updated; what one lacks is lacking and said', () => {
  const [a, b] = [made(3, 2, 1), made(2, 2, 2)];
  const joined = a.concat(b);
  assert.is(joined.length, 5);
  assert.equal(joined.slice(3).states, b.states);
  const bare = new FixedPoints({ stateSize: 2, inputSize: 1, states: b.states, inputs: b.inputs, next: b.next, speed: b.speed });
  const mixed = a.concat(bare);
  assert.is(mixed.jacobians, null);
  assert.match(mixed.notes.join(), /without .*jacobians/);
  const better = a.pick([1]).with({ speed: Float64Array.of(0) });
  const merged = a.merge(better);
  assert.is(merged.length, 3);
  assert.is(merged.at(merged.find(a.at(1).state)).speed, 0);
  assert.is(merged.at(merged.find(a.at(1).state)).visits, 2);
  const updated = a.update([2], b.slice(0, 1));
  assert.equal(updated.at(2).state, b.at(0).state);
  assert.equal(updated.at(1).state, a.at(1).state);
  assert.throws(
    () => a.update([0, 1], better),
    (error: unknown) => error instanceof ShapeError,
  );
  assert.throws(
    () => a.concat(made(1, 3)),
    (error: unknown) => error instanceof ShapeError,
  );
});

test('an invertible matrix carries Jacobians, input Jacobians and stability along; a projection says what it drops', async () => {
  const matrix = Float64Array.of(2, 0.5, 0, -1, 1, 0.3, 0.2, 0, 1.5);
  const offset = [1, 2, 3];
  const turned = unique.transform(matrix, offset);
  const back = Float64Array.from(turned.states);
  for (let k = 0; k < unique.length; k++) {
    const { state } = unique.at(k);
    assertClose(
      back.subarray(3 * k, 3 * k + 3),
      offset.map((value, i) => value + state.reduce((sum, x, j) => sum + x * (matrix[3 * i + j] as number), 0)),
      { case: 'states', atol: 1e-14 },
    );
  }
  // M J M⁻¹ has the eigenvalues of J: compare traces of J and of J²
  const invariants = (jacobian: Float64Array) => {
    let [trace, squares] = [0, 0];
    for (let i = 0; i < 3; i++) {
      trace += jacobian[4 * i] as number;
      for (let j = 0; j < 3; j++) squares += (jacobian[3 * i + j] as number) * (jacobian[3 * j + i] as number);
    }
    return [trace, squares];
  };
  for (let k = 0; k < unique.length; k++) {
    assertClose(invariants(turned.at(k).jacobian as Float64Array), invariants(unique.at(k).jacobian as Float64Array), {
      case: 'similar Jacobians',
      atol: 1e-12,
    });
  }
  assert.equal(turned.eigenvalues, unique.eigenvalues);
  const there = turned.transform(inverse3(matrix), null);
  assertClose(there.jacobians as Float64Array, unique.jacobians as Float64Array, { case: 'there and back', atol: 1e-12 });
  const flat = unique.transform([1, 0, 0, 0, 1, 0]);
  assert.equal([flat.stateSize, flat.jacobians, flat.eigenvalues], [2, null, null]);
  assert.match(flat.notes.join(), /without Jacobians and eigenvalues/);
  assert.is(unique.transform([1, 0, 0, 0, 1, 0, 1, 1, 0]).jacobians, null, 'a singular matrix');
  assert.is(made(3, 2).transform([1, 1]).inputJacobians?.length, 3);
  assert.throws(
    () => unique.transform([1, 0]),
    (error: unknown) => error instanceof ShapeError,
  );
  assert.throws(
    () => unique.transform([Number.NaN, 0, 0]),
    (error: unknown) => error instanceof NumericsError,
  );
});

test('a rotation and principal components commute', async () => {
  const [cosine, sine] = [Math.cos(0.7), Math.sin(0.7)];
  const rotated = unique.transform([cosine, -sine, 0, sine, cosine, 0, 0, 0, 1]);
  const scores = async (points: FixedPoints) => project(await pcaOfRows(points.states, 3), points.states, 1).map(Math.abs);
  assertClose(await scores(rotated), await scores(unique), { case: 'scores on PC 1 up to sign', atol: 1e-12 });
  assertClose(rotated.speed, unique.speed, { case: 'speeds', atol: 1e-25 });
});

test('a file holds every number exactly, and what it holds is shaped for other software', () => {
  for (const points of [made(4, 3), unique, made(0, 2), unique.transform([1, 0, 0])]) {
    const bytes = encodeFixedPoints(points);
    const again = decodeFixedPoints(bytes, 'points.safetensors');
    assert.equal(encodeFixedPoints(again), bytes);
    for (const name of [
      'states',
      'inputs',
      'next',
      'speed',
      'starts',
      'iterations',
      'visits',
      'conditions',
      'jacobians',
      'inputJacobians',
      'eigenvalues',
    ] as const) {
      assert.equal(again[name], points[name], name);
    }
    assert.equal(again.notes, points.notes);
  }
  assert.equal(readSafetensors(encodeFixedPoints(made(4, 3)), '').tensors.get('jacobians')?.shape, [4, 3, 3]);
});

test('hostile and damaged files are refused by name', () => {
  const good = encodeFixedPoints(made(2, 2));
  const { tensors, metadata } = readSafetensors(good, '');
  const rewrite = (change: (arrays: Record<string, { shape: readonly number[]; data: Float64Array }>) => void, meta = Object.fromEntries(metadata)) => {
    const arrays = Object.fromEntries(tensors) as Record<string, { shape: readonly number[]; data: Float64Array }>;
    change(arrays);
    return writeSafetensors(arrays, meta);
  };
  const hostile: [string, Uint8Array, RegExp][] = [
    ['cut off', good.subarray(0, good.length - 3), /p: /],
    ['another file', writeSafetensors({ states: { shape: [1], data: new Float64Array(1) } }), /file of fixed points/],
    ['a later version', rewrite(() => {}, { format: 'motorloop fixed points', version: '2' }), /version "2"/],
    ['no speed', rewrite((arrays) => delete arrays['speed']), /tensor speed/],
    ['states of one axis', rewrite((arrays) => (arrays['states'] = { shape: [4], data: new Float64Array(4) })), /states of shape \[K, S\]/],
    ['another count', rewrite((arrays) => (arrays['speed'] = { shape: [3], data: new Float64Array(3) })), /speed as F64 \[2\]/],
    ['another dtype', rewrite((arrays) => (arrays['speed'] = { shape: [2], data: new Float32Array(2) as never })), /speed as F64/],
    ['a stranger', rewrite((arrays) => (arrays['extra'] = { shape: [1], data: new Float64Array(1) })), /"extra"/],
    ['notes that are none', rewrite(() => {}, { ...Object.fromEntries(metadata), notes: '{' }), /notes/],
  ];
  for (const [what, bytes, pattern] of hostile) {
    assert.throws(
      () => decodeFixedPoints(bytes, 'p'),
      (error: unknown) => error instanceof RunFormatError && pattern.test((error as Error).message),
      what,
    );
  }
});

test('the summary says how many points of what kind there are', () => {
  assert.match(unique.summary(), /^3 points of 3 units\n/);
  assert.match(unique.summary(), /2 with 1 unstable direction, 1 with 2 unstable directions/);
  assert.match(made(0, 2).summary(), /^0 points of 2 units under 1 input/);
});

test('arrays that do not fit are refused by name', () => {
  const size = { stateSize: 2, inputSize: 0, states: new Float64Array(4), inputs: new Float64Array(0), next: new Float64Array(4), speed: new Float64Array(2) };
  assert.is(new FixedPoints(size).length, 2);
  assert.throws(() => new FixedPoints({ ...size, next: new Float64Array(3) }), /next of 2 points with 2 numbers each, got 3/);
  assert.throws(
    () => new FixedPoints({ ...size, stateSize: 0 }),
    (error: unknown) => error instanceof ShapeError,
  );
});

/** Inverse of a 3 × 3 matrix by cofactors. */
function inverse3(m: Float64Array): Float64Array {
  const at = (i: number, j: number) => m[3 * (i % 3) + (j % 3)] as number;
  const minor = (i: number, j: number) => at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  const determinant = at(0, 0) * minor(0, 0) + at(0, 1) * minor(0, 1) + at(0, 2) * minor(0, 2);
  return Float64Array.from({ length: 9 }, (_, k) => minor(k % 3, Math.floor(k / 3)) / determinant);
}

test.run();
