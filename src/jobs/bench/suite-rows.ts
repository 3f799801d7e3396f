// Rows of a suite's result, made at its end, when the ceilings and the calibration are known.
import { configurationName, type SuiteConfiguration, type SuiteRow } from '../../runs/bench-result.js';
import { summarise } from './measure.js';
import type { StartUp, SuiteBackend } from './suite-backends.js';
import { type Calibration, quantile } from './suite-calibration.js';
import type { Samples } from './suite-measure.js';
import { firstStepItem, type SuiteItem } from './suite-plan.js';

/** Something timed on a configuration. */
export interface Timed {
  readonly item: Pick<SuiteItem, 'group' | 'label' | 'sizes' | 'trialSteps' | 'doublePrecision' | 'scaling'>;
  readonly on: SuiteConfiguration;
  readonly samples: Samples;
  readonly flops: number | null;
  readonly bytes: number | null;
  readonly memoryBytes: number | null;
  readonly deviation: number | null;
}

/** The row of something timed: what it took, against what the configuration can do at most. */
export function rowOf(
  { item, on, samples, flops, bytes, memoryBytes, deviation }: Timed,
  backends: readonly SuiteBackend[],
  calibration: Calibration,
): SuiteRow {
  const ceiling = backends.find((entry) => entry.name === configurationName(on))?.ceiling ?? null;
  const timing = summarise(samples.seconds);
  const per = (amount: number | null) => (amount === null ? null : amount / timing.medianSeconds / 1e9);
  const [gflops, gigabytesPerSecond] = [per(flops), per(bytes)];
  const ceilingGflops = ceiling && ceiling.gflops / (item.doublePrecision ? 2 : 1);
  const ceilingGigabytesPerSecond = ceiling?.gigabytesPerSecond ?? null;
  return {
    ...describe(item, on),
    ...timing,
    runsPerSample: samples.runsPerSample,
    spread: timing.repeats < 4 ? null : (quantile(samples.seconds, 0.75) - quantile(samples.seconds, 0.25)) / timing.medianSeconds,
    slowdown: calibration.slowdown(on.adapter, samples.from, samples.to),
    firstSeconds: samples.firstSeconds,
    flops,
    bytes,
    gflops,
    gigabytesPerSecond,
    trialStepsPerSecond: item.trialSteps === null ? null : item.trialSteps / timing.medianSeconds,
    ceilingGflops,
    ceilingGigabytesPerSecond,
    share: gflops !== null && ceilingGflops ? gflops / ceilingGflops : null,
    bandwidthShare: gigabytesPerSecond !== null && ceilingGigabytesPerSecond ? gigabytesPerSecond / ceilingGigabytesPerSecond : null,
    memoryBytes,
    checked: true,
    checkedDeviation: deviation,
    scaling: item.scaling,
  };
}

function describe(item: Timed['item'], on: SuiteConfiguration) {
  const { kernel = null, task = null, model = null, hiddenSize = null, batchSize = null, steps = null } = item.sizes;
  const { backend, variant, threads, adapter, software } = on;
  return {
    bench: 'suite' as const,
    group: item.group,
    label: item.label,
    kernel,
    task,
    model,
    hiddenSize,
    batchSize,
    steps,
    backend,
    variant,
    threads,
    adapter,
    software,
  };
}

/** What starting took: until the backend is there, and the first training step on it beside what one takes later. */
export function startUpRows(startUps: readonly StartUp[], timed: readonly Timed[], timerSeconds: number): SuiteRow[] {
  const item = firstStepItem();
  return startUps.flatMap(({ on, createSeconds, firstStepSeconds }) => {
    const make = (label: string, taken: readonly number[]): SuiteRow[] => {
      if (taken.length === 0) return [];
      // a coarse clock may see no time at all go by
      const seconds = taken.map((value) => Math.max(value, timerSeconds));
      const timing = summarise(seconds);
      const nothing = { flops: null, bytes: null, gflops: null, gigabytesPerSecond: null, trialStepsPerSecond: null, ceilingGflops: null };
      const nothingElse = { ceilingGigabytesPerSecond: null, share: null, bandwidthShare: null, memoryBytes: null, checkedDeviation: null, scaling: null };
      const row = { ...describe({ ...item, label, group: 'start-up' }, on), ...timing, runsPerSample: 1, spread: null, slowdown: null };
      return [{ ...row, ...nothing, ...nothingElse, firstSeconds: seconds[0] as number, checked: false }];
    };
    const later = timed.find((entry) => entry.item.label === item.label && configurationName(entry.on) === configurationName(on));
    return [
      ...make('the backend is there', createSeconds),
      ...make(`first ${item.label}`, firstStepSeconds),
      ...(later ? make(`later ${item.label}`, later.samples.seconds) : []),
    ];
  });
}
