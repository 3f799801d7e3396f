// How the networks of a grid ended: one row each, sorted by validation loss, as data and as table.csv.
import { readTests, type TestResult } from '../../analysis/run-tests.js';
import type { Grid } from '../../config/grid.js';
import { experimentRuns } from '../../config/train.js';
import { csvText } from '../../report/csv.js';
import type { Storage } from '../../runs/storage.js';
import { type RunRow, readRows } from '../run-rows.js';

/** One network of a grid; what it has not reached is null. */
export interface GridRow extends Omit<RunRow, 'status'> {
  /** Place of its point in the grid, and the point's folder. */
  readonly point: number;
  readonly folder: string;
  /** The point's values, one an axis. */
  readonly values: readonly unknown[];
  /** `not begun`: it failed before its first step, or was not reached. */
  readonly status: RunRow['status'] | 'not begun';
  /** Why it failed. */
  readonly error: string | null;
  /** What the experiment's tests gave; empty without. */
  readonly tests: readonly TestResult[];
}

/** Work that failed: a network, or with `run` null the report of a point. */
export interface GridFailure {
  readonly point: number;
  readonly folder: string;
  readonly run: string | null;
  readonly message: string;
}

/** All networks of a grid by rising validation loss, those without one last. `open` gives the directory of a point. */
export async function gridRows(grid: Grid, open: (folder: string) => Storage, failures: readonly GridFailure[]): Promise<GridRow[]> {
  const rows: GridRow[] = [];
  for (const [point, { folder, values, experiment }] of grid.points.entries()) {
    const storage = open(folder);
    const begun = await readRows(storage, experiment);
    for (const { identity } of experimentRuns(experiment)) {
      const row = begun.find(({ path }) => path === identity.path);
      const error = failures.find((failure) => failure.point === point && failure.run === identity.path)?.message ?? null;
      const tests = row ? ((await readTests(storage, identity.path))?.tests ?? []) : [];
      rows.push({ ...(row ?? { ...nothing, ...identity }), point, folder, values, error, tests });
    }
  }
  const loss = ({ validationLoss }: GridRow) => (validationLoss === null || Number.isNaN(validationLoss) ? Number.POSITIVE_INFINITY : validationLoss);
  return rows.sort((a, b) => (loss(a) === loss(b) ? 0 : loss(a) - loss(b)));
}

const nothing: Omit<GridRow, 'model' | 'seed' | 'path' | 'point' | 'folder' | 'values' | 'error' | 'tests'> = {
  ...{ status: 'not begun', reason: null, parameterCount: 0, epochs: 0, trainLoss: null, validationLoss: null, metrics: {}, best: null, seconds: 0 },
};

/** A value of an axis as tables show it. */
export function valueText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** The rows as CSV: the axes, then everything that is known of each network, its tests at the end. */
export function gridCsv(grid: Grid, rows: readonly GridRow[]): string {
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const tests = [
    ...new Map(
      rows.flatMap((row) =>
        row.tests.flatMap(({ name, metrics: scored }) => ['loss', ...Object.keys(scored)].map((score) => [`${name} ${score}`, { name, score }] as const)),
      ),
    ).values(),
  ];
  const testOf = (row: GridRow, { name, score }: { name: string; score: string }) => {
    const test = row.tests.find((each) => each.name === name);
    return test && (score === 'loss' ? test.loss : test.metrics[score]);
  };
  return csvText([
    [
      ...grid.axes.map(({ path }) => path),
      ...['model', 'seed', 'status', 'parameters', 'epochs', 'train loss', 'validation loss', 'best validation loss', 'best epoch'],
      ...metrics,
      ...['seconds', 'directory', 'error'],
      ...tests.map(({ name, score }) => `test ${name}: ${score}`),
    ],
    ...rows.map((row) => [
      ...row.values.map((value) => (typeof value === 'number' ? value : valueText(value))),
      ...[row.model, row.seed, row.reason ?? row.status, row.parameterCount || null, row.epochs, row.trainLoss, row.validationLoss],
      ...[row.best?.validationLoss, row.best?.epoch],
      ...metrics.map((name) => row.metrics[name]),
      ...[row.seconds, `${row.folder}/${row.path}`, row.error],
      ...tests.map((test) => testOf(row, test)),
    ]),
  ]);
}
