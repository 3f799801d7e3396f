// How the networks of an experiment ended, read back from their directories: the table at the end of `run` and the rows of its --json.
import type { Experiment } from '../config/experiment.js';
import { experimentRuns } from '../config/train.js';
import type { Manifest } from '../runs/manifest.js';
import { metricLabel, metricNumber } from '../report/metric-text.js';
import { openRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { duration, grouped, lossText } from './numbers.js';
import { table } from './table.js';

export interface RunRow {
  readonly model: string;
  readonly seed: number;
  readonly path: string;
  readonly status: Manifest['status'];
  readonly reason: Manifest['reason'];
  readonly parameterCount: number;
  /** Epochs done; the losses and metrics are those after the last of them. */
  readonly epochs: number;
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly best: Manifest['best'];
  /** Wall time of training. */
  readonly seconds: number;
}

/** One row per network that has begun, in the order of the experiment. */
export async function readRows(storage: Storage, experiment: Experiment): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  for (const { identity } of experimentRuns(experiment)) {
    if (!(await storage.exists(`${identity.path}/manifest.json`))) continue;
    const { manifest, metrics } = await openRun(storage, identity.path);
    const last = metrics.findLast(({ epoch }) => epoch === manifest.epoch);
    rows.push({
      ...identity,
      status: manifest.status,
      reason: manifest.reason,
      parameterCount: manifest.parameterCount,
      epochs: manifest.epoch,
      trainLoss: last?.trainLoss ?? null,
      validationLoss: last?.validationLoss ?? null,
      metrics: last?.metrics ?? {},
      best: manifest.best,
      seconds: manifest.seconds,
    });
  }
  return rows;
}

/** The rows as lines of text of at most `width` characters, as far as leaving out columns can do that. */
export function runTable(rows: readonly RunRow[], width: number): string[] {
  const metricNames = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns: Record<string, (row: RunRow) => string> = {
    model: (row) => row.model,
    seed: (row) => String(row.seed),
    parameters: (row) => grouped(row.parameterCount),
    epochs: (row) => (row.reason === 'completed' ? String(row.epochs) : `${row.epochs} (${row.reason ?? row.status})`),
    'train loss': (row) => lossText(row.trainLoss),
    'validation loss': (row) => lossText(row.validationLoss),
    best: (row) => (row.best ? `${lossText(row.best.validationLoss)} at ${row.best.epoch}` : ''),
    ...Object.fromEntries(metricNames.map((name) => [metricLabel(name), (row: RunRow) => metricNumber(name, row.metrics[name]) ?? ''])),
    time: (row) => duration(row.seconds),
  };
  const render = () => {
    const header = Object.keys(columns);
    const cells = rows.map((row) => Object.values(columns).map((cell) => cell(row)));
    return table(header, cells, header.slice(1));
  };
  let lines = render();
  // What goes first on a narrow terminal; the report has it all.
  for (const name of ['best', ...metricNames.slice(1).reverse().map(metricLabel), 'parameters', 'train loss']) {
    if (lines.every((line) => line.length <= width)) break;
    delete columns[name];
    lines = render();
  }
  return lines;
}
