// Names and units of the metrics of reaching, for the report and the command line. Values are in SI units; distances are told in cm.

interface MetricText {
  readonly name: string;
  readonly unit: string;
  /** What the value is multiplied by to be in `unit`, and its decimals. */
  readonly factor: number;
  readonly decimals: number;
  /** What exactly is measured, for a table's footnote. */
  readonly says: string;
}

/** In the order of tables. */
export const reachMetrics: Readonly<Record<string, MetricText>> = {
  endPointError: {
    name: 'end-point error',
    unit: 'cm',
    factor: 100,
    decimals: 2,
    says: 'distance of the hand from the target, mean over the last 10 steps; median over trials with a go cue at least 40 steps before the end and without push',
  },
  timeToTarget: {
    name: 'time to target',
    unit: 's',
    factor: 1,
    decimals: 2,
    says: 'from the go cue until the hand has begun to be within 5 cm of the target for 10 steps; median over the same trials',
  },
  peakSpeed: { name: 'peak speed', unit: 'm/s', factor: 1, decimals: 2, says: 'of the hand after the go cue; median over the same trials' },
  effort: { name: 'effort', unit: '', factor: 1, decimals: 4, says: 'squared activation, mean over muscles, steps and trials' },
  bumpDeviation: {
    name: 'bump deviation',
    unit: 'cm',
    factor: 100,
    decimals: 2,
    says: 'largest distance from where the hand was before a push, in trials pushed while waiting; median',
  },
  bumpReturn: { name: 'bump return', unit: 's', factor: 1, decimals: 2, says: 'from the end of such a push until a tenth of the deviation is left; median' },
  catchDeviation: {
    name: 'catch deviation',
    unit: 'cm',
    factor: 100,
    decimals: 2,
    says: 'largest distance of the hand from its start in catch trials without push; median',
  },
  positionLoss: { name: 'position term', unit: '', factor: 1, decimals: 5, says: 'part of the loss, with its weight, over whole trials' },
  actionLoss: { name: 'action term', unit: '', factor: 1, decimals: 5, says: 'the other part, likewise' },
};

/** `end-point error (cm)` for a metric of reaching, else the metric's own name. */
export function metricLabel(metric: string): string {
  const text = reachMetrics[metric];
  return text ? `${text.name}${text.unit ? ` (${text.unit})` : ''}` : metric;
}

/** The value in its unit, without it: 0.0231 m → `2.31`; null where there is none. */
export function metricNumber(metric: string, value: number | null | undefined): string | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  const { factor, decimals } = reachMetrics[metric] ?? { factor: 1, decimals: 4 };
  return (value * factor).toFixed(decimals);
}

/** The value with its unit: `2.31 cm`; empty where there is none. */
export function metricText(metric: string, value: number | null | undefined): string {
  const number = metricNumber(metric, value);
  const unit = reachMetrics[metric]?.unit;
  return number === null ? '' : unit ? `${number} ${unit}` : number;
}
