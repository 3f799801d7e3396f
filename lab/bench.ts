// The benchmark in the lab, as signals: the suite of the command line in a worker, its result, and results of other devices that were opened.
import { batch, computed, signal } from '@preact/signals';
import { RunFormatError } from '../src/errors.js';
import type { SuiteOptions } from '../src/jobs/bench/suite.js';
import { renderBench } from '../src/report/bench-page.js';
import { deviceText } from '../src/report/bench-works.js';
import { mergedFile, mostResults, readBenchFile } from '../src/runs/bench-file.js';
import type { SuiteResult } from '../src/runs/bench-result.js';
import { runner } from './engine.js';

export interface ShownResult {
  readonly id: number;
  /** The file that it came from; null: measured here. */
  readonly file: string | null;
  readonly text: string;
  readonly result: SuiteResult;
}

/** Which suite, with seconds where another time than its own was asked for, and the only backend where one was. */
export const suiteChoice = signal<SuiteOptions>({ quick: true });
export const results = signal<readonly ShownResult[]>([]);
/** What the suite does now, and the share of its time that is over; null while it rests. */
export const progress = signal<{ readonly text: string; readonly share: number } | null>(null);
/** Why the last suite or file came to nothing. */
export const benchProblem = signal<string | null>(null);

/** The page of everything that is listed. */
export const benchPage = computed(() => (results.value.length === 0 ? null : renderBench(results.value.map(({ result }) => result))));

/** What can be handed on: one result as the command line writes it, or several as one file. */
export const benchFile = computed(() => {
  const [first, ...rest] = results.value;
  if (!first) return null;
  return JSON.stringify(rest.length === 0 ? first.result : mergedFile(results.value.map(({ result }) => result)), null, 1);
});

let stop: AbortController | null = null;
let count = 0;

function add(result: SuiteResult, file: string | null): void {
  results.value = [...results.value, { id: ++count, file, text: deviceText(result), result }];
}

/** Measures this device; a worker does it, so the page stays alive. */
export async function measure(): Promise<void> {
  if (stop) return;
  const control = new AbortController();
  stop = control;
  batch(() => {
    benchProblem.value = null;
    progress.value = { text: 'Starting the worker …', share: 0 };
  });
  try {
    const handlers = {
      signal: control.signal,
      onEvent: (event: { readonly type: string; readonly kind?: string; readonly text?: string }) => {
        if (event.type !== 'line' || event.kind !== 'progress') return;
        const [, done = 0, all = 1] = /^(\d+) of (\d+) s/.exec(event.text ?? '') ?? [];
        progress.value = { text: event.text ?? '', share: Math.min(1, Number(done) / Number(all)) };
      },
    };
    add((await runner.bench({ name: 'suite', options: suiteChoice.value }, handlers)) as SuiteResult, null);
  } catch (error) {
    if (!control.signal.aborted) benchProblem.value = messageOf(error);
  }
  stop = null;
  progress.value = null;
}

export function stopMeasuring(): void {
  stop?.abort();
}

/** Whether a file is a result rather than an experiment: both are JSON. */
export function isBenchFile(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"motorloop-bench-/.test(text);
}

/** Takes result files of other devices in; what is wrong with one is said, and the others are kept. */
export async function openResults(files: readonly File[]): Promise<void> {
  benchProblem.value = null;
  for (const file of files) {
    try {
      const found = readBenchFile(await file.text(), file.name);
      if (results.value.length + found.length > mostResults)
        throw new RunFormatError(`${file.name}: expected at most ${mostResults} results in all, got ${results.value.length + found.length}; remove some`);
      for (const result of found) add(result, file.name);
    } catch (error) {
      benchProblem.value = messageOf(error);
    }
  }
}

export function removeResult(id: number): void {
  results.value = results.value.filter((each) => each.id !== id);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
