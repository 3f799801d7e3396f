// Replays the `analysis` kind: PCA, affine and plain R², cycle consistency and tangling, from the arrays of the file alone.
import { RunFormatError } from '../../errors.js';
import type { TrialArray } from '../../analysis/analysis.js';
import { tangling, type TanglingEpsilon } from '../../analysis/geometry/tangling.js';
import { pcaOfRows, project } from '../../analysis/pca.js';
import { cycleConsistencies, latentsFromRatesR2 } from '../../analysis/similarity/cycle-consistency.js';
import { signalR2 } from '../../analysis/similarity/rates.js';
import { stateR2 } from '../../analysis/similarity/state-r2.js';
import { concatenateTrials, type SplitTrials, trialArray } from '../../analysis/trials.js';
import type { Comparison } from './compare.js';
import type { GoldenFile } from './golden-file.js';

/** Replays one file on the host in f64, whatever the backend: that is where analyses of this size run. A part that the file lacks is left out. */
export async function checkAnalysis(comparison: Comparison): Promise<void> {
  const { file } = comparison;
  comparison.notes.push('Analyses of this size run on the host in f64, whatever the backend.');
  if (file.has('pca.X')) await checkPca(comparison);
  if (file.names.some((name) => name.startsWith('r2.'))) await checkR2(comparison);
  if (file.names.some((name) => name.startsWith('cycle.'))) await checkCycle(comparison);
  if (file.has('tangling.x')) await checkTangling(comparison);
}

/** A tensor [trials, T, width]. */
function trialsOf(file: GoldenFile, name: string): TrialArray {
  const { data, shape } = file.tensor(name, [null, null, null]);
  return trialArray(Float64Array.from(data), shape as [number, number, number]);
}

function splitOf(comparison: Comparison, name: string): SplitTrials {
  comparison.given(`${name}_train`, `${name}_val`);
  return { train: trialsOf(comparison.file, `${name}_train`), validation: trialsOf(comparison.file, `${name}_val`) };
}

/** scikit-learn keeps min(N, D) components and decides on their signs in its own way: each row is turned to the side of the file's. */
async function checkPca(comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const { data, shape } = file.tensor('pca.X', [null, null]);
  const [samples, dimension] = shape as [number, number];
  comparison.given('pca.X');
  const rows = Float64Array.from(data);
  const pca = await pcaOfRows(rows, dimension);
  const kept = Math.min(samples, dimension);
  comparison.compare('pca.mean', pca.mean);
  comparison.compare('pca.explained_variance', pca.variances.subarray(0, kept));
  comparison.compare('pca.explained_variance_ratio', pca.ratios.subarray(0, kept));
  comparison.compare(
    'pca.singular_values',
    pca.variances.subarray(0, kept).map((variance) => Math.sqrt(variance * (samples - 1))),
  );
  const signs = signsOf(file, pca.components, kept, dimension);
  comparison.compare(
    'pca.components',
    pca.components.subarray(0, kept * dimension).map((value, i) => value * (signs[Math.floor(i / dimension)] as number)),
  );
  comparison.compare(
    'pca.transform',
    project(pca, rows, kept).map((value, i) => value * (signs[i % kept] as number)),
  );
}

function signsOf(file: GoldenFile, components: Float64Array, kept: number, dimension: number): number[] {
  if (!file.has('pca.components')) return new Array<number>(kept).fill(1);
  const { data } = file.tensor('pca.components', [kept, dimension]);
  return Array.from({ length: kept }, (_, k) => {
    let along = 0;
    for (let i = 0; i < dimension; i++) along += (data[k * dimension + i] as number) * (components[k * dimension + i] as number);
    return along < 0 ? -1 : 1;
  });
}

async function checkR2(comparison: Comparison): Promise<void> {
  const [truth, inferred] = [splitOf(comparison, 'r2.true'), splitOf(comparison, 'r2.pred')];
  comparison.compare('r2.linear_pred_from_true', [(await stateR2(truth, inferred)).r2 ?? Number.NaN]);
  comparison.compare('r2.linear_true_from_pred', [(await stateR2(inferred, truth)).r2 ?? Number.NaN]);
  if (!comparison.file.has('r2.near')) return;
  comparison.given('r2.near');
  comparison.compare('r2.signal_r2', [signalR2(concatenateTrials(truth.train, truth.validation), trialsOf(comparison.file, 'r2.near')) ?? Number.NaN]);
}

const thresholdPrefix = 'cycle.r2.threshold';

async function checkCycle(comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const [latents, rates] = [splitOf(comparison, 'cycle.latents'), splitOf(comparison, 'cycle.rates')];
  const names = file.names.filter((name) => name.startsWith(thresholdPrefix));
  const thresholds = names.map((name) => Number(name.slice(thresholdPrefix.length)));
  const bad = thresholds.findIndex((threshold) => !(threshold >= 0 && threshold < 1));
  if (bad >= 0) throw new RunFormatError(`${file.name}: expected a threshold from 0 to below 1 behind ${thresholdPrefix}, got ${names[bad]}`);
  const scores = await cycleConsistencies(latents, rates, thresholds);
  names.forEach((name, i) => comparison.compare(name, [scores[i]?.r2 ?? Number.NaN]));
  if (file.has('cycle.linear_no_noise_r2')) comparison.compare('cycle.linear_no_noise_r2', [(await latentsFromRatesR2(latents, rates)).r2 ?? Number.NaN]);
}

/** Seconds between samples where the metadata say nothing. */
const defaultDt = 0.01;

const variants: readonly (readonly [TanglingEpsilon, string, string])[] = [
  ['population', 'tangling.Q', 'tangling.eps'],
  ['second-moment', 'tangling.Q_eps_second_moment', 'tangling.eps_second_moment'],
];

async function checkTangling(comparison: Comparison): Promise<void> {
  const { file } = comparison;
  comparison.given('tangling.x');
  const x = trialsOf(file, 'tangling.x');
  const dt = file.section('config').section('tangling').number('dt', defaultDt);
  for (const [epsilon, values, constant] of variants) {
    if (!file.has(values) && !file.has(constant)) continue;
    const found = await tangling(x, { dt, epsilon, derivative: 'forward' });
    comparison.compare(values, found.values);
    comparison.compare(constant, [found.epsilon]);
  }
}
