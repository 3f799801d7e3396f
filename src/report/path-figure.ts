// Hand paths seen from above: every shown trial with its start and its target, the chosen one strong; for one network or at one epoch.
import type { ExperimentSummary, FigureArray, ReachTrial } from '../analysis/summary-data.js';
import { type Bounds, bodyView, spaceFrame } from './body-view.js';
import { html, type Markup } from './html.js';
import { pixel } from './scale.js';

/** Distance between drawn points of a path, pixels: what lies closer is left out. */
const finest = 0.7;

/** What is drawn: a body and its trials. `still`: others than the page's shown trials, so that the first one stays strong whichever trial is chosen. */
interface Drawn {
  readonly body: NonNullable<ExperimentSummary['reach']>['body'];
  readonly trials: readonly ReachTrial[];
  readonly still?: boolean;
}

/** The paths in `hand` [K, T, 2]; `width` in pixels for small pictures. Catch trials have a hollow diamond where their target was shown. */
export function pathFigure({ body, trials, still }: Drawn, hand: FigureArray, bounds: Bounds, describes: string, width?: number): Markup {
  const view = bodyView(body, bounds, width, width);
  const steps = hand.shape[1] as number;
  const place = ([x, y]: readonly [number, number]) => [view.origin[0] + x * view.scale, view.origin[1] - y * view.scale] as const;
  const paths = trials.map((plan, k) => {
    const points = Array.from({ length: steps }, (_, step) =>
      place([hand.values[2 * (k * steps + step)] as number, hand.values[2 * (k * steps + step) + 1] as number]),
    );
    return html`<g class="reach${k === 0 ? ' chosen' : ''}"${still ? null : html` data-trial="${k}"`}><path class="path" d="${thinned(points)}"/>${ends(plan, place)}</g>`;
  });
  // the chosen one on top: the page's script keeps it so
  return spaceFrame(view, html`${paths.slice(1)}${paths[0] ?? null}`, describes, 'paths', 0);
}

function ends({ start, goal, goCue }: ReachTrial, place: (point: readonly [number, number]) => readonly [number, number]): Markup {
  const [sx, sy] = place(start);
  const [gx, gy] = place(goal);
  const target =
    goCue === null
      ? html`<path class="catch" d="M${pixel(gx)},${pixel(gy - 6)}l6,6l-6,6l-6,-6Z"/>`
      : html`<circle class="goal" cx="${pixel(gx)}" cy="${pixel(gy)}" r="5"/>`;
  return html`<rect class="from" x="${pixel(sx - 3.5)}" y="${pixel(sy - 3.5)}" width="7" height="7"/>${target}`;
}

/** A path without the points that lie on top of each other. */
function thinned(points: readonly (readonly [number, number])[]): string {
  let path = '';
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  points.forEach(([x, y], i) => {
    if (i > 0 && i < points.length - 1 && Math.hypot(x - lastX, y - lastY) < finest) return;
    path += `${i === 0 ? 'M' : 'L'}${pixel(x)},${pixel(y)}`;
    [lastX, lastY] = [x, y];
  });
  return path;
}

/** What the marks of a picture of paths mean. */
export const pathLegend = html`<ul class="legend">
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><rect class="from" x="10" y="1" width="8" height="8"/></svg> start</li>
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><circle class="goal" cx="14" cy="5" r="4.2"/></svg> target</li>
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><path class="catch" d="M14,0l5,5l-5,5l-5,-5Z"/></svg> target of a catch trial</li></ul>`;
