// What a simulated population looks like in numbers: how often it fires, whether counts keep to their rates, and what a page about it shows.
import { ConfigError } from '../errors.js';
import type { SimulatedRun } from './simulate-run.js';

/** Counts against rates over some samples. */
export interface CountStatistics {
  /** Spikes a bin. */
  readonly meanRate: number;
  readonly meanCount: number;
  /** Mean count over mean rate: 1. */
  readonly ratio: number;
  /** Mean squared deviation of counts from their rates over the mean rate: the Fano factor given the rate. */
  readonly fano: number;
}

export interface SpikeStatistics extends CountStatistics {
  readonly highestRate: number;
  readonly highestCount: number;
  /** Share of the bins that hold no spike. */
  readonly silent: number;
  /** Each neuron's mean rate and mean count [N]. */
  readonly byNeuron: readonly { readonly unit: number; readonly meanRate: number; readonly meanCount: number }[];
  /** Bins of rate with as many samples each, by rising rate. */
  readonly byRate: readonly (CountStatistics & { readonly samples: number; readonly expectedFano: number })[];
}

/** Bins of rate that the Fano factor is measured in. */
const rateBins = 12;

/** Statistics over all trials, without what lies behind a trial's end. */
export function spikeStatistics({ trials: { rates, spikes }, embedding, options }: SimulatedRun): SpikeStatistics {
  const { width: neurons, values, trials, steps, lengths } = rates;
  const { dispersion } = options;
  const sums = { rate: new Float64Array(neurons), count: new Float64Array(neurons) };
  let [samples, squares, silent, highestRate, highestCount] = [0, 0, 0, 0, 0];
  const each = (visit: (rate: number, count: number, neuron: number) => void) => {
    for (let trial = 0; trial < trials; trial++) {
      const start = trial * steps * neurons;
      const end = start + (lengths?.[trial] ?? steps) * neurons;
      for (let i = start, neuron = 0; i < end; i++, neuron = neuron + 1 === neurons ? 0 : neuron + 1) visit(values[i] as number, spikes[i] as number, neuron);
    }
  };
  each((rate, count, neuron) => {
    sums.rate[neuron] = (sums.rate[neuron] as number) + rate;
    sums.count[neuron] = (sums.count[neuron] as number) + count;
    squares += (count - rate) ** 2;
    samples++;
    if (count === 0) silent++;
    if (rate > highestRate) highestRate = rate;
    if (count > highestCount) highestCount = count;
  });
  // edges from every so-many-th rate: exact quantiles of millions of rates would tell no more
  const stride = Math.max(1, Math.floor(samples / 20_000));
  const some: number[] = [];
  let at = 0;
  each((rate) => {
    if (at++ % stride === 0) some.push(rate);
  });
  some.sort((a, b) => a - b);
  const edges = Array.from({ length: rateBins - 1 }, (_, i) => some[Math.floor(((i + 1) / rateBins) * some.length)] as number);
  const bins = Array.from({ length: rateBins }, () => ({ samples: 0, rate: 0, count: 0, squares: 0, expected: 0 }));
  each((rate, count) => {
    let bin = 0;
    while (bin < edges.length && rate >= (edges[bin] as number)) bin++;
    const into = bins[bin] as (typeof bins)[number];
    into.samples++;
    into.rate += rate;
    into.count += count;
    into.squares += (count - rate) ** 2;
    into.expected += expectedVariance(rate, dispersion);
  });
  const perNeuron = samples / neurons;
  const total = { rate: sums.rate.reduce((a, b) => a + b, 0), count: sums.count.reduce((a, b) => a + b, 0) };
  return {
    ...countStatistics(samples, total.rate, total.count, squares),
    ...{ highestRate, highestCount, silent: silent / samples },
    byNeuron: Array.from(embedding.perm, (unit, k) => ({
      unit,
      meanRate: (sums.rate[k] as number) / perNeuron,
      meanCount: (sums.count[k] as number) / perNeuron,
    })),
    byRate: bins
      .filter((bin) => bin.samples > 0)
      .map((bin) => ({ samples: bin.samples, expectedFano: bin.expected / bin.rate, ...countStatistics(bin.samples, bin.rate, bin.count, bin.squares) })),
  };
}

function countStatistics(samples: number, rate: number, count: number, squares: number): CountStatistics {
  return { meanRate: rate / samples, meanCount: count / samples, ratio: count / rate, fano: squares / rate };
}

/** Variance of a count: D · rate; below D = 1 also p² f (1 − f), where the binomial's chances are not whole, p = 1 − D and f their fraction. */
export function expectedVariance(rate: number, dispersion: number): number {
  if (dispersion >= 1) return dispersion * rate;
  const p = 1 - dispersion;
  const fraction = rate / p - Math.floor(rate / p);
  return dispersion * rate + p * p * fraction * (1 - fraction);
}

/** Some trials of a simulated run, for figures. */
export interface SpikesView {
  readonly title: string;
  readonly run: string;
  readonly experiment: string;
  readonly options: SimulatedRun['options'];
  readonly training: number;
  readonly trials: number;
  readonly steps: number;
  readonly units: number;
  /** Seconds a step, or null. */
  readonly stepDuration: number | null;
  /** Steps of the trial before the first one kept. */
  readonly dropped: number;
  readonly noise: string;
  readonly statistics: SpikeStatistics;
  readonly perm: readonly number[];
  readonly shown: readonly {
    /** Number in the run's data set. */
    readonly trial: number;
    readonly steps: number;
    /** Counts and rates [steps, N]. */
    readonly counts: readonly number[];
    readonly rates: readonly number[];
    readonly events: readonly { readonly name: string; readonly step: number }[];
  }[];
}

/** Steps that figures have room for. */
const mostShownSteps = 240;

/** What the page shows: the first `count` validation trials (default 2), at most 240 steps of each. */
export function spikesView(simulated: SimulatedRun, count = 2): SpikesView {
  const { trials: all, training, options, embedding, events } = simulated;
  const { rates, spikes, extra, indices } = all;
  const { width: neurons, steps, trials } = rates;
  if (!(count >= 1)) throw new ConfigError('spikesView', [`expected at least one trial, got ${count}`]);
  const first = Math.min(training, trials - 1);
  const shown = Array.from({ length: Math.min(count, trials - first) }, (_, i) => {
    const trial = first + i;
    const length = Math.min(rates.lengths?.[trial] ?? steps, mostShownSteps);
    const [start, end] = [trial * steps * neurons, (trial * steps + length) * neurons];
    return {
      trial: indices[trial] as number,
      steps: length,
      counts: Array.from(spikes.subarray(start, end)),
      rates: Array.from(rates.values.subarray(start, end)),
      events: events.flatMap((name, column) => {
        const step = extra?.values[trial * extra.width + column] ?? -1;
        return step >= 0 && step < length ? [{ name, step }] : [];
      }),
    };
  });
  const { name, run, experiment, stepDuration, noise } = simulated;
  return {
    title: `Spikes of ${name}`,
    ...{ run, experiment, options, training, trials, steps, stepDuration, noise, shown },
    units: embedding.units,
    dropped: options.trim === null ? 0 : options.trim[0] - 1,
    statistics: spikeStatistics(simulated),
    perm: Array.from(embedding.perm),
  };
}
