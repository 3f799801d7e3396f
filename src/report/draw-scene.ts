// A small 3-D view as SVG: trajectories, axes and labelled points, turned and projected. Runs here for the first picture and,
// as its own source text, in the report's page for every later one: so `drawScene` may use nothing but its arguments, and no
// named inner functions (some build tools wrap those in a helper that the page would lack).

export type Point = readonly [number, number, number];

/** A point that a reader can pick: where it lies, and which of them are drawn. */
export interface ScenePoint {
  readonly at: Point;
  /** Number of unstable directions, 3 for three and more: its shape and colour. */
  readonly kind: number;
  /** Drawn only while the view's threshold is above it. */
  readonly speed: number;
  /** Drawn only when the view shows what lies far from the data. */
  readonly far: boolean;
  /** Written beside it; may be empty. */
  readonly text: string;
  /** What hovering over it says. */
  readonly says: string;
  /** Segments from at − mode to at + mode. */
  readonly modes: readonly Point[];
}

/** Which of a scene's points are drawn: those below `threshold`, far ones only with `far`; `picked` stands out (−1: none). */
export interface PointChoice {
  readonly threshold: number;
  readonly far: boolean;
  readonly picked: number;
}

/** What one view shows. Data coordinates become (v − center) / radius before turning; axis 3 points up. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Pixels per radius. */
  readonly zoom: number;
  readonly center: Point;
  readonly radius: number;
  /** K trials, T steps, C channels a sample. */
  readonly trials: number;
  readonly steps: number;
  readonly channels: number;
  /** Which channel lies along each axis; −1: none, the coordinate is 0. */
  readonly axes: Point;
  readonly lines: readonly { readonly from: Point; readonly to: Point; readonly kind: string }[];
  /** Names of the axes, drawn as a small cross of arrows in the lower left corner that turns along. */
  readonly axisNames: readonly string[];
  /** A bar in the lower right corner: its length in data units, and what is written under it. */
  readonly scaleBar: { readonly length: number; readonly text: string } | null;
  /** Labelled points with the colour of a memory state (−1: neutral). */
  readonly marks: readonly { readonly at: Point; readonly text: string; readonly state: number }[];
  readonly points?: readonly ScenePoint[];
  /** Which points the first view shows. Default: all that are not far. */
  readonly choice?: PointChoice;
  /** States colour lines instead of dots. */
  readonly coloured?: boolean;
  /** Dots at events of each trial: sample and kind (0, 1, …); drawn for the chosen trial, or for all when none is. */
  readonly events?: readonly (readonly (readonly [number, number])[])[];
  /** First view, radians. */
  readonly yaw: number;
  readonly pitch: number;
}

/**
 * Draws a scene: SVG elements as text. `values` [K, T, C]; `states` [K, T] gives each sample's memory state (its colour; rounded, as packed
 * arrays are not exact), or null. The `chosen` trial is drawn on top (−1: none). Turned by `yaw` about the vertical axis, seen from `pitch`
 * above, with a mild perspective. `choice`: which of the scene's points.
 */
export function drawScene(
  scene: Scene,
  values: ArrayLike<number>,
  states: ArrayLike<number> | null,
  chosen: number,
  yaw: number,
  pitch: number,
  choice: PointChoice | null = null,
): string {
  const { cos, sin, round, max, min } = Math;
  const turn = [cos(yaw), sin(yaw), cos(pitch), sin(pitch)] as const;
  const view = {
    // [x, y, depth]: pixels, and distance from the centre's plane in radii (positive: further away)
    project(a: number, b: number, c: number): [number, number, number] {
      const x = (a - scene.center[0]) / scene.radius;
      const y = (b - scene.center[1]) / scene.radius;
      const z = (c - scene.center[2]) / scene.radius;
      const right = turn[0] * x - turn[1] * y;
      const away = turn[1] * x + turn[0] * y;
      const depth = away * turn[2] - z * turn[3];
      const size = scene.zoom / (1 + 0.16 * depth);
      return [round((scene.width / 2 + right * size) * 10) / 10, round((scene.height / 2 - 12 - (z * turn[2] + away * turn[3]) * size) * 10) / 10, depth];
    },
    escape(text: string): string {
      return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
    },
    sample(trial: number, step: number): [number, number, number] {
      const at = (trial * scene.steps + step) * scene.channels;
      const [i, j, k] = scene.axes;
      return view.project(i < 0 ? 0 : (values[at + i] as number), j < 0 ? 0 : (values[at + j] as number), k < 0 ? 0 : (values[at + k] as number));
    },
  };
  let svg = '';
  for (const { from, to, kind } of scene.lines) {
    const a = view.project(...from);
    const b = view.project(...to);
    svg += `<path class="${kind}${a[2] + b[2] > 1 ? ' far' : ''}" d="M${a[0]},${a[1]}L${b[0]},${b[1]}"/>`;
  }
  // One path for each state and depth (0 far, 1 middle, 2 near): colour and strength without an element per sample. Samples of a task with
  // memory states are dots, so that states show as clouds; others are lines.
  const bundles: Record<string, string> = {};
  let front = '';
  let ends = '';
  for (let trial = 0; trial < scene.trials; trial++) {
    let bundle = '';
    let here = view.sample(trial, 0);
    if (trial === chosen) front += `M${here[0]},${here[1]}`;
    for (let step = 1; step < scene.steps; step++) {
      const next = view.sample(trial, step);
      if (next[0] === here[0] && next[1] === here[1]) continue;
      if (trial === chosen) front += `L${next[0]},${next[1]}`;
      else if (states && !scene.coloured) {
        const key = `${next[2] > 0.35 ? 0 : next[2] > -0.35 ? 1 : 2} ${round(states[trial * scene.steps + step] as number)}`;
        bundles[key] = `${bundles[key] ?? ''}M${next[0]},${next[1]}h0`;
      } else {
        const key = `${next[2] > 0.35 ? 0 : next[2] > -0.35 ? 1 : 2} ${states ? round(states[trial * scene.steps + step] as number) : ''}`;
        bundles[key] = `${bundles[key] ?? ''}${key === bundle ? '' : `M${here[0]},${here[1]}`}L${next[0]},${next[1]}`;
        bundle = key;
      }
      here = next;
    }
    if (trial === chosen) {
      const start = view.sample(trial, 0);
      ends = `<circle class="start" cx="${start[0]}" cy="${start[1]}" r="3.5"/><circle class="end" cx="${here[0]}" cy="${here[1]}" r="3.5"/>`;
    }
  }
  for (const key of Object.keys(bundles).sort()) {
    const [depth, state] = key.split(' ');
    svg += `<path class="${states && !scene.coloured ? 'dots' : 'line'} depth${depth} state${state}" d="${bundles[key]}"/>`;
  }
  if (front) svg += `<path class="halo" d="${front}"/><path class="chosen" d="${front}"/>${ends}`;
  const events = scene.events ?? [];
  for (let trial = 0; trial < events.length; trial++) {
    if (chosen >= 0 && trial !== chosen) continue;
    for (const [step, kind] of events[trial] as (typeof events)[number]) {
      const at = view.sample(trial, step);
      svg += `<circle class="event${kind}${chosen < 0 && states ? ` state${round(states[trial * scene.steps + step] as number)}` : ''}" cx="${at[0]}" cy="${at[1]}" r="${chosen < 0 ? 2.8 : 4.6}"/>`;
    }
  }
  const marks = scene.marks.map((mark) => ({ mark, at: view.project(...mark.at) })).sort((a, b) => b.at[2] - a.at[2]);
  for (const { mark, at } of marks) {
    const size = round(50 / (1 + 0.16 * max(-2, min(2, at[2])))) / 10;
    svg += `<circle class="mark state${mark.state < 0 ? '' : mark.state}" cx="${at[0]}" cy="${at[1]}" r="${size}"/><text class="name" x="${at[0]}" y="${at[1] - 9}">${view.escape(mark.text)}</text>`;
  }
  const shown = choice ?? scene.choice ?? { threshold: Number.POSITIVE_INFINITY, far: false, picked: -1 };
  const points = (scene.points ?? [])
    .map((point, index) => ({ point, index, at: view.project(...point.at) }))
    .filter(({ point }) => point.speed < shown.threshold && (shown.far || !point.far))
    .sort((a, b) => b.at[2] - a.at[2]);
  for (const { point, index, at } of points) {
    const size = round(48 / (1 + 0.16 * max(-2, min(2, at[2])))) / 10;
    let modes = '';
    for (const mode of point.modes) {
      const a = view.project(point.at[0] - mode[0], point.at[1] - mode[1], point.at[2] - mode[2]);
      const b = view.project(point.at[0] + mode[0], point.at[1] + mode[1], point.at[2] + mode[2]);
      modes += `<path class="mode" d="M${a[0]},${a[1]}L${b[0]},${b[1]}"/>`;
    }
    const [x, y, r] = [at[0], at[1], size];
    const outline = [
      '',
      `M${x},${y - 1.25 * r}l${1.2 * r},${2.1 * r}h${-2.4 * r}Z`,
      `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
      `M${x},${y - 1.4 * r}l${1.4 * r},${1.4 * r}l${-1.4 * r},${1.4 * r}l${-1.4 * r},${-1.4 * r}Z`,
    ][point.kind];
    const shape = outline
      ? `<path class="shape" d="${outline.replace(/-?\d+\.\d+/g, (text) => String(round(Number(text) * 10) / 10))}"/>`
      : `<circle class="shape" cx="${x}" cy="${y}" r="${size}"/>`;
    const name = point.text ? `<text class="name" x="${x}" y="${round((y - 2 * r) * 10) / 10}">${view.escape(point.text)}</text>` : '';
    svg += `<g class="point point${point.kind}${point.far ? ' far' : ''}${index === shown.picked ? ' picked' : ''}" data-point="${index}"><title>${view.escape(point.says)}</title>${modes}<circle class="hit" cx="${x}" cy="${y}" r="11"/>${shape}${name}</g>`;
  }
  // the arrows show directions only, without perspective
  const corner = [54, scene.height - 34] as const;
  const placed: [number, number][] = [];
  for (let axis = 0; axis < scene.axisNames.length; axis++) {
    const [x, y, z] = [axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0];
    const right = turn[0] * x - turn[1] * y;
    const up = z * turn[2] + (turn[1] * x + turn[0] * y) * turn[3];
    svg += `<path class="arrow" d="M${corner[0]},${corner[1]}L${round((corner[0] + right * 22) * 10) / 10},${round((corner[1] - up * 22) * 10) / 10}"/>`;
    const name: [number, number] = [corner[0] + right * 36, corner[1] - up * 32 + 4];
    // arrows may point the same way: then names stand side by side
    for (const other of placed)
      if (max(name[0] - other[0], other[0] - name[0]) < 30 && max(name[1] - other[1], other[1] - name[1]) < 12)
        name[0] = other[0] + (name[0] < other[0] ? -32 : 32);
    placed.push(name);
    svg += `<text class="axis-name" x="${round(name[0] * 10) / 10}" y="${round(name[1] * 10) / 10}">${view.escape(scene.axisNames[axis] ?? '')}</text>`;
  }
  if (scene.scaleBar) {
    const length = round((scene.scaleBar.length / scene.radius) * scene.zoom * 10) / 10;
    const end = scene.width - 12;
    svg += `<path class="arrow" d="M${round((end - length) * 10) / 10},${scene.height - 22}H${end}"/><text class="scale-name" x="${end}" y="${scene.height - 6}">${view.escape(scene.scaleBar.text)}</text>`;
  }
  return svg;
}
