// Trajectories and fixed points in one 3-D view: of one network in its own principal components, of several in those of a reference.
import type { PointSummary, SceneData } from '../analysis/dynamics-data.js';
import type { FigureArray } from '../analysis/summary-data.js';
import type { PointChoice, Scene, ScenePoint } from './draw-scene.js';
import { formatNumber, formatPlural } from './format.js';
import { pointScene } from './space-figure.js';

/** Without trajectories. */
const nothing: FigureArray = { shape: [0, 0, 3], values: [] };

/** Trajectories that a scene draws at most. */
export const mostTrajectories = 10;

export interface PointSpace {
  readonly scene: Scene;
  /** What the scene draws as lines: an array of the page's data. */
  readonly trajectories: FigureArray;
}

/** The scene of the first ten trajectories and all points; `choice`: which of them show at first. */
export function pointSpace({ axes, trajectories, points }: SceneData, choice?: PointChoice): PointSpace {
  const drawn = trajectories ?? nothing;
  const near = points.filter(({ far }) => !far).flatMap(({ scores }) => scores);
  const extent = { shape: [1, (drawn.values.length + near.length) / 3, 3], values: [...drawn.values, ...near] };
  const scene = pointScene(extent);
  return {
    trajectories: drawn,
    scene: {
      ...scene,
      trials: Math.min(mostTrajectories, drawn.shape[0] as number),
      steps: drawn.shape[1] as number,
      axisNames: axes,
      points: points.map(scenePoint),
      ...(choice ? { choice } : {}),
    },
  };
}

/** Stable points carry their corner. */
function scenePoint(point: PointSummary): ScenePoint {
  return {
    at: point.scores,
    kind: Math.min(3, point.unstable),
    speed: point.speed,
    far: point.far,
    text: point.unstable === 0 ? (point.corner ?? '') : '',
    says: pointText(point),
    modes: point.modes,
  };
}

/** `stable`, `one unstable direction`, … */
export function stabilityText(unstable: number): string {
  return unstable === 0 ? 'stable' : `${unstable === 1 ? 'one' : unstable} unstable direction${unstable === 1 ? '' : 's'}`;
}

/** One point in words, for hovering. */
export function pointText({ unstable, corner, speed, readout, distance, far, starts }: PointSummary): string {
  const parts = [
    stabilityText(unstable),
    corner === null ? null : `nearest corner ${corner}`,
    `q = ${formatNumber(speed, 2)}`,
    readout.length > 0 && readout.length <= 6 ? `read-out ${readout.map((value) => formatNumber(value, 2)).join(', ')}` : null,
    `${formatNumber(distance, 2)} from the nearest latent sample${far ? ' (far)' : ''}`,
    formatPlural(starts, 'start'),
  ];
  return parts.filter((part) => part !== null).join('; ');
}
