// Cumulative distributions from their quantiles, several on one axis.
import { curveFigure } from './curve-figure.js';
import { seriesKinds } from './figure-style.js';
import type { Markup } from './html.js';

export interface Distribution {
  readonly name: string;
  /** Quantiles evenly spaced from 0 to 100 %. */
  readonly quantiles: readonly number[];
}

export interface DistributionOptions {
  readonly describes: string;
  /** Quantity and unit. */
  readonly xLabel: string;
  readonly logarithmic?: boolean;
  readonly yLabel?: string;
  readonly height?: number;
}

/** Share of samples below each value. */
export function distributionFigure(distributions: readonly Distribution[], options: DistributionOptions): Markup {
  const curves = distributions.map(({ name, quantiles }, i) => ({
    xs: quantiles,
    ys: quantiles.map((_, k) => (100 * k) / Math.max(1, quantiles.length - 1)),
    kind: `series${i % seriesKinds}`,
    name,
  }));
  return curveFigure(curves, {
    describes: options.describes,
    xLabel: options.xLabel,
    yLabel: options.yLabel ?? 'share of samples below (%)',
    include: [0, 100],
    height: options.height ?? 270,
    ...(options.logarithmic ? { xLogarithmic: true } : {}),
  });
}
