// Unstable modes of a point as figures draw them: real directions in the space of states (Golub & Sussillo 2018 draw the leading ones).
import { generalEigen } from '../eigen.js';

/** A mode of a Jacobian: its eigenvalue's modulus and its direction, of length 1. */
export interface Mode {
  readonly modulus: number;
  readonly direction: Float64Array;
}

/**
 * Modes of modulus above 1 of a Jacobian [S, S], at most `most`, by falling modulus. The direction of a complex pair, which counts as one mode, is the real part
 * of its eigenvector, turned so that it is largest. The largest entry of a direction is positive. Throws NumericsError for a Jacobian that is not finite.
 */
export function unstableModes(jacobian: Float64Array, size: number, most: number): Mode[] {
  const { values, vectors } = generalEigen(jacobian, size, 'unstableModes');
  const modes: Mode[] = [];
  for (let k = 0; k < size && modes.length < most; k++) {
    const imaginary = values[2 * k + 1] as number;
    const modulus = Math.hypot(values[2 * k] as number, imaginary);
    if (!(modulus > 1)) break;
    if (imaginary >= 0) modes.push({ modulus, direction: largestRealPart(vectors.subarray(2 * k * size, 2 * (k + 1) * size)) });
  }
  return modes;
}

/** The real part of e^{iφ} v [S, 2] of greatest length over the phase φ, scaled to length 1. */
function largestRealPart(vector: Float64Array): Float64Array {
  let [squares, products] = [0, 0];
  for (let i = 0; i < vector.length; i += 2) {
    const [a, b] = [vector[i] as number, vector[i + 1] as number];
    squares += a * a - b * b;
    products += a * b;
  }
  const phase = 0.5 * Math.atan2(-2 * products, squares);
  const turned = new Float64Array(vector.length / 2).map(
    (_, i) => Math.cos(phase) * (vector[2 * i] as number) - Math.sin(phase) * (vector[2 * i + 1] as number),
  );
  const length = Math.sqrt(turned.reduce((sum, value) => sum + value * value, 0)) || 1;
  const largest = turned.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return turned.map((value) => (value / length) * (largest < 0 ? -1 : 1));
}
