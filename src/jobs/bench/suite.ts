// motorloop bench suite: everything on every backend of a device within a budget of time, each checked, then timed by turns, with a calibration loop in between.
import type { Backend } from '../../backends/backend.js';
import { createBackend } from '../../backends/create.js';
import { NumericsError } from '../../errors.js';
import { configurationName, type SuiteOmission, type SuiteResult } from '../../runs/bench-result.js';
import type { JobContext } from '../context.js';
import { ceilingMethod } from './ceiling.js';
import type { Opened } from './measure.js';
import { openBackends, reasonOf, renewCeiling, type SuiteBackend } from './suite-backends.js';
import { Calibration, quietNotice } from './suite-calibration.js';
import { alternate, timerStep } from './suite-measure.js';
import { Pace } from './suite-pace.js';
import { firstStepItem, flopsOf, type SuiteItem, suiteItems, threadsItem } from './suite-plan.js';
import { rowOf, startUpRows, type Timed } from './suite-rows.js';

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
/** A slow backend may take this share of the budget for a run of a kind of work that it has no number of yet. */
const firstRunShare = 0.02;
/** Share of the budget after which a backend is not started once more. */
const startShare = 0.01;
/** Share of the budget, and seconds in any case, after which no more backends are started. */
const [startAllShare, startAllSeconds] = [0.3, 30];
/** Seconds left below which nothing more is begun. */
const nothingLeft = 0.3;

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
  readonly #pace = new Pace();
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
    const opening = {
      names,
      starts: quick ? 3 : 5,
      step: firstStepItem(),
      mostSeconds: startShare * this.#budget,
      allSeconds: Math.max(startAllSeconds, startAllShare * this.#budget),
    };
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
        if (items[i + 1]?.group !== item.group) for (const entry of backends) if (!this.#over()) await renewCeiling(entry);
      }
      if (threads.length > 1) await this.#timeThreads(threads, backends, threadsWeight);
    } finally {
      for (const { backend } of backends) await backend.dispose();
    }
    const ceilings = backends.flatMap(({ ceiling }) => ceiling ?? []);
    const rows = [...startUpRows(startUps, this.#timed, this.#timerSeconds), ...this.#timed.map((timed) => rowOf(timed, backends, this.#calibration))];
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

  #over(): boolean {
    return this.#calibration.now() > this.#budget;
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
        if (this.#over()) {
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
      ready.forEach(({ entry, opened: { memoryBytes }, deviation, bytes }, i) => {
        const taken = samples[i] as (typeof samples)[number];
        if ('error' in taken) this.#omit(item, entry.name, 'refused', reasonOf(taken.error));
        else {
          this.#pace.saw(entry.name, item, Math.min(...taken.seconds));
          this.#timed.push({ item, on: entry.on, samples: taken, flops: flopsOf(item), bytes, memoryBytes, deviation });
        }
      });
    } finally {
      for (const { entry, opened } of ready) await this.#dispose(item, entry, opened);
    }
  }

  /** A backend that is gone may refuse this, too; what was timed before stays. */
  async #dispose(item: SuiteItem, { name }: SuiteBackend, opened: Opened): Promise<void> {
    try {
      await opened.dispose();
    } catch (error) {
      this.#omit(item, name, 'refused', reasonOf(error));
    }
  }

  /** Checks an item on a configuration and opens it there; null where it is refused, wrong, or would take too long. */
  async #prepare(item: SuiteItem, entry: SuiteBackend, part: number): Promise<{ opened: Opened; deviation: number; bytes: number | null } | null> {
    const { name, on, backend } = entry;
    const longest = this.#longest(item, entry, part);
    const tooLong = (seconds: number) => {
      if (seconds <= longest) return false;
      this.#omit(item, name, 'time', `a run would take up to ${seconds.toPrecision(2)} s, and ${part.toPrecision(2)} s were there for all of its runs`);
      return true;
    };
    // a processor is about as fast with much work as with little; a GPU gets faster
    const foretold = this.#pace.seconds(name, item);
    if (foretold !== null && foretold > 2 * longest && (on.adapter === null || on.software) && tooLong(foretold)) return null;
    try {
      const check = async () => {
        const begin = performance.now();
        const found = await item.check(backend);
        return { found, seconds: (performance.now() - begin) / 1000 };
      };
      let checked = await check();
      const predicted = () => Math.min(checked.seconds * item.workOfCheck, foretold ?? Number.POSITIVE_INFINITY);
      if (predicted() > longestRun * part && checked.seconds < longest) {
        // the first check compiles, and the first of all waits for the reference's result: a second one tells more
        checked = await check();
        this.#pace.saw(name, item, checked.seconds, 1 / item.workOfCheck);
      }
      if (tooLong(predicted())) return null;
      const deviation = checked.found;
      const opened = await item.open(backend);
      return { opened, deviation, bytes: typeof item.bytes === 'function' ? item.bytes(opened as Parameters<typeof item.bytes>[0]) : item.bytes };
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      this.#omit(item, name, error instanceof NumericsError ? 'wrong' : 'refused', reasonOf(error));
      return null;
    }
  }

  /** Seconds that a run may seem to take; more than its part where this kind of work has no number on this backend yet: how slow it is should be known. */
  #longest(item: SuiteItem, { name }: SuiteBackend, part: number): number {
    const known = this.#timed.some((timed) => timed.item.group === item.group && configurationName(timed.on) === name);
    return Math.max(overestimate * longestRun * part, known ? 0 : firstRunShare * this.#budget);
  }

  /** One training step on more and more threads; backends that have threads only. */
  async #timeThreads(counts: readonly number[], backends: readonly SuiteBackend[], weight: number): Promise<void> {
    const variants = backends.filter(({ on }) => on.threads > 1);
    const share = weight / counts.length;
    for (const threads of counts) {
      const item = { ...threadsItem(threads), weight: share };
      const entries: SuiteBackend[] = [];
      if (this.#over()) {
        this.#omit(item, null, 'time', `the budget of ${this.#budget} s was used up`);
        continue;
      }
      try {
        for (const { on: widest } of variants) {
          const on = { ...widest, threads };
          const name = configurationName(on);
          try {
            const backend: Backend = await createBackend(on.backend, { variant: on.variant, threads });
            entries.push({ name, on, backend, ceiling: null });
          } catch (error) {
            this.#omit(item, name, 'refused', reasonOf(error));
          }
        }
        await this.#time(item, entries);
      } finally {
        for (const { backend } of entries) await backend.dispose();
      }
    }
  }

  #say(item: SuiteItem, configuration: string): void {
    this.#context.progress.update(`${Math.round(this.#calibration.now())} of ${this.#budget} s · ${item.group}: ${item.label} · ${configuration}`);
  }
}

/** A check is small, begins cold, and reads its result besides the work itself: a run takes less than it says. */
const overestimate = 4;

const suiteCeilingMethod = `${ceilingMethod}; on processors memory is that of negating an array of 64 MB into another, once, before anything else (bytes read and written; caches: 256 kB a thread)`;

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
