// The numbers behind the figures as CSV files that travel inside the report, as data: addresses.
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { csvText } from './csv.js';
import { shownRuns } from './sentences.js';

export interface Download {
  readonly name: string;
  readonly says: string;
  readonly address: string;
}

function table(name: string, says: string, rows: readonly (readonly (string | number)[])[]): Download {
  return { name, says, address: `data:text/csv;charset=utf-8,${encodeURIComponent(csvText(rows))}` };
}

/** Loss curves, scree and similarity of all runs; the first trial of the shown ones. */
export function downloads(summary: ExperimentSummary): Download[] {
  const { runs, similarity } = summary;
  const files = [
    table('loss.csv', 'loss curves', [
      ['model', 'seed', 'epoch', 'train_loss', 'validation_loss'],
      ...runs.flatMap(({ model, seed, curves }) =>
        curves.epoch.map((epoch, i) => [model, seed, epoch, curves.trainLoss[i] as number, curves.validationLoss[i] as number]),
      ),
    ]),
    table('scree.csv', 'scree', [
      ['model', 'seed', 'component', 'share', 'cumulative'],
      ...runs.flatMap(({ model, seed, scree }) => scree.ratios.map((ratio, k) => [model, seed, k + 1, ratio, scree.cumulative[k] as number])),
    ]),
    table('trial.csv', `trial ${summary.trials.indices[0]}`, firstTrial(summary)),
  ];
  const metrics = [...new Set(runs.flatMap(({ evaluation }) => Object.keys(evaluation.metrics)))];
  if (summary.reach) {
    const rows = runs.map(({ model, seed, evaluation }) => [model, seed, ...metrics.map((name) => evaluation.metrics[name] ?? '')]);
    files.push(table('metrics.csv', 'metrics', [['model', 'seed', ...metrics], ...rows]));
  }
  if (!similarity) return files;
  const names = similarity.runs.map((position) => runs[position] as RunSummary);
  const pairs = names.flatMap((source, i) => names.map((target, j) => [source.model, source.seed, target.model, target.seed, similarity.r2[i]?.[j] ?? '']));
  return [...files, table('state_r2.csv', 'state R²', [['from_model', 'from_seed', 'to_model', 'to_seed', 'r2'], ...pairs])];
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
