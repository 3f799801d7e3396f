// Learning over time in the report: the same trials at the epochs that were kept, behind a slider: latents in one basis, outputs or hand paths, fixed points.
import type { EpochDynamics, EpochSnapshot } from '../analysis/epoch-dynamics.js';
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { handBounds } from './body-view.js';
import { curveFigure } from './curve-figure.js';
import type { Scene } from './draw-scene.js';
import { formatNumber, formatPlural, formatShare, shorten } from './format.js';
import { html, type Markup } from './html.js';
import { orderedLevel } from './orbit-figure.js';
import { packArray } from './pack.js';
import { pathFigure } from './path-figure.js';
import { type PhaseViews, scenePoint } from './phase-sections.js';
import { networkName } from './point-sections.js';
import { panel, type Section } from './section.js';
import { pointScene, spaceFigure } from './space-figure.js';

/** Channels that the figure of outputs shows. */
const mostChannels = 3;

/** A section for each network that was looked at over its epochs. */
export function snapshotSections(summary: ExperimentSummary, views: PhaseViews, turnHint: Markup): Section[] {
  const measured = summary.runs.flatMap((run) => (run.dynamics?.epochs ? [{ run, found: run.dynamics.epochs }] : []));
  return measured.map(({ run, found }, i) => {
    const name = networkName(summary, run);
    const number = measured.length > 1 ? `-${i + 1}` : '';
    const last = found.epochs.length - 1;
    // one scale for all epochs: that of the last, by whose latents the axes are chosen, and of what lies beyond
    const extent = joined(found.epochs.map(({ latents }) => latents));
    const steps = found.epochs.map((snapshot, step) => {
      const { epoch, validationLoss, explained, fixedPoints } = snapshot;
      const points = fixedPoints ? `, ${formatPlural(fixedPoints.unique, 'fixed point')} (${fixedPoints.stable} stable)` : '';
      const title = `Latents after epoch ${epoch}`;
      const latents = panel(title, `${formatShare(explained, 0)} of the variance on these axes${points}`, latentView(name, snapshot, found, extent, views));
      const outputs = outputPanel(summary, run, snapshot, found);
      return html`<div data-step="${step}" data-name="epoch ${epoch}${validationLoss === null ? '' : `, validation loss ${formatNumber(validationLoss)}`}"><div class="figures pairs">${latents}${outputs}</div></div>`;
    });
    const body = html`<h2>How it came about${number ? html`: ${name}` : null}</h2>
<figure><div data-scrub><div class="scrubber"><label>Epoch <input type="range" min="0" max="${last}" step="1" value="${last}" aria-label="Epoch shown"></label><output></output></div>${steps}</div>
<figcaption><b>The same validation trials with the same noise, at the epochs whose checkpoints were kept.</b> Axes: ${found.basis === 'last' ? 'the three leading components after the last of these epochs, for all of them' : 'the three leading components of each epoch, its own'}. Lines go from pale (start of a trial) to strong (its end); circles are stable fixed points, other shapes unstable ones, under ${found.input}. ${turnHint}</figcaption></figure>
${countFigure(name, found)}`;
    return { id: `snapshots${number}`, short: number ? `Snapshots, ${name}` : 'Snapshots', body };
  });
}

function joined(arrays: readonly FigureArray[]): FigureArray {
  const values = arrays.flatMap((array) => array.values);
  return { shape: [1, values.length / 3, 3], values };
}

function latentView(name: string, { epoch, latents, fixedPoints }: EpochSnapshot, { basis }: EpochDynamics, extent: FigureArray, views: PhaseViews): Markup {
  const [trials, steps] = latents.shape as [number, number];
  const states = { shape: [trials, steps], values: Array.from({ length: trials * steps }, (_, i) => 10 + orderedLevel(i % steps, 0, Math.max(1, steps - 1))) };
  const { center, radius } = pointScene(extent);
  const reach = 1.6 * radius;
  const near = (fixedPoints?.points ?? []).filter(({ scores }) => Math.hypot(...scores.map((value, axis) => value - (center[axis] as number))) <= reach);
  const scene: Scene = {
    ...pointScene(basis === 'last' ? extent : latents),
    trials,
    steps,
    coloured: true,
    points: near.map((point) => scenePoint(point, `epoch ${epoch}`)),
  };
  const view = views.scenes.length;
  views.arrays.push({ lines: packArray(latents) });
  views.scenes.push({ scene, model: views.firstArray + views.arrays.length - 1, array: 'lines', states: packArray(states), link: `snapshots of ${name}` });
  return spaceFigure(scene, latents, states, view, `Latents of ${name} after epoch ${epoch} on three axes`, -1);
}

/** Hand paths of a task with a body; else the outputs of the first shown trial over time. */
function outputPanel(summary: ExperimentSummary, run: RunSummary, { epoch, outputs }: EpochSnapshot, { stride, epochs }: EpochDynamics): Markup {
  const paths = run.reach?.epochs.find((other) => other.epoch === epoch);
  if (summary.reach && paths) {
    const bounds = handBounds(
      summary.reach,
      (run.reach?.epochs ?? []).map(({ hand }) => hand),
    );
    return panel(`Hand paths after epoch ${epoch}`, null, pathFigure(summary.reach, paths.hand, bounds, `Hand paths of ${run.model} after epoch ${epoch}`));
  }
  const [, steps, width] = outputs.shape as [number, number, number];
  const seconds = summary.task.stepDuration;
  const xs = Array.from({ length: steps }, (_, i) => i * stride * (seconds ?? 1));
  const channels = Math.min(mostChannels, width);
  const range = epochs.flatMap((other) =>
    Array.from({ length: steps * channels }, (_, i) => other.outputs.values[Math.floor(i / channels) * width + (i % channels)] as number),
  );
  const curves = Array.from({ length: channels }, (_, channel) => ({
    xs,
    ys: xs.map((_, i) => outputs.values[i * width + channel] as number),
    kind: `series${channel}`,
    name: shorten(summary.task.outputLabels[channel] ?? `Output ${channel + 1}`, 16),
  }));
  const figure = curveFigure(curves, {
    describes: `Outputs of ${run.model} in the first shown trial after epoch ${epoch}`,
    xLabel: `time (${seconds === null ? 'step' : 's'})`,
    yLabel: 'output (dimensionless)',
    include: [range.reduce((a, b) => Math.min(a, b), 0), range.reduce((a, b) => Math.max(a, b), 0)],
    height: 300,
  });
  return panel(`Outputs after epoch ${epoch}`, 'first shown trial', figure);
}

/** Numbers of fixed points over epochs; null where none were sought. */
function countFigure(name: string, { epochs }: EpochDynamics): Markup | null {
  const known = epochs.filter(({ fixedPoints }) => fixedPoints);
  if (known.length === 0) return null;
  const xs = known.map(({ epoch }) => epoch);
  const figure = curveFigure(
    [
      { xs, ys: known.map(({ fixedPoints }) => fixedPoints?.unique ?? null), kind: 'series0', name: 'fixed points' },
      { xs, ys: known.map(({ fixedPoints }) => fixedPoints?.stable ?? null), kind: 'series1', name: 'stable' },
    ],
    {
      describes: `Fixed points of ${name} against epoch`,
      xLabel: 'epoch',
      yLabel: 'points (number)',
      xLogarithmic: (xs.at(-1) as number) / (xs[0] as number) > 30,
      hover: true,
      include: [0],
    },
  );
  return html`<figure><div class="figures">${panel('Fixed points over epochs', null, figure)}</div></figure>`;
}
