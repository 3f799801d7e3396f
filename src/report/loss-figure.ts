// Loss curves of one model: validation and training over epochs, every seed, on a logarithmic axis shared by all models.
import type { RunSummary } from '../analysis/summary-data.js';
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, linePath, logAxisTicks, logScale, pixel } from './scale.js';

/** The part of a run that the figure needs; its metrics do not matter. */
export interface LossCurves {
  readonly curves: Pick<RunSummary['curves'], 'epoch' | 'trainLoss' | 'validationLoss'>;
}

/** Limits that all loss figures of a report share. */
export interface LossLimits {
  readonly low: number;
  readonly high: number;
}

const frame: Frame = { width: 460, height: 290, left: 66, right: 62, top: 14, bottom: 40 };

/** The smallest range that holds every finite positive loss and the constant answer's, with some room. */
export function lossLimits(runs: readonly LossCurves[], constantLoss: number | null): LossLimits {
  const losses = runs.flatMap(({ curves }) => [...curves.trainLoss, ...curves.validationLoss]).concat(constantLoss ?? []);
  const drawable = losses.filter((loss) => loss > 0 && Number.isFinite(loss));
  if (drawable.length === 0) return { low: 0.1, high: 1 };
  const least = drawable.reduce((a, b) => Math.min(a, b));
  const most = drawable.reduce((a, b) => Math.max(a, b));
  // a network may start many decades too high: what matters happens below, so at most four decades are shown
  return { low: least / 1.25, high: Math.min(most * 1.15, (least / 1.25) * 1e4) };
}

/** The figure; the first of `runs` (seeds of one model) is drawn strong, the others faint. The axis reaches at least to `epochsPlanned`. */
export function lossFigure(model: string, runs: readonly LossCurves[], constantLoss: number | null, { low, high }: LossLimits, epochsPlanned = 0): Markup {
  const epochs = runs.flatMap(({ curves }) => curves.epoch);
  const first = Math.min(1, ...epochs);
  const trained = epochs.reduce((a, b) => Math.max(a, b), first + 1);
  const last = Math.max(trained, epochsPlanned);
  const x = linearScale(first, last, frame.left, frame.width - frame.right);
  const y = logScale(low, high, frame.height - frame.bottom, frame.top);
  const clamp = (loss: number) => y(Math.min(high, Math.max(low, loss)));
  /** Epochs without a loss (the first of a reach with `compat: ctdb`) are left out. */
  const path = ({ curves }: LossCurves, losses: readonly number[]) => {
    const shown = losses.flatMap((loss, i) => (Number.isFinite(loss) ? [i] : []));
    return linePath(
      shown.map((i) => x(curves.epoch[i] as number)),
      shown.map((i) => clamp(losses[i] as number)),
    );
  };
  const strong = runs[0] as LossCurves;
  const ticks = linearTicks(first, last, 5).filter(Number.isInteger);
  const end = strong.curves.validationLoss.at(-1) as number;
  return svgFigure(frame, `Loss of ${model} over ${trained} epochs; validation loss ends at ${formatNumber(end)}`, [
    leftAxis(frame, { scale: y, ticks: logAxisTicks(low, high), label: 'loss (dimensionless)' }),
    bottomAxis(frame, {
      scale: x,
      ticks: ticks.some((tick) => tick - first < (last - first) * 0.08) ? ticks : [first, ...ticks],
      label: 'training time (epoch)',
    }),
    constantLoss !== null && constantLoss > low && constantLoss < high
      ? html`<path class="reference" d="M${frame.left},${pixel(y(constantLoss))}H${frame.width - frame.right}"/>`
      : null,
    runs
      .slice(1)
      .map(
        (run) =>
          html`<path class="train other" d="${path(run, run.curves.trainLoss)}"/><path class="validation other" d="${path(run, run.curves.validationLoss)}"/>`,
      ),
    html`<path class="train" d="${path(strong, strong.curves.trainLoss)}"/><path class="validation" d="${path(strong, strong.curves.validationLoss)}"/>`,
    html`<circle class="validation-end" cx="${pixel(x(strong.curves.epoch.at(-1) as number))}" cy="${pixel(clamp(end))}" r="3.2"/>`,
    html`<text class="value" x="${pixel(x(strong.curves.epoch.at(-1) as number) + 8)}" y="${pixel(clamp(end) + 4)}">${formatNumber(end)}</text>`,
  ]);
}
