// Results of a benchmark suite that was never run: two configurations, every kind of work, series that follow known laws.
import type { SuiteConfiguration, SuiteGroup, SuiteResult, SuiteRow } from '../../src/runs/bench-result.js';

export const slow: SuiteConfiguration = { backend: 'wasm', variant: 'simd', threads: 1, adapter: null, software: false };
export const fast: SuiteConfiguration = { backend: 'wasm', variant: 'relaxed', threads: 2, adapter: null, software: false };

export function benchRow(on: SuiteConfiguration, group: SuiteGroup, label: string, medianSeconds: number, more: Partial<SuiteRow> = {}): SuiteRow {
  return {
    ...{ bench: 'suite', ...on, group, label, kernel: null, task: 'flipflop', model: 'gru', hiddenSize: 64, batchSize: 32, steps: 50 },
    ...{ repeats: 9, runsPerSample: 1, medianSeconds, minSeconds: 0.9 * medianSeconds, p95Seconds: 1.2 * medianSeconds, spread: 0.04, slowdown: 1 },
    ...{ firstSeconds: 2 * medianSeconds, flops: 1e9 * medianSeconds, bytes: 1e8 * medianSeconds, gflops: 1, gigabytesPerSecond: 0.1 },
    ...{ trialStepsPerSecond: 1600 / medianSeconds, ceilingGflops: 2, ceilingGigabytesPerSecond: 10, share: 0.5, bandwidthShare: 0.01 },
    ...{ memoryBytes: 1e6, checked: true, checkedDeviation: 1e-7, scaling: null },
    ...more,
  };
}

/** A result; `factor` makes all its times as many times as long. */
export function benchResult(factor = 1, processor = 'Test 3000', more: Partial<SuiteResult['suite']> = {}): SuiteResult {
  const kernel = (on: SuiteConfiguration, name: string, seconds: number, flops: number | null, bytes: number) =>
    benchRow(on, 'kernels', `${name}, some`, seconds, { kernel: name, flops, bytes, gflops: flops && flops / seconds / 1e9 });
  const rows = [slow, fast].flatMap((on) => {
    const times = (on === slow ? 1 : 0.25) * factor;
    return [
      benchRow(on, 'training', 'flipflop gru-64, 32 × 50', 0.02 * times),
      benchRow(on, 'training', 'flipflop <b>lstm</b>-64, 32 × 50', 0.03 * times),
      benchRow(on, 'physics', 'Arm, euler, 256 × 100', 0.004 * times, { share: null, bandwidthShare: null, gflops: null, flops: null, bytes: null }),
      kernel(on, 'matmul', 0.01 * times, 2e8, 3e6),
      kernel(on, 'elementwise_binary', 0.001 * times, 1e6, 1.2e7),
      kernel(on, 'gather', 0.001 * times, null, 1e6),
      benchRow(on, 'start-up', 'the backend is there', 0.1 * times, { checked: false }),
      ...[8, 16, 32, 64].map((value) => benchRow(on, 'scaling', `batch ${value}`, (0.001 + 0.0002 * value) * times, { scaling: { variable: 'batch', value } })),
      ...[16, 32, 64, 128].map((value) => benchRow(on, 'scaling', `hidden ${value}`, 1e-6 * value ** 1.5 * times, { scaling: { variable: 'hidden', value } })),
      ...[1, 2, 4].map((value) =>
        benchRow({ ...on, threads: value }, 'scaling', 'threads', (0.001 + 0.01 / value) * times, { scaling: { variable: 'threads', value } }),
      ),
    ];
  });
  const at = Array.from({ length: 30 }, (_, i) => i);
  const machine = {
    ...{ version: '0.1.0', commit: null, runtime: 'node 20.1.0', system: 'linux x64', processor, cores: 2, memoryBytes: 4e9 },
    ...{ engine: 'v8 11', freeMemoryBytes: 1e9, load: 0.1, date: '2026-01-02T03:04:05.000Z' },
  };
  const limit = { gigabytesPerSecond: 10, cacheGigabytesPerSecond: 40, runs: 5 };
  return {
    format: 'motorloop-bench-suite',
    formatVersion: 1,
    machine,
    ceiling: {
      method: 'by hand',
      measured: [
        { ...slow, gflops: 24, ...limit },
        { ...fast, gflops: 90, ...limit },
      ],
    },
    rows,
    suite: {
      ...{ quick: true, budgetSeconds: 150, elapsedSeconds: 30, timerSeconds: 1e-6, quiet: true, notice: 'This machine is quiet.' },
      calibrations: [{ device: 'processor', at, seconds: at.map((i) => 0.004 + 1e-5 * (i % 3)), medianSeconds: 0.004, spread: 0.01, drift: 0.01, quiet: true }],
      omissions: [{ label: 'fixed points: gru-64, 128 starts', configuration: 'reference f64', kind: 'time', reason: 'too slow' }],
      ...more,
    },
  };
}
