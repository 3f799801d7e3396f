// Gathers what the page of a grid shows from the directories of its points.
import type { ExperimentSummary, ReportEnvironment } from '../../analysis/summary-data.js';
import { type Grid, isSeedAxis } from '../../config/grid.js';
import type { GridGroup, GridNetwork, GridSummary } from '../../report/grid-data.js';
import { parseMetrics } from '../../runs/metrics.js';
import { readJson, readText, type Storage } from '../../runs/storage.js';
import { type GridFailure, type GridRow, valueText } from './rows.js';

/** Points whose analyses are read at most: each holds trajectories of its own. */
const mostAnalyses = 48;

/** The summary of a grid whose rows are known. Throws RunFormatError for a point's file that is damaged. */
export async function summariseGrid(
  grid: Grid,
  open: (folder: string) => Storage,
  rows: readonly GridRow[],
  failures: readonly GridFailure[],
  environment: ReportEnvironment,
): Promise<GridSummary> {
  const kept = grid.axes.flatMap((axis, i) => (isSeedAxis(axis) ? [] : [{ axis, i }]));
  const keyOf = (values: readonly unknown[]) => JSON.stringify(kept.map(({ i }) => values[i]));
  const keys = [...new Set(grid.points.map(({ values }) => keyOf(values)))];
  const analyses = new Map<number, ExperimentSummary>();
  if (grid.points.length <= mostAnalyses) {
    for (const [point, { folder }] of grid.points.entries()) {
      const storage = open(folder);
      if (await storage.exists('analysis.json')) analyses.set(point, (await readJson(storage, 'analysis.json')) as ExperimentSummary);
    }
  }
  const groups = keys.map((key): GridGroup => {
    const points = grid.points.flatMap(({ values }, point) => (keyOf(values) === key ? [point] : []));
    const [first] = points as [number];
    const { values } = grid.points[first] as Grid['points'][number];
    return {
      label: kept.map(({ axis, i }) => `${axis.label} ${valueText(values[i])}`).join(', '),
      values: kept.map(({ i }) => values[i]),
      folders: points.map((point) => (grid.points[point] as Grid['points'][number]).folder),
      summary: analyses.get(first) ?? null,
    };
  });
  const networks: GridNetwork[] = [];
  for (const row of rows) {
    const { experiment } = grid.points[row.point] as Grid['points'][number];
    networks.push({
      group: keys.indexOf(keyOf(row.values)),
      model: experiment.models.findIndex(({ name }) => name === row.model),
      ...{ name: row.model, seed: row.seed, folder: row.folder, path: row.path, status: row.reason ?? row.status, error: row.error },
      ...{ parameterCount: row.parameterCount, epochs: row.epochs, seconds: row.seconds, trainLoss: row.trainLoss, validationLoss: row.validationLoss },
      metrics: row.metrics,
      curves: await curvesOf(open(row.folder), row.path),
      tests: row.tests,
      run: analyses.get(row.point)?.runs.find(({ path }) => path === row.path) ?? null,
    });
  }
  return {
    name: grid.name,
    environment,
    axes: kept.map(({ axis: { path, label, values } }) => ({ path, label, values })),
    models: modelNames(grid),
    groups,
    networks,
    failures: failures.map(({ folder, run, message }) => `${folder}${run === null ? ', its report' : `/${run}`}: ${message}`),
  };
}

/** By place in the experiment; a model whose size is an axis goes by the part of its names that stays, `GRU`. */
function modelNames({ points }: Grid): string[] {
  const count = Math.max(...points.map(({ experiment }) => experiment.models.length));
  return Array.from({ length: count }, (_, model) => {
    const names = [...new Set(points.flatMap(({ experiment }) => experiment.models[model]?.name ?? []))];
    if (names.length === 1) return names[0] as string;
    const stem = [...new Set(names.map((name) => name.replace(/-\d+$/, '')))];
    return stem.length === 1 ? (stem[0] as string) : `model ${model + 1}`;
  });
}

async function curvesOf(storage: Storage, path: string): Promise<GridNetwork['curves']> {
  const file = `${path}/metrics.jsonl`;
  const rows = (await storage.exists(file)) ? parseMetrics(await readText(storage, file), `${storage.location}/${file}`) : [];
  return {
    epoch: rows.map(({ epoch }) => epoch),
    trainLoss: rows.map(({ trainLoss }) => trainLoss),
    validationLoss: rows.map(({ validationLoss }) => validationLoss),
  };
}
