// Arrays packed for the page: 16-bit steps between the smallest and the largest value, base64. Error at most 1/131070 of the range.
import type { FigureArray } from '../analysis/summary-data.js';

export interface PackedArray {
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
  /** Unsigned 16-bit little-endian, base64. */
  readonly data: string;
}

/** Packs an array; the page's script unpacks it. */
export function packArray({ shape, values }: FigureArray): PackedArray {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (values.length === 0) low = high = 0;
  const scale = high > low ? 65535 / (high - low) : 0;
  let bytes = '';
  for (const value of values) {
    const level = Math.round((value - low) * scale);
    bytes += String.fromCharCode(level & 255, level >> 8);
  }
  return { shape, low, high, data: btoa(bytes) };
}
