// Arrays of trials as figures take them: the first trials, every so-many-th step, rounded.
import { round } from './scores.js';
import type { FigureArray } from './summary-data.js';

/** What a figure shows of an array [S, all, width]. */
export interface FigureCut {
  /** Steps of a trial, and how many of these are shown. */
  readonly all: number;
  readonly steps: number;
  readonly width: number;
  /** Trials. */
  readonly count: number;
  readonly stride: number;
}

/** The first `count` trials of [S, all, width], `steps` of their steps, every `stride`-th. */
export function figureArray(values: Float32Array | Float64Array, { all, steps, width, count, stride }: FigureCut): FigureArray {
  const result: number[] = [];
  for (let trial = 0; trial < count; trial++)
    for (let step = 0; step < steps; step += stride) for (let i = 0; i < width; i++) result.push(round(values[(trial * all + step) * width + i] as number));
  return { shape: [count, Math.ceil(steps / stride), width], values: result };
}
