// The numbers behind the figures as CSV files that travel inside the report, as data: addresses.
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { type CsvValue, csvText } from './csv.js';
import { shownRuns, withBitNames } from './sentences.js';

export interface Download {
  readonly name: string;
  readonly says: string;
  readonly address: string;
}

/** A table by its file's name, without the ending, with what the page calls it. */
interface Table {
  readonly name: string;
  readonly says: string;
  readonly rows: readonly (readonly CsvValue[])[];
}

/** The tables that travel inside the page. */
export function downloads(summary: ExperimentSummary): Download[] {
  return tables(summary).map(({ name, says, rows }) => ({
    name: `${name}.csv`,
    says,
    address: `data:text/csv;charset=utf-8,${encodeURIComponent(csvText(rows))}`,
  }));
}

/** The same tables as texts of CSV files, by name without the ending. */
export function summaryTables(summary: ExperimentSummary): Record<string, string> {
  return Object.fromEntries(tables(withBitNames(summary)).map(({ name, rows }) => [name, csvText(rows)]));
}

/** Loss curves, scree, similarity, fixed points, tangling and decoding of all runs; the first trial of the shown ones. */
function tables(summary: ExperimentSummary): Table[] {
  const { runs, similarity } = summary;
  const files: Table[] = [
    {
      name: 'loss',
      says: 'loss curves',
      rows: [
        ['model', 'seed', 'epoch', 'train_loss', 'validation_loss'],
        ...runs.flatMap(({ model, seed, curves }) => curves.epoch.map((epoch, i) => [model, seed, epoch, curves.trainLoss[i], curves.validationLoss[i]])),
      ],
    },
    {
      name: 'scree',
      says: 'scree',
      rows: [
        ['model', 'seed', 'component', 'share', 'cumulative'],
        ...runs.flatMap(({ model, seed, scree }) => scree.ratios.map((ratio, k) => [model, seed, k + 1, ratio, scree.cumulative[k]])),
      ],
    },
    { name: 'trial', says: `trial ${summary.trials.indices[0]}`, rows: firstTrial(summary) },
  ];
  const metrics = [...new Set(runs.flatMap(({ evaluation }) => Object.keys(evaluation.metrics)))];
  if (summary.reach) {
    const rows = runs.map(({ model, seed, evaluation }) => [model, seed, ...metrics.map((name) => evaluation.metrics[name])]);
    files.push({ name: 'metrics', says: 'metrics', rows: [['model', 'seed', ...metrics], ...rows] });
  }
  if (similarity) {
    const names = similarity.runs.map((position) => runs[position] as RunSummary);
    const pairs = names.flatMap((source, i) => names.map((target, j) => [source.model, source.seed, target.model, target.seed, similarity.r2[i]?.[j]]));
    files.push({ name: 'state_r2', says: 'state R²', rows: [['from_model', 'from_seed', 'to_model', 'to_seed', 'r2'], ...pairs] });
  }
  return [...files, ...dynamicsTables(runs)];
}

/** Tables of what `analyse` adds; those without rows are left out. */
function dynamicsTables(runs: readonly RunSummary[]): Table[] {
  const found = runs.flatMap((run) => (run.dynamics?.fixedPoints ? [{ run, fixedPoints: run.dynamics.fixedPoints }] : []));
  const most = Math.max(0, ...found.map(({ fixedPoints }) => fixedPoints.counts.byIndex.length));
  const outputs = Math.max(0, ...found.flatMap(({ fixedPoints }) => fixedPoints.points.map(({ readout }) => readout.length)));
  const numbered = (count: number, name: string) => Array.from({ length: count }, (_, k) => `${name}_${k + 1}`);
  const counts = found.map(({ run, fixedPoints: { method, counts, seconds } }): CsvValue[] => [
    run.model,
    run.seed,
    method,
    counts.starts,
    counts.seeded,
    counts.converged,
    counts.slow,
    counts.outliers,
    counts.unique,
    counts.uniqueSlow,
    counts.stable,
    ...Array.from({ length: most }, (_, k) => counts.byIndex[k] ?? 0),
    seconds,
  ]);
  const points = found.flatMap(({ run, fixedPoints }) =>
    fixedPoints.points.map((point, i): CsvValue[] => [
      run.model,
      run.seed,
      i + 1,
      point.speed,
      point.unstable,
      point.corner,
      point.starts,
      point.distance,
      point.far ? 1 : 0,
      ...point.scores,
      ...(point.eigenvalues[0] ?? [null, null]),
      point.timeConstants[0],
      ...Array.from({ length: outputs }, (_, k) => point.readout[k]),
    ]),
  );
  const tangling = runs.flatMap(({ model, seed, dynamics }) =>
    (dynamics?.tangling ?? []).map((layer): CsvValue[] => [
      model,
      seed,
      layer.layer,
      layer.epsilon,
      layer.derivative,
      layer.mean,
      layer.median,
      layer.p90,
      layer.p95,
      layer.max,
    ]),
  );
  const scans = runs.flatMap(({ model, seed, dynamics }) => {
    const scan = dynamics?.dsaScan;
    if (!scan) return [];
    return scan.delays.flatMap((delays, i) =>
      scan.ranks.map((rank, k): CsvValue[] => [
        ...[model, seed, delays, rank],
        ...[scan.splitHalf, scan.mase, scan.mse, scan.aic, scan.nonNormality, scan.residual].map((table) => table[i]?.[k]),
      ]),
    );
  });
  const decoding = runs.flatMap(({ model, seed, dynamics }) =>
    (dynamics?.decoding ?? []).map(({ variable, r2, inSample }): CsvValue[] => [model, seed, variable, r2, inSample]),
  );
  const start = ['model', 'seed'];
  const pointColumns = ['point', 'speed', 'unstable_directions', 'nearest_corner', 'starts', 'distance', 'far', ...numbered(3, 'pc')];
  const all: (Table & { readonly any: boolean })[] = [
    {
      name: 'fixed_point_counts',
      says: 'counts of fixed points',
      any: counts.length > 0,
      rows: [
        [
          ...start,
          ...['method', 'starts', 'seeded', 'converged', 'slow', 'outliers', 'unique', 'unique_slow', 'stable'],
          ...Array.from({ length: most }, (_, k) => `unstable_directions_${k}`),
          'seconds',
        ],
        ...counts,
      ],
    },
    {
      name: 'fixed_points',
      says: 'fixed points',
      any: points.length > 0,
      rows: [[...start, ...pointColumns, 'eigenvalue_real', 'eigenvalue_imaginary', 'time_constant', ...numbered(outputs, 'readout')], ...points],
    },
    {
      name: 'tangling',
      says: 'tangling',
      any: tangling.length > 0,
      rows: [[...start, 'layer', 'epsilon', 'derivative', 'mean', 'median', 'p90', 'p95', 'max'], ...tangling],
    },
    {
      name: 'dsa_scan',
      says: 'delays and ranks for DSA',
      any: scans.length > 0,
      rows: [[...start, 'delays', 'rank', 'split_half', 'mase', 'mse', 'aic', 'non_normality', 'residual'], ...scans],
    },
    { name: 'decoding', says: 'decoding', any: decoding.length > 0, rows: [[...start, 'variable', 'r2', 'r2_in_sample'], ...decoding] },
  ];
  return all.filter(({ any }) => any);
}

function firstTrial(summary: ExperimentSummary): (string | number)[][] {
  const { task, trials } = summary;
  const shown = shownRuns(summary);
  const columns: { name: string; array: FigureArray; channel: number }[] = [];
  const add = (names: readonly string[], array: FigureArray) => names.forEach((name, channel) => columns.push({ name, array, channel }));
  add(
    task.inputLabels.map((label) => `input: ${label}`),
    trials.inputs,
  );
  add(
    task.outputLabels.map((label) => `target: ${label}`),
    trials.targets,
  );
  for (const run of shown) {
    add(
      task.outputLabels.map((label) => `${run.model}: ${label}`),
      run.outputs as FigureArray,
    );
    add(
      [1, 2, 3].map((k) => `${run.model}: PC ${k}`),
      run.latents as FigureArray,
    );
    const { activation, force } = run.reach ?? {};
    const muscles = summary.reach?.body.muscleNames ?? [];
    if (activation)
      add(
        muscles.map((name) => `${run.model}: activation of ${name}`),
        activation,
      );
    if (force)
      add(
        muscles.map((name) => `${run.model}: force of ${name} (N)`),
        force,
      );
  }
  const steps = trials.targets.shape[1] as number;
  return [
    ['step', ...columns.map(({ name }) => name)],
    ...Array.from({ length: steps }, (_, step) => [
      step * trials.stride,
      ...columns.map(({ array, channel }) => array.values[step * (array.shape[2] as number) + channel] as number),
    ]),
  ];
}
