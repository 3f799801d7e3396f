// One moment of a moving body as shapes: target, arm or point mass, muscles, hand trail, push. Drawn as SVG here and in the report's page, and as
// pixels in the GIF. The page carries the source text of these functions, so they use their arguments only (see draw-scene.ts).

/** How a body is drawn: which part of space, at which size. Pixels count from the upper left corner of the picture. */
export interface BodyView {
  readonly width: number;
  readonly height: number;
  /** Pixels per m, and where the point (0, 0) lies. */
  readonly scale: number;
  readonly origin: readonly [number, number];
  readonly arm: boolean;
  /** Of upper arm and forearm, m. */
  readonly lengths: readonly [number, number];
  /** Points of each muscle: part that it moves with (0 the world, 1 upper arm or mass, 2 forearm), x, y. */
  readonly paths: readonly (readonly (readonly [number, number, number])[])[];
  /** Seconds of a sample. */
  readonly sampleTime: number;
  /** The activation that is drawn in full colour and width. */
  readonly fullActivation: number;
}

/** One trial's plan in samples; null: it does not happen. */
export interface TrialPlan {
  readonly start: readonly [number, number];
  readonly goal: readonly [number, number];
  readonly targetOn: number | null;
  readonly goCue: number | null;
  /** Onset, end and force (N) of a push. */
  readonly bump: readonly [number, number, number, number] | null;
}

/** Something to draw. `points` are pixels x, y, x, y …; `share` (0 to 1) mixes the two colours of `kind`. */
export interface Shape {
  readonly form: 'line' | 'area' | 'dot' | 'ring' | 'box' | 'text';
  readonly kind: string;
  readonly points: readonly number[];
  /** Width of a line or radius, pixels. */
  readonly size: number;
  readonly share: number;
  readonly text: string;
}

/**
 * The body of trial `trial` after sample `step`. `joint` [K, T, 2], `activation` [K, T, M], `hand` and
 * `targets` (where the hand should be) [K, T, 2]. The trail is the hand's way until then.
 */
export function bodyShapes(
  view: BodyView,
  plan: TrialPlan,
  joint: ArrayLike<number>,
  activation: ArrayLike<number>,
  hand: ArrayLike<number>,
  targets: ArrayLike<number>,
  steps: number,
  trial: number,
  step: number,
): Shape[] {
  const shapes: Shape[] = [];
  const muscles = view.paths.length;
  const at = trial * steps + step;
  const q1 = joint[2 * at] as number;
  const q2 = joint[2 * at + 1] as number;
  const elbow = [view.lengths[0] * Math.cos(q1), view.lengths[0] * Math.sin(q1)] as const;
  const pen = {
    // pixels of a point given in the coordinates of a part
    place(part: number, x: number, y: number): [number, number] {
      const turn = view.arm ? (part === 0 ? 0 : part === 1 ? q1 : q1 + q2) : 0;
      const base = part === 0 || (view.arm && part === 1) ? [0, 0] : view.arm ? elbow : [q1, q2];
      const wx = (base[0] as number) + x * Math.cos(turn) - y * Math.sin(turn);
      const wy = (base[1] as number) + x * Math.sin(turn) + y * Math.cos(turn);
      return [view.origin[0] + wx * view.scale, view.origin[1] - wy * view.scale];
    },
    add(form: Shape['form'], kind: string, points: readonly number[], size: number, share = 0, text = ''): void {
      shapes.push({ form, kind, points, size, share, text });
    },
  };
  const gone = plan.goCue !== null && step >= plan.goCue;
  const seen = plan.targetOn !== null && step >= plan.targetOn;
  pen.add('box', 'start', pen.place(0, plan.start[0], plan.start[1]), 6);
  // after the go cue the target may move
  const goal = gone ? pen.place(0, targets[2 * at] as number, targets[2 * at + 1] as number) : pen.place(0, plan.goal[0], plan.goal[1]);
  if (gone) pen.add('dot', 'target', goal, 9);
  if (seen || gone) pen.add('ring', gone ? 'target-go' : 'target-wait', goal, 9);
  if (view.arm) {
    pen.add('line', 'bone', [...pen.place(1, 0, 0), ...pen.place(1, view.lengths[0], 0), ...pen.place(2, view.lengths[1], 0)], 15);
    pen.add('dot', 'joint', pen.place(1, 0, 0), 5);
    pen.add('dot', 'joint', pen.place(2, 0, 0), 4.5);
  }
  for (let m = 0; m < muscles; m++) {
    const path = view.paths[m] as BodyView['paths'][number];
    const level = Math.max(0, Math.min(1, (activation[at * muscles + m] as number) / view.fullActivation));
    const points: number[] = [];
    for (const [part, x, y] of path) points.push(...pen.place(part, x, y));
    pen.add('line', 'tendon', points, 1.6);
    // the belly: the middle of the way
    let length = 0;
    for (let i = 2; i < points.length; i += 2)
      length += Math.hypot((points[i] as number) - (points[i - 2] as number), (points[i + 1] as number) - (points[i - 1] as number));
    const [from, to] = view.arm ? [0.22 * length, 0.78 * length] : [0, length];
    const belly: number[] = [];
    let gone = 0;
    for (let i = 2; i < points.length; i += 2) {
      const [x, y] = [points[i - 2] as number, points[i - 1] as number];
      const [dx, dy] = [(points[i] as number) - x, (points[i + 1] as number) - y];
      const piece = Math.hypot(dx, dy) || 1e-9;
      const a = Math.max(0, (from - gone) / piece);
      const b = Math.min(1, (to - gone) / piece);
      if (b > 0 && a < 1) {
        if (belly.length === 0) belly.push(x + a * dx, y + a * dy);
        belly.push(x + b * dx, y + b * dy);
      }
      gone += piece;
    }
    pen.add('line', 'muscle', belly, (view.arm ? 3.4 : 2) + 5.2 * level, level);
  }
  const trail: number[] = [];
  for (let s = 0; s <= step; s++) trail.push(...pen.place(0, hand[2 * (trial * steps + s)] as number, hand[2 * (trial * steps + s) + 1] as number));
  const now = trail.slice(-2);
  pen.add('line', 'trail-edge', trail, 3.6);
  pen.add('line', 'trail', trail, 1.8);
  pen.add('dot', 'hand', now, view.arm ? 5 : 8);
  if (plan.bump && step >= plan.bump[0] && step < plan.bump[1]) {
    const [, , fx, fy] = plan.bump;
    const size = Math.hypot(fx, fy) || 1;
    const [ux, uy] = [fx / size, -fy / size];
    const length = 22 + 3.2 * Math.min(size, 20);
    const [hx, hy] = [now[0] as number, now[1] as number];
    const [tx, ty] = [hx + ux * length, hy + uy * length];
    pen.add('line', 'push', [hx, hy, tx - ux * 8, ty - uy * 8], 3.4);
    pen.add('area', 'push', [tx, ty, tx - ux * 12 - uy * 6.5, ty - uy * 12 + ux * 6.5, tx - ux * 12 + uy * 6.5, ty - uy * 12 - ux * 6.5], 0);
    pen.add('text', 'push-name', [tx + ux * 32, ty + uy * 14 + 5], 12, 0, `${size.toFixed(1)} N`);
  }
  const time = `${(step * view.sampleTime).toFixed(2)} s`;
  const phase = gone ? 'go' : seen ? (plan.goCue === null ? 'catch trial: stay' : 'target shown, wait') : 'wait';
  pen.add('text', 'clock', [10, 20], 13, 0, `${time} · ${phase}`);
  return shapes;
}

/** A trial as a sequence of postures, coloured by time, and the hand's way between them. */
export function postureShapes(view: BodyView, plan: TrialPlan, joint: ArrayLike<number>, hand: ArrayLike<number>, steps: number, trial: number): Shape[] {
  const shapes: Shape[] = [];
  const pen = {
    pixels(x: number, y: number): [number, number] {
      return [view.origin[0] + x * view.scale, view.origin[1] - y * view.scale];
    },
  };
  const postures = view.arm ? 13 : 0;
  // evenly spaced along the way of the hand, with a little for the time that passes, so that a rest does not take them all
  const gone = [0];
  for (let s = 1; s < steps; s++) {
    const at = 2 * (trial * steps + s);
    gone.push((gone[s - 1] as number) + Math.hypot((hand[at] as number) - (hand[at - 2] as number), (hand[at + 1] as number) - (hand[at - 1] as number)));
  }
  const way = gone[steps - 1] || 1;
  for (let i = 0, step = 0; i < postures; i++) {
    while (step < steps - 1 && ((gone[step] as number) / way + (0.3 * step) / (steps - 1)) / 1.3 < i / (postures - 1) - 1e-9) step++;
    const at = 2 * (trial * steps + step);
    const [a, b] = [joint[at] as number, (joint[at] as number) + (joint[at + 1] as number)];
    const [ex, ey] = [view.lengths[0] * Math.cos(a), view.lengths[0] * Math.sin(a)];
    const points = [...pen.pixels(0, 0), ...pen.pixels(ex, ey), ...pen.pixels(ex + view.lengths[1] * Math.cos(b), ey + view.lengths[1] * Math.sin(b))];
    shapes.push({ form: 'line', kind: 'time posture', points, size: 2, share: step / Math.max(1, steps - 1), text: '' });
  }
  const pieces = Math.min(48, steps - 1);
  for (let i = 0; i < pieces; i++) {
    const points: number[] = [];
    const end = Math.round(((i + 1) * (steps - 1)) / pieces);
    for (let s = Math.round((i * (steps - 1)) / pieces); s <= end; s++)
      points.push(...pen.pixels(hand[2 * (trial * steps + s)] as number, hand[2 * (trial * steps + s) + 1] as number));
    shapes.push({ form: 'line', kind: 'time', points, size: 3.6, share: (i + 0.5) / pieces, text: '' });
  }
  shapes.push({ form: 'box', kind: 'start', points: pen.pixels(plan.start[0], plan.start[1]), size: 6, share: 0, text: '' });
  shapes.push({
    form: 'ring',
    kind: plan.goCue === null ? 'target-wait' : 'target-go',
    points: pen.pixels(plan.goal[0], plan.goal[1]),
    size: 9,
    share: 0,
    text: '',
  });
  return shapes;
}

/** Shapes as SVG elements; the style sheet gives `kind` its colours, `--a` is the share. */
export function shapesSvg(shapes: readonly Shape[]): string {
  let svg = '';
  for (const { form, kind, points, size, share, text } of shapes) {
    const pixels = points.map((value) => Math.round(value * 10) / 10);
    const [x, y] = [pixels[0] ?? 0, pixels[1] ?? 0];
    const mix = share > 0 ? ` style="--a:${Math.round(share * 100)}%"` : '';
    if (form === 'line' || form === 'area') {
      let path = '';
      for (let i = 0; i < pixels.length; i += 2) {
        // points that fall on the same tenth of a pixel add nothing
        if (i > 0 && pixels[i] === pixels[i - 2] && pixels[i + 1] === pixels[i - 1]) continue;
        path += `${i === 0 ? 'M' : 'L'}${pixels[i]},${pixels[i + 1]}`;
      }
      svg += `<path class="${kind}${form === 'area' ? ' area' : ''}"${mix}${form === 'line' ? ` stroke-width="${Math.round(size * 10) / 10}"` : ''} d="${path}${form === 'area' ? 'Z' : ''}"/>`;
    } else if (form === 'box') svg += `<rect class="${kind}" x="${x - size}" y="${y - size}" width="${2 * size}" height="${2 * size}"/>`;
    else if (form === 'text') svg += `<text class="${kind}" x="${x}" y="${y}">${text}</text>`;
    else svg += `<circle class="${kind}" cx="${x}" cy="${y}" r="${size}"/>`;
  }
  return svg;
}
