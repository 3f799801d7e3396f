// Counter-based random numbers: Threefry-2x32-20 words, uniforms and normals, the same on every platform and backend.
// Salmon, Moraes, Dror & Shaw 2011 (Random123), doi:10.1145/2063384.2063405. Nothing hidden: a draw is a function of
// (seed, purpose, epoch) → key and (trial, index) → counter, so any order of drawing gives the same numbers.
import { naturalLog } from './math.js';

/** Two 32-bit words that select a stream. */
export type RandomKey = readonly [number, number];

const parity = 0x1bd11bda;

// The two words of the last block. In a typed array, because a tuple a block costs more than the arithmetic.
const words = new Uint32Array(2);

/** Threefry-2x32 with 20 rounds into `words`; unrolled, because a loop over the rotations takes more than twice as long. */
function block(key0: number, key1: number, counter0: number, counter1: number): void {
  const key2 = parity ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + key1) | 0;
  x1 = (x1 + key2 + 1) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + key2) | 0;
  x1 = (x1 + key0 + 2) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + key0) | 0;
  x1 = (x1 + key1 + 3) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + key1) | 0;
  x1 = (x1 + key2 + 4) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + key2) | 0;
  x1 = (x1 + key0 + 5) | 0;
  words[0] = x0;
  words[1] = x1;
}

/** The two output words (unsigned) of Threefry-2x32 with 20 rounds. */
export function threefry(key: RandomKey, counter0: number, counter1: number): [number, number] {
  block(key[0], key[1], counter0, counter1);
  return [words[0] as number, words[1] as number];
}

/** FNV-1a of a purpose's name, 32 bits. */
function hashPurpose(purpose: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * The key of one stream. `seed` is a non-negative integer below 2^53; `purpose` names the consumer (`data`, `split`, `initialisation`,
 * `sampler`, `initial state noise`, `state noise`, `input noise`, `evaluation` …), so that one consumer never shifts another.
 */
export function randomKey(seed: number, purpose: string, epoch = 0): RandomKey {
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  return threefry([low, high], hashPurpose(purpose), epoch);
}

/** A key below another, for a consumer that needs several streams of its own, e.g. a task its pulses and its noise. */
export function deriveKey(key: RandomKey, purpose: string): RandomKey {
  return threefry(key, hashPurpose(purpose), 0);
}

/** Word number `index` of trial `trial`: two words come from one block of the counter (trial, floor(index / 2)). */
function word(key: RandomKey, trial: number, index: number): number {
  block(key[0], key[1], trial, index >>> 1);
  return words[index & 1] as number;
}

/** Uniform on [0, 1), a multiple of 2^-24. */
export function uniformAt(key: RandomKey, trial: number, index: number): number {
  return (word(key, trial, index) >>> 8) * 2 ** -24;
}

/** Uniform on (0, 1) in 52 bits, from block (counter0, counter1) of a key: for draws by inversion, whose tails count. Neither 0 nor 1 occurs. */
export function openUniformAt(key: RandomKey, counter0: number, counter1: number): number {
  block(key[0], key[1], counter0, counter1);
  return (((words[0] as number) >>> 6) * 67108864 + ((words[1] as number) >>> 6) + 0.5) * 2 ** -52;
}

/** Standard normal by the inverse CDF of a uniform on the midpoints of 2^24 cells; |value| < 5.5. */
export function normalAt(key: RandomKey, trial: number, index: number): number {
  return inverseNormalCdf(((word(key, trial, index) >>> 8) + 0.5) * 2 ** -24);
}

/** Fills `target` with draws 0, 1, 2, … of one trial; two draws per block. */
export function fillUniform(target: Float32Array | Float64Array, key: RandomKey, trial: number): void {
  for (let i = 0; i < target.length; i += 2) {
    block(key[0], key[1], trial, i >>> 1);
    target[i] = ((words[0] as number) >>> 8) * 2 ** -24;
    if (i + 1 < target.length) target[i + 1] = ((words[1] as number) >>> 8) * 2 ** -24;
  }
}

/** Fills `target` with standard normals, draws 0, 1, 2, … of one trial. */
export function fillNormal(target: Float32Array | Float64Array, key: RandomKey, trial: number): void {
  for (let i = 0; i < target.length; i += 2) {
    block(key[0], key[1], trial, i >>> 1);
    target[i] = inverseNormalCdf((((words[0] as number) >>> 8) + 0.5) * 2 ** -24);
    if (i + 1 < target.length) target[i + 1] = inverseNormalCdf((((words[1] as number) >>> 8) + 0.5) * 2 ** -24);
  }
}

/** A permutation of 0 … count − 1 (Fisher–Yates, one 24-bit draw a swap; the bias is below count · 2^-24). */
export function permutation(count: number, key: RandomKey): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniformAt(key, 0, i) * (i + 1));
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

// Rational approximation of the inverse normal CDF by P. J. Acklam (2003): relative error below 1.2e-9.
const a = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239] as const;
const b = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1] as const;
const c = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783] as const;
const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416] as const;
const tail = 0.02425;

/** Inverse of the standard normal CDF on (0, 1), with arithmetic that is the same in every JavaScript engine. */
export function inverseNormalCdf(p: number): number {
  if (p < tail || p > 1 - tail) {
    const q = Math.sqrt(-2 * naturalLog(p < tail ? p : 1 - p));
    const value = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    return p < tail ? value : -value;
  }
  const q = p - 0.5;
  const r = q * q;
  return ((((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q) / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}
