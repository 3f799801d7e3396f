// Two 3-D views of a model: its latents on the first three principal components, and its outputs in the cube of bits.
import type { ExperimentSummary, FigureArray, GoAlignedLatents, MemoryState, RunSummary } from '../analysis/summary-data.js';
import { drawScene, type Point, type Scene } from './draw-scene.js';
import { formatNumber, shorten } from './format.js';
import { html, type Markup, raw } from './html.js';
import { roundDown } from './scale.js';

const size = { width: 460, height: 380 };

/**
 * The memory state of each shown sample [K, T], from the first three bits of its target; null for tasks without bits.
 * Bit 1 is the most significant, as in the labels.
 */
export function memoryCodes({ task, trials }: ExperimentSummary): FigureArray | null {
  if (!task.binary) return null;
  const [count, steps, bits] = trials.targets.shape as [number, number, number];
  const used = Math.min(3, bits);
  const values = Array.from({ length: count * steps }, (_, at) => {
    let code = 0;
    for (let bit = 0; bit < used; bit++) code = 2 * code + (trials.targets.values[at * bits + bit] as number);
    return code;
  });
  return { shape: [count, steps], values };
}

/** The scene of latents around the go cue: one line a trial, coloured by where it reaches, with a dot at the cue. */
export function goScene({ values, window, directions }: GoAlignedLatents): Scene {
  const scene = pointScene(values);
  return { ...scene, coloured: true, events: directions.map(() => [[window, 1] as const]) };
}

/** Each trial's direction for each of its samples: the colours of `goScene`. */
export function goStates({ values, directions }: GoAlignedLatents): FigureArray {
  const [trials, steps] = values.shape as [number, number];
  return { shape: [trials, steps], values: Array.from({ length: trials * steps }, (_, at) => directions[Math.floor(at / steps)] as number) };
}

/** Number of a state label's colour: its first three bits. */
const stateColour = (label: string) => Number.parseInt(label.slice(0, 3), 2);

/** The scene of a model's latents, scaled alike along all three components; `events` as in a scene. */
export function latentScene(run: RunSummary, events?: NonNullable<Scene['events']>): Scene {
  const states = (run.memory ?? []).filter(({ latent, label }) => latent !== null && label.length <= 3);
  const components = Math.max(1, Math.min(3, run.scree.ratios.length));
  const marks = states.map(({ latent, label }) => ({ at: latent as unknown as Point, text: label, state: stateColour(label) }));
  return { ...pointScene(run.latents as FigureArray, components), marks, ...(events ? { events } : {}) };
}

/** The scene of samples on three axes [K, T, 3], scaled alike along all of them. */
export function pointScene(latents: FigureArray, components = 3): Scene {
  const [trials, steps] = latents.shape as [number, number];
  const limits = [0, 1, 2].map((axis) => extent(latents, axis));
  const center = limits.map(({ low, high }) => (low + high) / 2) as unknown as Point;
  const spans = limits.map(({ low, high }) => (high - low) / 2);
  const radius = reach(latents, [0, 1, 2], center) || 1;
  const bar = roundDown(radius / 2);
  const along = (axis: number, by: number) => center.map((value, i) => (i === axis ? value + by : value)) as unknown as Point;
  const axes = [0, 1, 2].slice(0, components);
  return {
    ...size,
    zoom: 186,
    center,
    radius,
    trials,
    steps,
    channels: 3,
    axes: [0, 1, 2],
    lines: axes.map((axis) => ({ from: along(axis, -(spans[axis] as number)), to: along(axis, spans[axis] as number), kind: 'spine' })),
    axisNames: axes.map((axis) => `PC ${axis + 1}`),
    scaleBar: { length: bar, text: `${bar} (dimensionless)` },
    marks: [],
    yaw: 0.6,
    pitch: 0.4,
  };
}

/** Distance from `center` within which 99.5 % of the samples lie: a few strays may leave the view, so that clusters stay large. */
function reach({ values, shape }: FigureArray, axes: Point, center: Point): number {
  const channels = shape[2] as number;
  const distances: number[] = [];
  for (let at = 0; at < values.length; at += channels) {
    distances.push(Math.hypot(...axes.map((axis, i) => (axis < 0 ? 0 : (values[at + axis] as number) - (center[i] as number)))));
  }
  distances.sort((a, b) => a - b);
  return distances[Math.floor((distances.length - 1) * 0.995)] ?? 0;
}

function extent({ values }: FigureArray, axis: number): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = axis; i < values.length; i += 3) {
    low = Math.min(low, values[i] as number);
    high = Math.max(high, values[i] as number);
  }
  return { low, high };
}

/** The cube of the first three bits (a square for two): corners, edges, and the model's outputs inside. */
export function cubeScene(run: RunSummary, outputLabels: readonly string[]): Scene {
  const outputs = run.outputs as FigureArray;
  const [trials, steps, channels] = outputs.shape as [number, number, number];
  const used = Math.min(3, channels);
  const flat = used < 3;
  const axes: Point = [0, 1, flat ? -1 : 2];
  const center: Point = [0.5, 0.5, flat ? 0 : 0.5];
  const corners = Array.from({ length: 2 ** used }, (_, code) => [code >> (used - 1), (code >> (used - 2)) & 1, flat ? 0 : code & 1] as const);
  const apart = (a: Point, b: Point) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]);
  const edges = corners.flatMap((a, i) =>
    corners
      .slice(i + 1)
      .filter((b) => apart(a, b) === 1)
      .map((b) => ({ from: a, to: b, kind: 'edge' })),
  );
  return {
    ...size,
    zoom: flat ? 160 : 196,
    center,
    radius: Math.min(1.5, Math.max(flat ? 0.8 : 0.92, reach(outputs, axes, center))),
    trials,
    steps,
    channels,
    axes,
    lines: edges,
    axisNames: Array.from({ length: used }, (_, bit) => shorten(outputLabels[bit] as string)),
    scaleBar: { length: 0.5, text: '0.5 (dimensionless)' },
    marks: corners.map((corner, code) => ({ at: corner, text: code.toString(2).padStart(used, '0'), state: code })),
    yaw: flat ? 0 : 0.5,
    pitch: flat ? 1.45 : 0.3,
  };
}

/** A scene as a figure that the page's script can turn. `view` is its place among the page's scenes. */
export function spaceFigure(scene: Scene, values: FigureArray, states: FigureArray | null, view: number, describes: string, chosen = 0): Markup {
  const drawing = raw(drawScene(scene, values.values, states?.values ?? null, chosen, scene.yaw, scene.pitch));
  return html`<svg class="space" data-view="${view}" viewBox="0 0 ${scene.width} ${scene.height}" role="img" tabindex="0"><title>${describes}</title>${drawing}</svg>`;
}

/** Under a cube: how near the outputs come to each corner. Null where states were not counted. */
export function cornerTable(memory: readonly MemoryState[] | null): Markup | null {
  if (!memory || memory.length > 8) return null;
  return html`<ul class="corners">${memory.map(
    (state) =>
      html`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><circle class="mark state${stateColour(state.label)}" cx="5" cy="5" r="4.2"/></svg><b>${state.label}</b> <span>${state.samples > 0 ? html`${(state.accuracy * 100).toFixed(1)}\u202f%, rms ${formatNumber(state.spread, 2)}` : 'never asked for'}</span></li>`,
  )}</ul>`;
}
