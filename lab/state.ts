// What the page shows, as signals, and the actions that change it.
import { batch, computed, signal } from '@preact/signals';
import { ConfigError } from '../src/errors.js';
import type { BackendChoice } from '../src/browser/client.js';
import type { DevicesReport } from '../src/jobs/devices.js';
import { isBenchFile, openResults } from './bench.js';
import { bundled } from './bundled.js';
import { type Path, readDraft, withValue } from './draft.js';
import { runner } from './engine.js';
import { openFiles } from './open-run.js';
import { applyEvent, type RunRecord, waitingNetworks } from './run-record.js';

const first = bundled[0] as (typeof bundled)[number];

interface Source {
  readonly name: string;
  readonly text: string;
}

/** The text being edited and the file that it came from. */
export const source = signal<Source>(first);
/** The text that was checked last: the same, but while somebody types in one that takes long to check (a large grid). */
const checked = signal<Source>(first);
let checkMs = 0;
let pause: ReturnType<typeof setTimeout> | undefined;

export const draft = computed(() => {
  const started = performance.now();
  const found = readDraft(checked.value.text, checked.value.name);
  checkMs = performance.now() - started;
  return found;
});

const chosenPoint = signal(0);
/** Which experiment of a grid: the first unless another was chosen. */
export const point = computed(() => Math.min(chosenPoint.value, Math.max(0, draft.value.experiments.length - 1)));
export const experiment = computed(() => draft.value.experiments[point.value] ?? null);

export function choosePoint(index: number): void {
  chosenPoint.value = index;
}

function change(next: Source): void {
  clearTimeout(pause);
  batch(() => {
    source.value = next;
    checked.value = next;
  });
}

/** Takes what is typed; it is checked at once, or when typing pauses where that would be felt. */
export function type(text: string): void {
  const next = { name: source.value.name, text };
  if (checkMs < 50) change(next);
  else {
    source.value = next;
    clearTimeout(pause);
    pause = setTimeout(() => change(next), Math.min(2000, 2 * checkMs));
  }
}

export function load(name: string, text: string): void {
  batch(() => {
    change({ name, text });
    chosenPoint.value = 0;
    previewSeed.value = null;
    notice.value = null;
  });
}

export function setValue(path: Path, value: unknown): void {
  const { name, text } = source.value;
  change({ name, text: withValue(text, path, value) });
}

/** Seed of the drawn trials where other ones than the experiment's were asked for. */
export const previewSeed = signal<number | null>(null);

/** A problem with a file that was opened, or with a job that could not begin; null for none. */
export const notice = signal<string | null>(null);

export const backend = signal<BackendChoice>({ backend: 'auto' });

/** What this browser offers; an error where it could not be found out; null while looking. */
export const devices = signal<DevicesReport | Error | null>(null);

export async function findDevices(): Promise<void> {
  devices.value = await runner.devices().catch((error: Error) => error);
}

/** All runs of this session and those that were opened, newest last. Records change in place; `changes` counts up when they do. */
export const runs = signal<readonly RunRecord[]>([]);
export const changes = signal(0);
/** The run whose curves and report are shown. */
export const shownId = signal<number | null>(null);
export const shown = computed(() => runs.value.find(({ id }) => id === shownId.value) ?? null);
const active = signal<{ readonly run: RunRecord; readonly stop: AbortController } | null>(null);
/** The run that is under way. */
export const running = computed(() => active.value?.run ?? null);
export const stopping = signal(false);

// A person reads about ten changes a second, and a small network has a hundred epochs in one.
const redrawMs = 100;
let redrawDue = false;

function changed(): void {
  if (redrawDue) return;
  redrawDue = true;
  setTimeout(() => {
    redrawDue = false;
    changes.value++;
  }, redrawMs);
}

/** Trains the experiment being edited. */
export function start(): void {
  change(source.value);
  const chosen = experiment.value;
  if (chosen === null || active.value) return;
  const time = new Date().toTimeString().slice(0, 8);
  const run: RunRecord = {
    id: runs.value.length + 1,
    label: `${chosen.name}, ${time}`,
    opened: false,
    experiment: chosen,
    networks: waitingNetworks(chosen),
    status: 'starting',
    backend: null,
    analysed: 0,
    warnings: [],
    error: null,
    files: {},
  };
  runs.value = [...runs.value, run];
  void train(run);
}

/** Goes on with a run that was stopped, failed, or has no report yet. */
export function goOn(run: RunRecord): void {
  if (active.value) return;
  run.status = 'starting';
  run.error = null;
  void train(run);
}

export function stop(): void {
  stopping.value = true;
  active.value?.stop.abort();
}

async function train(run: RunRecord): Promise<void> {
  const control = new AbortController();
  batch(() => {
    active.value = { run, stop: control };
    shownId.value = run.id;
    notice.value = null;
    stopping.value = false;
  });
  const begun = Object.keys(run.files).length > 0;
  try {
    const outcome = await runner.run(
      { experiment: run.experiment, name: `${run.experiment.name}.json`, ...backend.value, ...(begun ? { files: run.files } : {}) },
      {
        signal: control.signal,
        onEvent: (event) => {
          applyEvent(run, event);
          changed();
        },
      },
    );
    run.files = outcome.files;
    run.status = outcome.status === 'aborted' ? 'stopped' : outcome.status;
    if (outcome.status === 'failed') run.error = outcome.error.message;
  } catch (error) {
    run.status = begun ? 'stopped' : 'failed';
    run.error = messageOf(error);
  }
  for (const network of run.networks) if (network.state === 'training') network.state = 'waiting';
  batch(() => {
    active.value = null;
    stopping.value = false;
    changes.value++;
  });
}

/** Opens what was dropped or chosen: an experiment's file, or a run as a zip or a folder. */
export async function open(files: readonly File[] | Promise<readonly File[]>): Promise<void> {
  notice.value = null;
  try {
    const given = await files;
    const [file] = given;
    if (given.length > 0 && file && /\.json$/i.test(file.name) && isBenchFile(await file.slice(0, 200).text())) {
      await openResults(given);
      document.getElementById('bench')?.scrollIntoView();
      return;
    }
    const opened = await openFiles(given);
    if (opened.kind === 'experiment') load(opened.name, opened.text);
    else {
      const run = { ...opened.run, id: runs.value.length + 1 };
      batch(() => {
        runs.value = [...runs.value, run];
        if (!active.value) shownId.value = run.id;
      });
    }
  } catch (error) {
    notice.value = messageOf(error);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
