// A whole grid: what is missing is trained by workers side by side, what is complete stays, and what failed is named; then table and report.
//
// Every moment is safe to die in. A point's directory is that of an experiment, its runs resume after their last checkpoint, and a report is removed
// before a network of its point trains, so that what is there at the next start says what is left to do.
import type { Grid } from '../../config/grid.js';
import { experimentRuns } from '../../config/train.js';
import { ConfigError } from '../../errors.js';
import { recordExperiment } from '../../runs/experiment-directory.js';
import { readJson, type Storage, writeJson } from '../../runs/storage.js';
import { type GridFailure, type GridRow, gridCsv, gridRows } from './rows.js';
import { type GridWorker, schedule } from './schedule.js';
import { type GridUnit, isRunComplete } from './unit.js';

export interface RunGridOptions {
  readonly grid: Grid;
  /** The grid's directory: new, empty, or that of the same grid, of which it then goes on. */
  readonly storage: Storage;
  /** The directory of a point. */
  readonly open: (folder: string) => Storage;
  /** How many workers at most, and what starts one. */
  readonly workers: number;
  readonly start: (worker: number) => Promise<GridWorker>;
  readonly signal: AbortSignal;
  readonly onPlan: (plan: GridPlan) => void;
  readonly onStart: (worker: number, unit: GridUnit) => void;
  readonly onEnd: (worker: number, unit: GridUnit, error: unknown) => void;
  /** Writes the report of the whole into the grid's directory; its path, or null where there is none. */
  readonly report: (rows: readonly GridRow[], failures: readonly GridFailure[]) => Promise<string | null>;
}

/** What there is to do. */
export interface GridPlan {
  readonly runs: number;
  /** Of these, already complete. */
  readonly complete: number;
  readonly reports: number;
  /** Workers that start. */
  readonly workers: number;
}

export interface GridResult {
  readonly name: string;
  readonly hash: string;
  /** By rising validation loss. */
  readonly runs: readonly GridRow[];
  readonly failures: readonly GridFailure[];
  /** Paths below the grid's directory; null when it was stopped before its end. */
  readonly table: string | null;
  readonly report: string | null;
  readonly seconds: number;
}

/** Runs a grid. Throws ConfigError, before anything is written, for a directory that holds something else, naming every point that differs. */
export async function runGrid(options: RunGridOptions): Promise<GridResult> {
  const { grid, storage, open, signal } = options;
  const started = performance.now();
  await checkDirectory(grid, storage, open);
  await storage.checkWritable?.();
  await writeJson(storage, 'grid.json', record(grid));
  const { runs, reports, begun, complete } = await plan(grid, open);
  const units = runs.length + reports.size;
  const count = Math.min(options.workers, Math.max(runs.length, Math.min(reports.size, options.workers)));
  options.onPlan({ runs: complete + runs.length, complete, reports: reports.size, workers: units === 0 ? 0 : count });
  const failures: GridFailure[] = [];
  const workers: GridWorker[] = [];
  try {
    for (let i = 0; i < count && units > 0; i++) workers.push(await options.start(i));
    await schedule({
      ...{ runs, reports, begun, workers, signal },
      onStart: options.onStart,
      onEnd: (worker, unit, error) => {
        if (error !== null) {
          const { folder } = grid.points[unit.point] as Grid['points'][number];
          const message = error instanceof Error ? error.message : String(error);
          failures.push({ point: unit.point, folder, run: unit.kind === 'run' ? unit.run : null, message });
        }
        options.onEnd(worker, unit, error);
      },
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
  const rows = await gridRows(grid, open, failures);
  const seconds = () => (performance.now() - started) / 1000;
  const result = { name: grid.name, hash: grid.hash, runs: rows, failures };
  if (signal.aborted) return { ...result, table: null, report: null, seconds: seconds() };
  await writeJson(storage, 'grid.json', { ...record(grid), runs: rows, failures });
  await storage.write('table.csv', gridCsv(grid, rows));
  const report = await options.report(rows, failures);
  return { ...result, table: 'table.csv', report, seconds: seconds() };
}

/** What grid.json says from the start. */
function record({ name, hash, axes, points }: Grid): object {
  return {
    format: 'motorloop-grid',
    formatVersion: 1,
    name,
    hash,
    axes: axes.map(({ path, values }) => ({ path, values })),
    points: points.map(({ folder, values }) => ({ folder, values })),
  };
}

/** A grid may go into a new or empty directory, or one of a grid whose points of the same name are the same experiments. */
async function checkDirectory(grid: Grid, storage: Storage, open: RunGridOptions['open']): Promise<void> {
  const content = await storage.list('');
  if (content.length === 0) return;
  if (!content.includes('grid.json')) {
    const some = `${content.slice(0, 4).join(', ')}${content.length > 4 ? ', …' : ''}`;
    throw new ConfigError(storage.location, [`expected a new or empty directory, or one of this grid, got one that holds ${some}; name another one`]);
  }
  const was = (await readJson(storage, 'grid.json')) as { format?: unknown } | null;
  if (was?.format !== 'motorloop-grid') throw new ConfigError(storage.location, ['expected a grid.json of a grid, got another file; name another directory']);
  const problems: string[] = [];
  for (const { folder, experiment } of grid.points) {
    try {
      await recordExperiment(open(folder), experiment, { check: true });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map((text) => `${folder}: ${text}`));
    }
  }
  if (problems.length > 0) throw new ConfigError(storage.location, problems.slice(0, 20));
}

interface Plan {
  readonly runs: (GridUnit & { kind: 'run' })[];
  readonly reports: Set<number>;
  readonly begun: Set<number>;
  readonly complete: number;
}

/** What is left to do; writes each point's experiment.json, and removes the report of points that change. */
async function plan(grid: Grid, open: RunGridOptions['open']): Promise<Plan> {
  const runs: (GridUnit & { kind: 'run' })[] = [];
  const reports = new Set<number>();
  const begun = new Set<number>();
  let complete = 0;
  for (const [point, { folder, experiment }] of grid.points.entries()) {
    const storage = open(folder);
    const { changed } = await recordExperiment(storage, experiment);
    const left: (GridUnit & { kind: 'run' })[] = [];
    for (const each of experimentRuns(experiment)) {
      if (await isRunComplete(storage, experiment, each)) complete++;
      else left.push({ kind: 'run', point, run: each.identity.path });
    }
    if (left.length < experimentRuns(experiment).length) begun.add(point);
    if (changed || left.length > 0) await storage.remove('report.html');
    if (!(await storage.exists('report.html'))) reports.add(point);
    runs.push(...left);
  }
  return { runs, reports, begun, complete };
}
