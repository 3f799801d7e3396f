// The lab's charts, drawn by the report's own parts: loss and time per step of a network, and the losses of two networks on one axis.
import { bottomAxis, type Frame, leftAxis, svgFigure } from '../src/report/axes.js';
import { curveFigure } from '../src/report/curve-figure.js';
import { formatNumber } from '../src/report/format.js';
import { html } from '../src/report/html.js';
import { lossFigure, lossLimits, type LossCurves, type LossLimits } from '../src/report/loss-figure.js';
import { linearScale, linearTicks, linePath, logAxisTicks, logScale } from '../src/report/scale.js';
import type { MetricsRow } from '../src/runs/metrics.js';
import { type Network, type RunRecord, stepSeconds } from './run-record.js';

/** Epochs that a curve shows at most, evenly spread; more would not be seen and would slow the page down. */
const mostPoints = 600;

function thinned<T>(rows: readonly T[]): T[] {
  const every = Math.ceil(rows.length / mostPoints);
  return rows.filter((_, i) => i % every === 0 || i === rows.length - 1);
}

function curvesOf({ rows }: Network): LossCurves {
  const kept = thinned(rows);
  return {
    curves: {
      epoch: kept.map(({ epoch }) => epoch),
      trainLoss: kept.map(({ trainLoss }) => trainLoss),
      validationLoss: kept.map(({ validationLoss }) => validationLoss),
    },
  };
}

/** Limits that all loss charts of a run share. */
export function runLimits({ networks }: RunRecord): LossLimits {
  return lossLimits(networks.map(curvesOf), null);
}

/** Loss over epochs of one model's networks that have begun: the first seed strong, the others faint. */
export function learningChart(model: string, networks: readonly Network[], limits: LossLimits): string {
  const begun = networks.filter(({ rows }) => rows.length > 0);
  return lossFigure(model, begun.map(curvesOf), null, limits, begun[0]?.epochs).text;
}

/** Time per training step over epochs, the latest network of the model. */
export function timeChart(model: string, networks: readonly Network[]): string {
  const network = networks.findLast(({ rows }) => rows.length > 0) as Network;
  const points = thinned(stepSeconds(network.rows).map((seconds, i) => ({ epoch: (network.rows[i] as MetricsRow).epoch, milliseconds: 1000 * seconds })));
  const last = points.at(-1)?.milliseconds ?? 0;
  return curveFigure(
    [{ xs: points.map(({ epoch }) => epoch), ys: points.map(({ milliseconds }) => milliseconds), kind: 'validation', end: formatNumber(last) }],
    {
      describes: `Time per training step of ${model}; at the end ${formatNumber(last)} ms`,
      xLabel: 'training time (epoch)',
      yLabel: 'ms per step',
      include: [0],
      height: 150,
      right: 62,
      whole: true,
      until: network.epochs,
    },
  ).text;
}

/** Pictures scale with their column: one for a desk and one for a phone keep their letters readable. */
const frames: Readonly<Record<'wide' | 'narrow', Frame>> = {
  wide: { width: 1060, height: 420, left: 66, right: 24, top: 14, bottom: 40 },
  narrow: { width: 400, height: 280, left: 60, right: 12, top: 14, bottom: 40 },
};

export interface ComparisonChart {
  readonly svg: string;
  readonly lastEpoch: number;
  /** Upper and lower edge of the plotting area, as shares of the picture's height. */
  readonly edges: readonly [number, number];
  /** Where an epoch lies, as a share of the picture's width. */
  at(epoch: number): number;
  /** The epoch at a share of the picture's width. */
  epochAt(share: number): number;
}

/** Losses of two networks (kinds `first` and `second`) over epochs: validation strong, training thin. */
export function comparisonChart(names: readonly [string, string], networks: readonly [Network, Network], narrow: boolean): ComparisonChart {
  const frame = frames[narrow ? 'narrow' : 'wide'];
  const curves = networks.map(curvesOf);
  const { low, high } = lossLimits(curves, null);
  const lastEpoch = Math.max(2, ...networks.map(({ rows }) => rows.length));
  const x = linearScale(1, lastEpoch, frame.left, frame.width - frame.right);
  const y = logScale(low, high, frame.height - frame.bottom, frame.top);
  const clamp = (loss: number) => y(Math.min(high, Math.max(low, loss)));
  const lines = curves.map(({ curves: { epoch, trainLoss, validationLoss } }, i) => {
    const path = (losses: readonly number[]) => {
      const seen = losses.flatMap((loss, at) => (Number.isFinite(loss) ? [at] : []));
      return linePath(
        seen.map((at) => x(epoch[at] as number)),
        seen.map((at) => clamp(losses[at] as number)),
      );
    };
    const kind = i === 0 ? 'first' : 'second';
    return html`<path class="${kind} thin" d="${path(trainLoss)}"/><path class="${kind}" d="${path(validationLoss)}"/>`;
  });
  const ticks = linearTicks(1, lastEpoch, narrow ? 4 : 8).filter(Number.isInteger);
  const ends = networks.map(({ rows }, i) => `${names[i]} ends at ${formatNumber(rows.at(-1)?.validationLoss)}`);
  const svg = svgFigure(frame, `Validation losses of two networks: ${ends.join('; ')}`, [
    leftAxis(frame, { scale: y, ticks: logAxisTicks(low, high), label: 'loss (dimensionless)' }),
    bottomAxis(frame, {
      scale: x,
      ticks: ticks.includes(1) || (ticks[0] ?? 9) - 1 < lastEpoch * 0.06 ? ticks : [1, ...ticks],
      label: 'training time (epoch)',
    }),
    lines,
  ]).text;
  return {
    svg,
    lastEpoch,
    edges: [frame.top / frame.height, 1 - frame.bottom / frame.height],
    at: (epoch) => x(epoch) / frame.width,
    epochAt(share) {
      const [from, to] = [x(1), x(lastEpoch)];
      const epoch = 1 + ((share * frame.width - from) / (to - from)) * (lastEpoch - 1);
      return Math.min(lastEpoch, Math.max(1, Math.round(epoch)));
    },
  };
}
