// The arm at work as an animated GIF: the report's animation in light colours, a few trials one after the other, with a time bar and a scale.
import type { ExperimentSummary, FigureArray, ReachRun, RunSummary } from '../analysis/summary-data.js';
import { movingView, trialPlan } from './body-view.js';
import { bodyShapes, type Shape, type TrialPlan } from './draw-body.js';
import { GifWriter } from './gif.js';
import { lightColour } from './figure-style.js';
import { Canvas, type Colour, Palette } from './raster.js';
import { roundDown } from './scale.js';
import { shownRuns } from './sentences.js';

const width = 360;
const barHeight = 34;
/** Hundredths of a second: 20 pictures a second at the speed of life; browsers slow anything below 2 down. */
const frameTime = 5;
/** How long the last picture of a trial stays. */
const restTime = 80;
const mostTrials = 4;
/** Pictures of one trial at most; longer trials run faster than life. */
const mostFrames = 100;

/** One animated GIF for each network that the report draws; `name` is its file beside `report.html`. Empty for tasks without a body. */
export function movementGifs(summary: ExperimentSummary): { name: string; data: Uint8Array }[] {
  if (!summary.reach) return [];
  return shownRuns(summary).map((run) => ({ name: gifName(run), data: movementGif(summary, run) }));
}

export function gifName({ model }: Pick<RunSummary, 'model'>): string {
  return `movement-${model}.gif`;
}

/** The first trials of the report, one after the other. */
export function movementGif(summary: ExperimentSummary, run: RunSummary): Uint8Array {
  const reach = summary.reach as NonNullable<ExperimentSummary['reach']>;
  const view = movingView(summary, shownRuns(summary), width);
  const canvas = new Canvas(view.width, view.height + barHeight);
  const samples = (run.outputs as FigureArray).shape[1] as number;
  const stride = Math.max(1, Math.round(frameTime / 100 / view.sampleTime), Math.ceil(samples / mostFrames));
  const plans = reach.trials.slice(0, mostTrials).map((trial) => trialPlan(trial, summary.trials.stride));
  const moved = run.reach as ReachRun;
  const arrays = [moved.joint, moved.activation, run.outputs, summary.trials.targets].map((array) => (array as FigureArray).values);
  const [joint, activation, hand, targets] = arrays as [readonly number[], readonly number[], readonly number[], readonly number[]];
  const draw = (trial: number, sample: number) => {
    const plan = plans[trial] as TrialPlan;
    canvas.clear(colours.card);
    paint(canvas, bodyShapes(view, plan, joint, activation, hand, targets, samples, trial, sample));
    paintScale(canvas, view.scale, view.height);
    paintBar(canvas, plan, sample, samples, view.height, `trial ${trial + 1} of ${plans.length}`);
  };
  const steps = (each: (trial: number, sample: number, last: boolean) => void) => {
    for (let trial = 0; trial < plans.length; trial++) {
      for (let sample = 0; sample < samples - 1; sample += stride) each(trial, sample, false);
      each(trial, samples - 1, true);
    }
  };
  const palette = new Palette();
  let counted = 0;
  steps((trial, sample, last) => {
    // a sample of the pictures has all colours that matter
    if (counted++ % 6 !== 0 && !last) return;
    draw(trial, sample);
    palette.add(canvas);
  });
  const writer = new GifWriter({ width: canvas.width, height: canvas.height, palette: palette.choose() });
  steps((trial, sample, last) => {
    draw(trial, sample);
    writer.frame(palette.indices(canvas), last ? restTime : frameTime);
  });
  return writer.finish();
}

const colours = {
  card: lightColour('card'),
  ink: lightColour('ink'),
  quiet: lightColour('quiet'),
  rule: lightColour('rule'),
  bone: lightColour('bone'),
  rest: lightColour('rest'),
  active: lightColour('active'),
  trail: lightColour('trail'),
  push: lightColour('push'),
  wait: lightColour('wait'),
  go: lightColour('go'),
};

const mix = (a: Colour, b: Colour, share: number) => a.map((value, i) => value + ((b[i] as number) - value) * share) as unknown as Colour;

/** The same shapes as in the page, here as pixels. */
function paint(canvas: Canvas, shapes: readonly Shape[]): void {
  for (const { form, kind, points, size, share, text } of shapes) {
    const [x, y] = [points[0] as number, points[1] as number];
    switch (kind) {
      case 'start':
        canvas.line([x - size, y - size, x + size, y - size, x + size, y + size, x - size, y + size, x - size, y - size], 1.8, colours.quiet);
        break;
      case 'target':
        canvas.dot(x, y, size, colours.go, 0.35);
        break;
      case 'target-go':
        canvas.dot(x, y, size, colours.go, 1, 2.4);
        break;
      case 'target-wait':
        canvas.dot(x, y, size, colours.wait, 1, 2.4);
        break;
      case 'bone':
        canvas.line(points, size, colours.bone);
        break;
      case 'joint':
        canvas.dot(x, y, size, colours.quiet, 0.55);
        break;
      case 'tendon':
        canvas.line(points, size, colours.rest);
        break;
      case 'muscle':
        canvas.line(points, size, mix(colours.rest, colours.active, share));
        break;
      case 'trail-edge':
        canvas.line(points, size, colours.card, 0.7);
        break;
      case 'trail':
        canvas.line(points, size, colours.trail);
        break;
      case 'hand':
        canvas.dot(x, y, size + 1.2, colours.card);
        canvas.dot(x, y, size, colours.ink);
        break;
      case 'push':
        if (form === 'area') canvas.area(points, colours.push);
        else canvas.line(points, size, colours.push);
        break;
      case 'push-name':
        canvas.text(x, y, text, colours.push, 2, true);
        break;
      case 'clock':
        canvas.text(x, y, text, colours.ink);
        break;
    }
  }
}

/** A bar of a round length in the lower right corner. */
function paintScale(canvas: Canvas, pixelsPerMetre: number, bottom: number): void {
  const centimetres = roundDown((0.3 * canvas.width * 100) / pixelsPerMetre);
  const end = canvas.width - 10;
  canvas.line([end - (centimetres / 100) * pixelsPerMetre, bottom - 8, end, bottom - 8], 2, colours.quiet);
  const text = `${centimetres} cm`;
  canvas.text(end - 6 * text.length, bottom - 14, text, colours.quiet, 1);
}

/** Below the picture: time, with target, go cue and push, and which trial this is. */
function paintBar(canvas: Canvas, plan: TrialPlan, sample: number, samples: number, top: number, name: string): void {
  const [left, right] = [10, canvas.width - 10];
  const y = top + 10;
  const x = (at: number) => left + ((right - left) * Math.min(at, samples - 1)) / Math.max(1, samples - 1);
  canvas.line([left, y, right, y], 5, colours.rule);
  if (plan.bump) canvas.line([x(plan.bump[0]), y, x(plan.bump[1]), y], 9, mix(colours.card, colours.push, 0.4));
  canvas.line([left, y, x(sample), y], 5, colours.trail);
  const marks = [
    { at: plan.targetOn, colour: colours.wait, text: 'target' },
    { at: plan.goCue, colour: colours.go, text: 'go' },
  ];
  let free = left;
  for (const { at, colour, text } of marks) {
    if (at === null) continue;
    canvas.line([x(at), y - 6, x(at), y + 6], 2, colour);
    // names of marks that are close stand one after the other
    const place = Math.max(free, x(at) - 3);
    canvas.text(place, y + 17, text, colour, 1);
    free = place + 6 * text.length + 4;
  }
  if (free < right - 6 * name.length) canvas.text(right - 6 * name.length, y + 17, name, colours.quiet, 1);
}
