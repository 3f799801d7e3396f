// motorloop bench suite: everything on every backend of a device within a budget of time, each checked, then timed by turns, with a calibration loop in between.
import type { Backend } from '../../backends/backend.js';
import { createBackend } from '../../backends/create.js';
import { NumericsError } from '../../errors.js';
import { configurationName, type SuiteConfiguration, type SuiteOmission, type SuiteResult, type SuiteRow } from '../../runs/bench-result.js';
import type { JobContext } from '../context.js';
import { ceilingMethod } from './ceiling.js';
import { type Opened, summarise } from './measure.js';
import { messageOf, openBackends, renewCeiling, type StartUp, type SuiteBackend } from './suite-backends.js';
import { Calibration, quantile, quietNotice } from './suite-calibration.js';
import { alternate, type Samples, timerStep } from './suite-measure.js';
import { firstStepItem, flopsOf, type SuiteItem, suiteItems, threadsItem } from './suite-plan.js';

export interface SuiteOptions {
  /** A part of everything, in three minutes on two cores. */
  readonly quick: boolean;
  /** The budget; default 150 s for `quick`, else 15 minutes. */
  readonly seconds?: number;
  /** Default: all that work here, GPUs that are none left out. */
  readonly backend?: readonly string[];
  /** Only these kinds of work; default all. */
  readonly group?: readonly string[];
}

const budgets = { quick: 150, full: 900 } as const;
/** Engines compile hot loops in the background: a warm-up of this long lets them finish. */
const warmUpSeconds = { quick: 0.15, full: 0.5 } as const;
const mostSamples = { quick: 15, full: 40 } as const;
/** A run that would take more of its part than this is left out, and named. */
const longestRun = 0.7;
/** Share of the budget after which a backend is not started once more. */
const startShare = 0.01;
/** Seconds left below which nothing more is begun. */
const nothingLeft = 0.3;

/** Something timed on a configuration; its row is made at the end, when the ceilings are known. */
interface Timed {
  readonly item: Pick<SuiteItem, 'group' | 'label' | 'sizes' | 'trialSteps' | 'doublePrecision' | 'scaling'>;
  readonly on: SuiteConfiguration;
  readonly samples: Samples;
  readonly flops: number | null;
  readonly bytes: number | null;
  readonly memoryBytes: number | null;
  readonly deviation: number | null;
}

/** Measures everything; what was not measured is named with its reason. Throws ConfigError for a backend that is not registered, and when none works. */
export async function suite(options: SuiteOptions, context: JobContext): Promise<SuiteResult> {
  return new Suite(options, context).run();
}

class Suite {
  readonly #options: SuiteOptions;
  readonly #context: JobContext;
  readonly #mode: 'quick' | 'full';
  readonly #begin = performance.now();
  readonly #budget: number;
  readonly #calibration: Calibration;
  readonly #timerSeconds = timerStep();
  readonly #timed: Timed[] = [];
  readonly #omissions: SuiteOmission[] = [];
  /** Of the items to come. */
  readonly #weights: { left: number } = { left: 0 };

  constructor(options: SuiteOptions, context: JobContext) {
    this.#options = options;
    this.#context = context;
    this.#mode = options.quick ? 'quick' : 'full';
    this.#budget = options.seconds ?? budgets[this.#mode];
    this.#calibration = new Calibration(this.#begin);
  }

  async run(): Promise<SuiteResult> {
    const { quick, backend: names, group } = this.#options;
    const machine = await this.#context.host.machine();
    const opening = { names, starts: quick ? 3 : 5, step: firstStepItem(), mostSeconds: startShare * this.#budget };
    const { backends, startUps, omissions } = await openBackends(opening, this.#context);
    this.#omissions.push(...omissions);
    try {
      await this.#calibrators(backends);
      const wanted = (item: SuiteItem) => group === undefined || group.includes(item.group);
      const items = suiteItems(quick).filter(wanted);
      const threads = group === undefined || group.includes('scaling') ? threadCounts(backends) : [];
      const threadsWeight = threads.length > 1 ? threadsItem(1).weight * 2 : 0;
      this.#weights.left = items.reduce((sum, { weight }) => sum + weight, 0) + threadsWeight;
      for (const [i, item] of items.entries()) {
        await this.#time(item, eligible(item, backends));
        // ceilings belong to the whole suite, not to its first second
        if (items[i + 1]?.group !== item.group) for (const entry of backends) await renewCeiling(entry);
      }
      if (threads.length > 1) await this.#timeThreads(threads, backends, threadsWeight);
    } finally {
      for (const { backend } of backends) await backend.dispose();
    }
    const ceilings = backends.flatMap(({ ceiling }) => ceiling ?? []);
    const rows = [...startUpRows(startUps, this.#timed), ...this.#timed.map((timed) => this.#row(timed, backends))];
    const calibrations = this.#calibration.summaries();
    return {
      format: 'motorloop-bench-suite',
      formatVersion: 1,
      machine,
      ceiling: { method: suiteCeilingMethod, measured: ceilings },
      rows,
      suite: {
        quick,
        budgetSeconds: this.#budget,
        elapsedSeconds: this.#calibration.now(),
        timerSeconds: this.#timerSeconds,
        calibrations,
        quiet: calibrations.length > 0 && calibrations.every(({ quiet }) => quiet),
        notice: quietNotice(calibrations),
        omissions: this.#omissions,
      },
    };
  }

  /** A loop on all cores, and one on every GPU. */
  async #calibrators(backends: readonly SuiteBackend[]): Promise<void> {
    const computing = backends.filter(({ ceiling }) => ceiling !== null);
    const processor = computing.filter(({ on }) => on.adapter === null).sort((a, b) => (b.ceiling?.gflops ?? 0) - (a.ceiling?.gflops ?? 0))[0];
    if (processor) await this.#calibration.addBackend(processor.backend);
    else await this.#calibration.addScript();
    const adapters = new Map(computing.flatMap((entry) => (entry.on.adapter !== null && !entry.on.software ? [[entry.on.adapter, entry] as const] : [])));
    for (const { backend } of adapters.values()) await this.#calibration.addBackend(backend);
  }

  #omit(item: Pick<SuiteItem, 'group' | 'label'>, configuration: string | null, kind: SuiteOmission['kind'], reason: string): void {
    this.#omissions.push({ label: `${item.group}: ${item.label}`, configuration, kind, reason });
  }

  /** What an item of this weight may take of the time that is left. */
  #allowance(weight: number): number {
    const allowance = ((this.#budget - this.#calibration.now()) * weight) / this.#weights.left;
    this.#weights.left -= weight;
    return allowance;
  }

  async #time(item: SuiteItem, entries: readonly SuiteBackend[]): Promise<void> {
    const allowanceSeconds = this.#allowance(item.weight);
    if (entries.length === 0) return;
    if (allowanceSeconds * entries.length < nothingLeft * item.weight) {
      this.#omit(item, null, 'time', `the budget of ${this.#budget} s was used up`);
      return;
    }
    const began = this.#calibration.now();
    const part = allowanceSeconds / entries.length;
    const ready: { entry: SuiteBackend; opened: Opened; deviation: number; bytes: number | null }[] = [];
    try {
      for (const entry of entries) {
        this.#say(item, entry.name);
        this.#context.signal.throwIfAborted();
        if (this.#calibration.now() > this.#budget) {
          this.#omit(item, entry.name, 'time', `the budget of ${this.#budget} s was used up`);
          continue;
        }
        const prepared = await this.#prepare(item, entry, part);
        if (prepared) ready.push({ entry, ...prepared });
      }
      if (ready.length === 0) return;
      const samples = await alternate(
        ready.map(({ entry, opened }) => ({ name: entry.name, opened })),
        {
          // checks took a part of it; what they leave is shared, and a third is left in any case unless the budget ends before
          allowanceSeconds: Math.min(
            Math.max(allowanceSeconds / 3, allowanceSeconds - (this.#calibration.now() - began)),
            Math.max(nothingLeft, this.#budget - this.#calibration.now()),
          ),
          mostSamples: mostSamples[this.#mode],
          warmUpSeconds: warmUpSeconds[this.#mode],
          timerSeconds: this.#timerSeconds,
          calibration: this.#calibration,
          signal: this.#context.signal,
        },
      );
      ready.forEach(({ entry, opened, deviation, bytes }, i) => {
        const { memoryBytes } = opened;
        this.#timed.push({ item, on: entry.on, samples: samples[i] as Samples, flops: flopsOf(item), bytes, memoryBytes, deviation });
      });
    } finally {
      for (const { opened } of ready) await opened.dispose();
    }
  }

  /** Checks an item on a configuration and opens it there; null where it is refused, wrong, or would take too long. */
  async #prepare(item: SuiteItem, { name, backend }: SuiteBackend, part: number): Promise<{ opened: Opened; deviation: number; bytes: number | null } | null> {
    try {
      let begin = performance.now();
      let deviation = await item.check(backend);
      let predicted = ((performance.now() - begin) / 1000) * item.workOfCheck;
      if (predicted > longestRun * part) {
        // the first check compiles, and the first of all waits for the reference's result: a second one tells more
        begin = performance.now();
        deviation = await item.check(backend);
        predicted = ((performance.now() - begin) / 1000) * item.workOfCheck;
      }
      if (predicted > overestimate * longestRun * part) {
        this.#omit(item, name, 'time', `a run would take up to ${predicted.toPrecision(2)} s, and ${part.toPrecision(2)} s were there for all of its runs`);
        return null;
      }
      const opened = await item.open(backend);
      return { opened, deviation, bytes: typeof item.bytes === 'function' ? item.bytes(opened as Parameters<typeof item.bytes>[0]) : item.bytes };
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      this.#omit(item, name, error instanceof NumericsError ? 'wrong' : 'refused', messageOf(error));
      return null;
    }
  }

  /** One training step on more and more threads; backends that have threads only. */
  async #timeThreads(counts: readonly number[], backends: readonly SuiteBackend[], weight: number): Promise<void> {
    const variants = backends.filter(({ on }) => on.threads > 1);
    const share = weight / counts.length;
    for (const threads of counts) {
      const entries: SuiteBackend[] = [];
      try {
        for (const { on } of variants) {
          const backend: Backend = await createBackend(on.backend, { variant: on.variant, threads });
          entries.push({ name: configurationName({ ...on, threads }), on: { ...on, threads }, backend, ceiling: null });
        }
        await this.#time({ ...threadsItem(threads), weight: share }, entries);
      } finally {
        for (const { backend } of entries) await backend.dispose();
      }
    }
  }

  #say(item: SuiteItem, configuration: string): void {
    this.#context.progress.update(`${Math.round(this.#calibration.now())} of ${this.#budget} s · ${item.group}: ${item.label} · ${configuration}`);
  }

  #row({ item, on, samples, flops, bytes, memoryBytes, deviation }: Timed, backends: readonly SuiteBackend[]): SuiteRow {
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
      slowdown: this.#calibration.slowdown(on.adapter, samples.from, samples.to),
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
}

/** A check is small, begins cold, and reads its result besides the work itself: a run takes less than it says. */
const overestimate = 4;

const suiteCeilingMethod = `${ceilingMethod}; on processors memory is that of negating an array of 64 MB into another, once, before anything else (bytes read and written; caches: 256 kB a thread)`;

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

/** A series is measured on every variant once, with all its threads; the rest everywhere. */
function eligible(item: SuiteItem, backends: readonly SuiteBackend[]): readonly SuiteBackend[] {
  if (item.scaling === null) return backends;
  return backends.filter(
    ({ on }) => !backends.some((other) => other.on.backend === on.backend && other.on.variant === on.variant && other.on.threads > on.threads),
  );
}

/** 1, 2, 4 … up to the most that a backend runs on. */
function threadCounts(backends: readonly SuiteBackend[]): number[] {
  const most = Math.max(...backends.map(({ on }) => on.threads));
  return [...new Set([...Array.from({ length: 12 }, (_, i) => 2 ** i).filter((count) => count < most), most])];
}

/** What starting took: until the backend is there, and the first training step on it beside what one takes later. */
function startUpRows(startUps: readonly StartUp[], timed: readonly Timed[]): SuiteRow[] {
  const item = firstStepItem();
  return startUps.flatMap(({ on, createSeconds, firstStepSeconds }) => {
    const make = (label: string, seconds: readonly number[]): SuiteRow[] => {
      if (seconds.length === 0) return [];
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
