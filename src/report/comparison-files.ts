// What `motorloop compare` leaves in its directory: comparison.json, the page, figures as SVG and PNG, tables as CSV, arrays for NumPy.
import type { ComparisonSummary, ScoreMatrix } from '../analysis/comparison-data.js';
import type { FigureArray } from '../analysis/summary-data.js';
import { writeNpy } from '../runs/npy.js';
import type { Storage } from '../runs/storage.js';
import { renderComparison } from './comparison-page.js';
import { type CsvValue, csvText } from './csv.js';
import { exportFigures, exportTables, pageFigures, type PngRenderer } from './export-figures.js';

/** Tables by file name, without the ending. */
export function comparisonTables(summary: ComparisonSummary): Record<string, string> {
  const { analyses, againstReference, dsa, decoding } = summary;
  const names = analyses.map(({ name }) => name);
  const pairs = (score: string, matrix: ScoreMatrix, more: readonly (readonly [string, ScoreMatrix])[] = []): string =>
    csvText([
      ['from', 'to', score, ...more.map(([name]) => name)],
      ...names.flatMap((from, i) => names.map((to, j): CsvValue[] => [from, to, matrix[i]?.[j], ...more.map(([, other]) => other[i]?.[j])])),
    ]);
  const scores = Object.keys(againstReference) as (keyof typeof againstReference)[];
  const columns = { stateR2: 'state_r2', reconstructionR2: 'reconstruction_r2', inputR2: 'input_r2', rateR2: 'rate_r2', cycleConsistency: 'cycle_consistency' };
  const components = Math.max(0, ...summary.stateR2PerComponent.flat().map((list) => list.length));
  const perComponent = names.flatMap((from, i) =>
    names.map((to, j): CsvValue[] => [from, to, ...Array.from({ length: components }, (_, k) => summary.stateR2PerComponent[i]?.[j]?.[k])]),
  );
  const kinds = Math.max(0, ...analyses.map(({ fixedPoints }) => fixedPoints?.byIndex.length ?? 0));
  return {
    analyses: csvText([
      ['name', 'kind', 'group', 'reference', 'units', 'training_trials', 'validation_trials', 'steps', 'validation_loss', 'participation_ratio'],
      ...analyses.map((each): CsvValue[] => [
        each.name,
        each.kind,
        each.group,
        each.reference ? 1 : 0,
        each.hiddenSize,
        ...each.shape,
        each.loss,
        each.participationRatio,
      ]),
    ]),
    against_reference: csvText([
      ['name', ...scores.map((score) => columns[score])],
      ...names.map((name, i) => [name, ...scores.map((score) => againstReference[score][i])]),
    ]),
    state_r2: pairs('r2', summary.stateR2),
    ...(components > 0
      ? { state_r2_components: csvText([['from', 'to', ...Array.from({ length: components }, (_, k) => `pc_${k + 1}`)], ...perComponent]) }
      : {}),
    cca: pairs('mean_squared_correlation', summary.cca),
    procrustes: pairs('disparity', summary.procrustes),
    ...(dsa
      ? {
          dsa: pairs('distance', dsa.scores, [['spread', dsa.spread]]),
          dsa_split_half: csvText([['name', 'distance'], ...names.map((name, i) => [name, dsa.splitHalf[i]])]),
        }
      : {}),
    ...(decoding ? { decoding: csvText([['name', ...decoding.variables], ...names.map((name, i): CsvValue[] => [name, ...(decoding.r2[i] ?? [])])]) } : {}),
    scree: csvText([['name', 'component', 'share'], ...analyses.flatMap(({ name, scree }) => scree.map((share, k): CsvValue[] => [name, k + 1, share]))]),
    ...(kinds > 0
      ? {
          fixed_points: csvText([
            ['name', 'starts', 'converged', 'unique', 'stable', ...Array.from({ length: kinds }, (_, k) => `unstable_directions_${k}`)],
            ...analyses.flatMap(({ name, fixedPoints: found }): CsvValue[][] =>
              found
                ? [[name, found.starts, found.converged, found.unique, found.stable, ...Array.from({ length: kinds }, (_, k) => found.byIndex[k] ?? 0)]]
                : [],
            ),
          ]),
        }
      : {}),
  };
}

/** Arrays by file name, without the ending; `aligned_N` and the like belong to the N-th analysis of the tables, counted from 1. */
export function comparisonArrays(summary: ComparisonSummary): Record<string, FigureArray> {
  const arrays: Record<string, FigureArray> = {};
  const size = summary.analyses.length;
  const matrix = (values: ScoreMatrix): FigureArray => ({ shape: [size, size], values: values.flatMap((row) => row.map((value) => value ?? Number.NaN)) });
  Object.assign(arrays, { state_r2: matrix(summary.stateR2), cca: matrix(summary.cca), procrustes: matrix(summary.procrustes) });
  if (summary.dsa) Object.assign(arrays, { dsa: matrix(summary.dsa.scores), dsa_spread: matrix(summary.dsa.spread) });
  for (const [i, { trajectories, own, outputs, rates, points }] of summary.aligned.entries()) {
    arrays[`aligned_${i + 1}`] = trajectories;
    arrays[`own_components_${i + 1}`] = own;
    if (outputs) arrays[`outputs_${i + 1}`] = outputs;
    if (rates) arrays[`rates_${i + 1}`] = rates;
    if (points.length > 0) arrays[`fixed_points_${i + 1}`] = { shape: [points.length, 3], values: points.flatMap(({ scores }) => [...scores]) };
  }
  if (summary.trials.inputs) arrays.inputs = summary.trials.inputs;
  if (summary.trials.targets) arrays.targets = summary.trials.targets;
  return arrays;
}

/** Writes all of it, `comparison.json` last: where that is, everything is. Without `png` figures are SVG only. Returns the paths within the storage. */
export async function writeComparison(storage: Storage, summary: ComparisonSummary, png: PngRenderer | null): Promise<string[]> {
  const written: string[] = [];
  const write = async (path: string, data: string | Uint8Array) => {
    await storage.write(path, data);
    written.push(path);
  };
  written.push(...(await exportTables(storage, comparisonTables(summary))));
  for (const [name, { shape, values }] of Object.entries(comparisonArrays(summary)))
    await write(`arrays/${name}.npy`, writeNpy(shape, Float64Array.from(values)));
  const page = renderComparison(summary);
  written.push(...(await exportFigures(storage, pageFigures(page), png)));
  await write('comparison.html', page);
  await write('comparison.json', `${JSON.stringify(summary)}\n`);
  return written;
}
