// motorloop run of a file with `grid`: its networks side by side, going on where it was left, and one table of all at the end.
import type { Backend } from '../backends/backend.js';
import { createBackend } from '../backends/create.js';
import type { Grid } from '../config/grid.js';
import { experimentRuns } from '../config/train.js';
import { ConfigError } from '../errors.js';
import { type GridRow, valueText } from '../jobs/grid/rows.js';
import { type GridResult, runGrid } from '../jobs/grid/run-grid.js';
import { openRunBackend } from '../jobs/open-backend.js';
import { table } from '../jobs/table.js';
import { absolutePath, importModule } from '../platform/files.js';
import { availableThreads } from '../platform/host.js';
import { lockDirectory } from '../platform/lock.js';
import { hostFacts, nodeStorage } from '../platform/node.js';
import { outputColumns, styled } from '../platform/terminal.js';
import { metricLabel, metricNumber } from '../report/metric-text.js';
import { machineText } from '../runs/manifest.js';
import { localWorker, threadWorker } from './grid-threads.js';
import { GridView } from './grid-view.js';
import { duration, grouped, lossText } from './numbers.js';
import { type CommandContext, exitCodes } from './shared.js';

export interface RunGridChoice {
  /** The experiment file. */
  readonly file: string;
  readonly backend: string;
  readonly variant?: string | undefined;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
  /** Default: `runs/NAME_HASH`, so that the same command finds it again. */
  readonly out?: string | undefined;
  /** The command that does the same again. */
  readonly command: string;
}

/** Rows of the table that a terminal shows. */
const mostShownRows = 60;

/** Runs the grid and prints its table. Returns the exit code: 1 when anything in it failed. */
export async function runGridCommand(grid: Grid, choice: RunGridChoice, context: CommandContext): Promise<number> {
  const { file, command } = choice;
  const base = choice.out ?? `runs/${grid.name}_${grid.hash.slice(0, 8)}`;
  const directoryOf = (folder: string) => `${base}/${folder}`;
  const runs = grid.points.reduce((sum, { experiment }) => sum + experimentRuns(experiment).length, 0);
  // In this thread to begin with: what there is decides how many workers make sense.
  const probe = await openRunBackend({ ...choice, threads: choice.threads ?? 1 }, [], context.warn);
  const { name, variant, reason } = probe.description;
  await probe.dispose();
  const shared = name === 'webgpu';
  if (shared && (choice.workers ?? 1) > 1)
    throw new ConfigError('--workers', [
      `expected 1 with the webgpu backend, whose device all would share, got ${choice.workers}; leave it out, or add --backend wasm`,
    ]);
  const cores = availableThreads();
  const workers = choice.workers ?? (shared ? 1 : Math.min(cores, runs));
  const threads = choice.threads ?? (name === 'wasm' ? Math.max(1, Math.floor(cores / workers)) : 1);
  const start = { file, backend: { name, variant, threads }, host: await hostFacts(), command };
  const view = new GridView(context, grid);
  const place = (point: number) => {
    const { folder, experiment } = grid.points[point] as Grid['points'][number];
    return { experiment, directory: directoryOf(folder) };
  };
  const unlock = await lockDirectory(base);
  let local: Backend | null = null;
  let result: GridResult;
  try {
    local = workers === 1 ? await createBackend(name, { variant, ...(shared ? {} : { threads }) }) : null;
    result = await runGrid({
      grid,
      storage: nodeStorage(base),
      open: (folder) => nodeStorage(directoryOf(folder)),
      workers,
      start: async (worker) => {
        const options = { start, place, signal: context.signal, onEvent: (event: Parameters<GridView['handle']>[1]) => view.handle(worker, event) };
        return local ? localWorker(local, options, (module) => importModule(module, file)) : threadWorker(options);
      },
      signal: context.signal,
      onPlan: (plan) => {
        context.print(`backend ${name}, ${variant}: ${reason}`);
        context.print(`${grid.name}, into ${base}`);
        view.plan(plan, threads);
      },
      onStart: (worker, unit) => view.start(worker, unit),
      onEnd: (worker, unit, error) => view.end(worker, unit, error),
      report: async (rows, failures) => {
        // Loaded only now: mistakes in an experiment are answered without waiting for it.
        const [{ summariseGrid }, { renderGrid }] = await Promise.all([import('../jobs/grid/summary.js'), import('../report/grid-page.js')]);
        const { version, commit, runtime } = start.host;
        const environment = {
          version,
          commit,
          runtime,
          machine: machineText(start.host),
          command: `${command}${choice.out === undefined ? '' : ` --out ${choice.out}`}`,
          date: new Date().toISOString().slice(0, 10),
        };
        const summary = await summariseGrid(grid, (folder) => nodeStorage(directoryOf(folder)), rows, failures, environment);
        await nodeStorage(base).write('report.html', renderGrid(summary));
        return 'report.html';
      },
    });
  } finally {
    await local?.dispose();
    await unlock();
  }
  return conclude(grid, result, base, choice, context);
}

async function conclude(grid: Grid, result: GridResult, base: string, { command, out }: RunGridChoice, context: CommandContext): Promise<number> {
  const { failures, runs, report, seconds } = result;
  const absolute = (path: string | null) => (path === null ? null : absolutePath(`${base}/${path}`));
  await context.result({ ...result, directory: absolutePath(base), table: absolute(result.table), report: absolute(report) });
  if (context.signal.aborted) {
    context.warn(`stopped; to go on: ${command}${out === undefined ? '' : ` --out ${out}`}`);
    return exitCodes.interrupted;
  }
  context.print();
  const lines = gridTable(grid, runs, outputColumns());
  for (const [index, line] of lines.slice(0, mostShownRows + 1).entries()) context.print(index === 0 ? styled('bold', line) : line);
  if (lines.length > mostShownRows + 1) context.print(`… ${lines.length - mostShownRows - 1} more in table.csv`);
  context.print();
  context.print(
    `done in ${duration(seconds)}; table: ${absolute(result.table)}${report === null ? '' : `; open the report: ${styled('cyan', absolute(report) as string)}`}`,
  );
  for (const { folder, run, message } of failures) context.warn(`failed: ${folder}${run === null ? ', its report' : `/${run}`}: ${message}`);
  return failures.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** The rows as lines of text of at most `width` characters, as far as leaving out columns can do that. */
export function gridTable(grid: Pick<Grid, 'axes'>, rows: readonly GridRow[], width: number): string[] {
  const metricNames = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns: Record<string, (row: GridRow) => string> = {
    ...Object.fromEntries(grid.axes.map(({ path }, axis) => [path, (row: GridRow) => valueText(row.values[axis])])),
    model: (row) => row.model,
    seed: (row) => String(row.seed),
    parameters: (row) => grouped(row.parameterCount),
    epochs: (row) => (row.reason === 'completed' ? String(row.epochs) : `${row.epochs} (${row.reason ?? row.status})`),
    'train loss': (row) => lossText(row.trainLoss),
    'validation loss': (row) => lossText(row.validationLoss),
    ...Object.fromEntries(metricNames.map((name) => [metricLabel(name), (row: GridRow) => metricNumber(name, row.metrics[name]) ?? ''])),
    time: (row) => duration(row.seconds),
  };
  const render = () => {
    const header = Object.keys(columns);
    return table(
      header,
      rows.map((row) => Object.values(columns).map((cell) => cell(row))),
      header,
    );
  };
  let lines = render();
  for (const name of [...metricNames.slice(1).reverse().map(metricLabel), 'parameters', 'train loss', 'time', ...metricNames.slice(0, 1).map(metricLabel)]) {
    if (lines.every((line) => line.length <= width)) break;
    delete columns[name];
    lines = render();
  }
  return lines;
}
