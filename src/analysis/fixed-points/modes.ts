// Eigenvectors of a Jacobian for eigenvalues that are known: inverse iteration (Wielandt 1944; Golub & Van Loan 2013, section 7.6.1).
import { LuDecomposition, Matrix } from 'ml-matrix';

/** Shift off the eigenvalue, relative to its modulus: keeps the system solvable, and 1e-8 away converges in two steps. */
const shift = 1e-8;
const steps = 3;

/**
 * The direction of the state in which an eigenvalue λ of a Jacobian [S, S] acts: the real part of its eigenvector, turned so that it is largest, of length 1.
 * Null where the system has no solution.
 */
export function modeOf(jacobian: Float64Array, size: number, [real, imaginary]: readonly [number, number]): Float64Array | null {
  const modulus = Math.hypot(real, imaginary) || 1;
  const complex = Math.abs(imaginary) > 1e-12 * modulus;
  const [re, im] = [real + shift * modulus, imaginary];
  // (J − λI)(a + ib) as a real system in [a, b]
  const order = complex ? 2 * size : size;
  const system = new Matrix(order, order);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const value = (jacobian[i * size + j] as number) - (i === j ? re : 0);
      system.set(i, j, value);
      if (complex) system.set(size + i, size + j, value);
    }
    if (complex) {
      system.set(i, size + i, im);
      system.set(size + i, i, -im);
    }
  }
  const factors = new LuDecomposition(system);
  if (factors.isSingular()) return null;
  // any start that is not orthogonal to the eigenvector does
  let vector = Matrix.columnVector(Array.from({ length: order }, (_, i) => 1 + 0.1 * Math.cos(i)));
  for (let step = 0; step < steps; step++) {
    const next = factors.solve(vector);
    const length = next.norm();
    if (!(length > 0 && Number.isFinite(length))) return null;
    vector = next.div(length);
  }
  const values = vector.to1DArray();
  return largestRealPart(values.slice(0, size), complex ? values.slice(size) : new Array<number>(size).fill(0));
}

/** cos φ a − sin φ b of greatest length over the phase φ, scaled to length 1; its largest entry is positive. */
function largestRealPart(a: readonly number[], b: readonly number[]): Float64Array {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  const phase = 0.5 * Math.atan2(-2 * dot(a, b), dot(a, a) - dot(b, b));
  const turned = Float64Array.from(a, (value, i) => Math.cos(phase) * value - Math.sin(phase) * (b[i] as number));
  const length = Math.sqrt(turned.reduce((sum, value) => sum + value * value, 0));
  const largest = turned.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return turned.map((value) => (value / length) * (largest < 0 ? -1 : 1));
}
