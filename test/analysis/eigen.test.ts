// Eigenvalues of general matrices: order, J V = V Λ, and refusals of what the algorithm would never end on.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generalEigen, generalEigenvalues } from '../../src/analysis/eigen.js';
import { NumericsError } from '../../src/errors.js';
import { normals } from '../support/values.js';

const test = suite('eigenvalues of general matrices');

/** Largest entry of J V − V Λ. */
function deviation(matrix: ArrayLike<number>, S: number): number {
  const { values, vectors } = generalEigen(matrix, S, 'test');
  let worst = 0;
  for (let k = 0; k < S; k++) {
    const [re, im] = [values[2 * k]!, values[2 * k + 1]!];
    for (let i = 0; i < S; i++) {
      let [a, b] = [0, 0];
      for (let j = 0; j < S; j++) {
        a += matrix[i * S + j]! * vectors[2 * (k * S + j)]!;
        b += matrix[i * S + j]! * vectors[2 * (k * S + j) + 1]!;
      }
      const [x, y] = [vectors[2 * (k * S + i)]!, vectors[2 * (k * S + i) + 1]!];
      worst = Math.max(worst, Math.abs(a - (re * x - im * y)), Math.abs(b - (re * y + im * x)));
    }
  }
  return worst;
}

for (const S of [1, 2, 3, 8, 40]) {
  test(`eigenvectors and eigenvalues put a random matrix of ${S} together again, to 1e-10`, () => {
    const matrix = Float64Array.from(normals(S * S, S, 'matrix'));
    assert.ok(deviation(matrix, S) < 1e-10);
    const { values } = generalEigen(matrix, S, 'test');
    assert.equal(values, generalEigenvalues(matrix, S, 'test'));
    const trace = Array.from({ length: S }, (_, i) => matrix[i * S + i]!).reduce((sum, x) => sum + x, 0);
    assert.ok(Math.abs(values.reduce((sum, x, i) => sum + (i % 2 ? 0 : x), 0) - trace) < 1e-10);
    for (let k = 1; k < S; k++) {
      const [before, after] = [Math.hypot(values[2 * k - 2]!, values[2 * k - 1]!), Math.hypot(values[2 * k]!, values[2 * k + 1]!)];
      assert.ok(before > after || (before === after && values[2 * k - 1]! >= values[2 * k + 1]!), 'falling modulus, then falling imaginary part');
    }
  });
}

test('a rotation has a conjugate pair, the positive imaginary part first', () => {
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const { values } = generalEigen([c, -s, s, c], 2, 'test');
  for (const [i, expected] of [c, s, c, -s].entries()) assert.ok(Math.abs(values[i]! - expected) < 1e-14);
});

test('zeros, a defective matrix and huge numbers end', () => {
  assert.equal([...generalEigenvalues(new Float64Array(9), 3, 'test')], [0, 0, 0, 0, 0, 0]);
  const defective = generalEigenvalues([1, 1, 0, 1], 2, 'test');
  assert.ok(Math.abs(defective[0]! - 1) < 1e-7 && Math.abs(defective[2]! - 1) < 1e-7);
  const huge = generalEigenvalues([3e300, 0, 0, 1e300], 2, 'test');
  assert.ok(Math.abs(huge[0]! / 3e300 - 1) < 1e-14 && Math.abs(huge[2]! / 1e300 - 1) < 1e-14);
});

for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`${value} is refused with its place`, () => {
    assert.throws(
      () => generalEigenvalues([1, 2, value, 4], 2, 'findFixedPoints'),
      (error: unknown) => error instanceof NumericsError && error.message === `findFixedPoints: expected a finite Jacobian, got ${value} at row 1, column 0`,
    );
  });
}

test.run();
