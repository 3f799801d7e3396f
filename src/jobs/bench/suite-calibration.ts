// How quiet a machine is: loops of fixed work between the measurements of a suite. Where they vary or drift, so did everything else, for no fault of its own.
import type { Backend } from '../../backends/backend.js';
import type { SuiteCalibration } from '../../runs/bench-result.js';

/** Spread and drift above which a machine is not quiet. */
export const quietBound = 0.1;
/** Stretches of the suite whose medians are compared. */
const stretches = 6;
/** About as long as a sample takes, seconds. */
const sampleSeconds = 0.004;
/** Samples that a file keeps of each device, evenly spaced. */
const mostKept = 400;

/** Work that takes the same time whenever a device is left in peace. */
interface Loop {
  readonly device: string;
  run(): Promise<void>;
  readonly at: number[];
  readonly seconds: number[];
  /** Its backend is gone: whatever is timed on it from then on is left out by name. */
  ended: boolean;
}

export class Calibration {
  readonly #begin: number;
  readonly #loops: Loop[] = [];
  #last = Number.NEGATIVE_INFINITY;

  /** Times are counted from `begin`, milliseconds of `performance.now()`. */
  constructor(begin: number) {
    this.#begin = begin;
  }

  /** Multiply-adds on every thread of a backend, or on a whole GPU. */
  async addBackend(backend: Backend): Promise<void> {
    const { threads, adapter } = backend.description;
    const length = adapter === null ? threads : 2 ** 16;
    const buffer = backend.allocate(length, 'f32');
    const args = { y: { buffer, shape: [length], dtype: 'f32' as const } };
    const run = async (iterations: number) => {
      backend.run('ceiling', { args, params: { iterations } });
      await backend.finish();
    };
    await this.#add(adapter ?? 'processor', run, 1000);
  }

  /** A loop of JavaScript, where no backend offers one. */
  async addScript(): Promise<void> {
    await this.#add('processor', async (iterations) => void spin(iterations), 100_000);
  }

  async #add(device: string, run: (iterations: number) => Promise<void>, first: number): Promise<void> {
    let iterations = first;
    let seconds = 0;
    // until it takes long enough, each time twice as many, so that it is compiled by then
    for (let round = 0; round < 40 && (round < 5 || seconds < sampleSeconds); round++) {
      if (seconds < sampleSeconds) iterations *= 2;
      const start = performance.now();
      await run(iterations);
      seconds = (performance.now() - start) / 1000;
    }
    this.#loops.push({ device, run: () => run(iterations), at: [], seconds: [], ended: false });
  }

  /** Runs every loop once, if `everySeconds` have passed since the last time. */
  async sample(everySeconds = 0.25): Promise<void> {
    if (performance.now() - this.#last < 1000 * everySeconds) return;
    for (const loop of this.#loops.filter(({ ended }) => !ended)) {
      const start = performance.now();
      try {
        await loop.run();
      } catch {
        loop.ended = true;
        continue;
      }
      loop.at.push((start - this.#begin) / 1000);
      loop.seconds.push((performance.now() - start) / 1000);
    }
    this.#last = performance.now();
  }

  /** Seconds since the suite began. */
  now(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  /** How slow a device was from one time to another, over its median: 1 is as usual. Null where it was not sampled meanwhile. */
  slowdown(adapter: string | null, from: number, to: number): number | null {
    const loop = this.#loops.find(({ device }) => device === (adapter ?? 'processor'));
    const during = loop?.seconds.filter((_, i) => (loop.at[i] as number) >= from && (loop.at[i] as number) <= to) ?? [];
    return loop && during.length > 0 ? quantile(during, 0.5) / quantile(loop.seconds, 0.5) : null;
  }

  /** What the loops say, a summary a device. */
  summaries(): SuiteCalibration[] {
    return this.#loops.filter(({ seconds }) => seconds.length > 0).map((loop) => judge(loop));
  }
}

/** Medians of the stretches of a suite, in order. */
function mediansOf(seconds: readonly number[]): number[] {
  const size = Math.max(1, Math.ceil(seconds.length / stretches));
  return Array.from({ length: Math.ceil(seconds.length / size) }, (_, i) => quantile(seconds.slice(i * size, (i + 1) * size), 0.5));
}

/** Whether a loop that took so long each time ran on a quiet device: neither its spread nor its drift is above `quietBound`. At least one sample. */
export function judge({ device, at, seconds }: Pick<Loop, 'device' | 'at' | 'seconds'>): SuiteCalibration {
  const medianSeconds = quantile(seconds, 0.5);
  const spread = (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / medianSeconds;
  const medians = mediansOf(seconds);
  const drift = Math.max(...medians) / Math.min(...medians) - 1;
  const stride = Math.ceil(seconds.length / mostKept);
  const kept = (values: readonly number[]) => values.filter((_, i) => i % stride === 0).map((value) => Number(value.toPrecision(5)));
  return { device, at: kept(at), seconds: kept(seconds), medianSeconds, spread, drift, quiet: spread <= quietBound && drift <= quietBound };
}

/** How many times as slow a device was at the end as at the beginning, where it got slower and slower; null where it did not, or by no more than `quietBound`. */
function slowedDown({ seconds }: SuiteCalibration): number | null {
  const medians = mediansOf(seconds);
  const [first, last] = [medians[0] ?? 0, medians.at(-1) ?? 0];
  if (last <= (1 + quietBound) * first) return null;
  const rising = medians.every((median, i) => i === 0 || median >= (1 - quietBound / 2) * (medians[i - 1] as number));
  return rising ? last / first : null;
}

/** A sentence or two for people. */
export function quietNotice(calibrations: readonly SuiteCalibration[]): string {
  const percent = (value: number) => `${Math.round(100 * value)}%`;
  const loud = calibrations.filter(({ quiet }) => !quiet);
  if (calibrations.length === 0) return 'How quiet this machine was is not known: nothing was timed.';
  if (loud.length === 0) {
    const [spread, drift] = [Math.max(...calibrations.map((each) => each.spread)), Math.max(...calibrations.map((each) => each.drift))];
    return `This machine is quiet: a loop of fixed work, run between the measurements, spread by ${percent(spread)} and drifted by ${percent(drift)}.`;
  }
  const parts = loud.map(({ device, spread, drift }) => `on the ${device} it spread by ${percent(spread)} and drifted by ${percent(drift)}`);
  const slowed = loud.flatMap((each) => {
    const times = slowedDown(each);
    return times === null
      ? []
      : [` The ${each.device} got slower and slower, ${times.toFixed(1)} times by the end, as devices do that throttle when they are hot or on battery.`];
  });
  return `This machine is not quiet: a loop of fixed work, run between the measurements, should vary by less than ${percent(quietBound)}; ${parts.join(', ')}.${slowed.join('')} Medians may differ by as much from one run to the next: close other programs, let it cool, and measure again.`;
}

/** Multiplications and additions that no compiler can leave out. */
function spin(iterations: number): number {
  let x = 1;
  for (let i = 0; i < iterations; i++) x = x * 0.999999 + 1e-6;
  return x;
}

/** The value that a share of the values do not exceed, between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (at - Math.floor(at)) * (high - low);
}
