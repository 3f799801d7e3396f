// Latents around the go cue as an animated GIF: a dot a trial on the first two principal components, coloured by the direction of the reach, in slow motion.
import type { ExperimentSummary, GoAlignedLatents } from '../analysis/summary-data.js';
import { lightColour } from './figure-style.js';
import { GifWriter } from './gif.js';
import { Canvas, Palette } from './raster.js';
import { shownRuns } from './sentences.js';

const size = 360;
const barHeight = 34;
const margin = 26;
/** Hundredths of a second that a time step is shown: a step of 10 ms six times slower than life. */
const frameTime = 6;
const restTime = 80;
/** Time steps that a dot drags behind it. */
const trail = 12;

const colours = { card: lightColour('card'), ink: lightColour('ink'), quiet: lightColour('quiet'), rule: lightColour('rule'), go: lightColour('go') };
const directions = Array.from({ length: 8 }, (_, direction) => lightColour(`s${direction}`));

/** One animated GIF for each network that the report draws and whose latents around the go cue are known; `name` is its file beside `report.html`. */
export function latentsGifs(summary: ExperimentSummary): { name: string; data: Uint8Array }[] {
  return shownRuns(summary).flatMap(({ model, reach }) =>
    reach?.goAligned ? [{ name: `latents-${model}.gif`, data: latentsGif(reach.goAligned, summary.task.stepDuration ?? 1) }] : [],
  );
}

/** All trials of one network at once; `stepDuration` in s. */
function latentsGif(latents: GoAlignedLatents, stepDuration: number): Uint8Array {
  const canvas = new Canvas(size, size + barHeight);
  const place = placing(latents);
  const steps = 2 * latents.window + 1;
  const draw = (step: number) => {
    canvas.clear(colours.card);
    canvas.line([margin, size - 8, margin + 40, size - 8], 1.6, colours.quiet);
    canvas.text(margin + 44, size - 5, 'pc 1', colours.quiet, 1);
    canvas.line([8, size - margin, 8, size - margin - 40], 1.6, colours.quiet);
    canvas.text(4, size - margin - 46, 'pc 2', colours.quiet, 1);
    paintCompass(canvas);
    for (const [trial, direction] of latents.directions.entries()) {
      const path: number[] = [];
      for (let at = Math.max(0, step - trail); at <= step; at++) path.push(...place(trial, at));
      const [x, y] = path.slice(-2) as [number, number];
      const colour = directions[direction] ?? colours.ink;
      canvas.line(path, 1.4, colour, 0.45);
      canvas.dot(x, y, 3.6, colour);
    }
    paintBar(canvas, step, latents.window, stepDuration, `${latents.directions.length} trials`);
  };
  const palette = new Palette();
  for (let step = 0; step < steps; step += 6) {
    draw(step);
    palette.add(canvas);
  }
  const writer = new GifWriter({ width: canvas.width, height: canvas.height, palette: palette.choose() });
  for (let step = 0; step < steps; step++) {
    draw(step);
    writer.frame(palette.indices(canvas), step + 1 === steps ? restTime : frameTime);
  }
  return writer.finish();
}

/** Where a trial's sample lies: both components on one scale, all samples within the margin. */
function placing({ values: { values, shape }, window }: GoAlignedLatents): (trial: number, step: number) => [number, number] {
  const steps = 2 * window + 1;
  const limits = [0, 1].map((axis) => {
    const on = values.filter((_, i) => i % 3 === axis);
    return [on.reduce((low, value) => Math.min(low, value), 0), on.reduce((high, value) => Math.max(high, value), 0)] as const;
  }) as [readonly [number, number], readonly [number, number]];
  const span = Math.max(1e-12, ...limits.map(([low, high]) => high - low));
  const scale = (size - 2 * margin) / span;
  const [x, y] = limits.map(([low, high]) => (low + high) / 2) as [number, number];
  if (shape[1] !== steps) throw new RangeError(`latentsGif: expected ${steps} steps a trial, got ${shape[1]}`);
  return (trial, step) => {
    const at = 3 * (trial * steps + step);
    return [size / 2 + scale * ((values[at] as number) - x), size / 2 - scale * ((values[at + 1] as number) - y)];
  };
}

/** Which colour reaches where, in the upper right corner. */
function paintCompass(canvas: Canvas): void {
  const [x, y] = [size - 30, 30];
  for (const [direction, colour] of directions.entries()) {
    const angle = ((direction + 0.5) * Math.PI) / 4;
    canvas.dot(x + 16 * Math.cos(angle), y - 16 * Math.sin(angle), 4, colour);
  }
  canvas.dot(x, y, 1.5, colours.quiet);
}

/** Below the picture: time from the go cue. */
function paintBar(canvas: Canvas, step: number, window: number, stepDuration: number, name: string): void {
  const [left, right, y] = [10, size - 10, size + 10];
  const x = (at: number) => left + ((right - left) * at) / (2 * window);
  canvas.line([left, y, right, y], 5, colours.rule);
  canvas.line([left, y, x(step), y], 5, colours.ink);
  canvas.line([x(window), y - 6, x(window), y + 6], 2, colours.go);
  canvas.text(x(window) - 6, y + 17, 'go', colours.go, 1);
  const seconds = (step - window) * stepDuration;
  canvas.text(left, y + 17, `${seconds.toFixed(2)} s`, colours.ink, 1);
  canvas.text(right - 6 * name.length, y + 17, name, colours.quiet, 1);
}
