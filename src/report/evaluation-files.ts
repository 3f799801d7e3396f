// What `motorloop evaluate` leaves in its directory: evaluation.json, the page, figures as SVG and PNG, scores as CSV, arrays for NumPy.
import type { RunEvaluation } from '../analysis/evaluation.js';
import type { EvaluationSummary } from '../analysis/evaluation-data.js';
import { writeNpy } from '../runs/npy.js';
import type { Storage } from '../runs/storage.js';
import { type CsvValue, csvText } from './csv.js';
import { renderEvaluation } from './evaluation-page.js';
import { exportFigures, exportTables, pageFigures, type PngRenderer } from './export-figures.js';

/** Tables by file name, without the ending. */
function evaluationTables({ networks }: EvaluationSummary): Record<string, string> {
  const head = [
    'model',
    'seed',
    'score',
    'own',
    'own_q1',
    'own_q3',
    'changed',
    'changed_q1',
    'changed_q3',
    'difference',
    'difference_q1',
    'difference_q3',
    'trials',
  ];
  const rows = networks.flatMap(({ model, seed, scores }) =>
    scores.map(({ name, own, changed, ownTrials, changedTrials, difference }): CsvValue[] => [
      ...[model, seed, name, own, ownTrials?.quartiles[0], ownTrials?.quartiles[1], changed, changedTrials?.quartiles[0], changedTrials?.quartiles[1]],
      ...[difference?.median, difference?.quartiles[0], difference?.quartiles[1], difference?.trials],
    ]),
  );
  return { scores: csvText([head, ...rows]) };
}

/** Writes all of it, `evaluation.json` last: where that is, everything is. Without `png` figures are SVG only. Returns the paths within the storage. */
export async function writeEvaluation(
  storage: Storage,
  { summary, arrays, trialIndices, perturbed }: RunEvaluation,
  png: PngRenderer | null,
): Promise<string[]> {
  const written: string[] = [];
  const write = async (path: string, data: string | Uint8Array) => {
    await storage.write(path, data);
    written.push(path);
  };
  written.push(...(await exportTables(storage, evaluationTables(summary))));
  for (const [i, { path }] of summary.networks.entries()) {
    for (const name of ['own', 'changed'] as const) {
      const { shape, values } = (arrays[i] as RunEvaluation['arrays'][number])[name];
      await write(`arrays/${path.replaceAll('/', '_')}_outputs_${name}.npy`, writeNpy(shape, values));
    }
  }
  await write('arrays/trials.npy', writeNpy([trialIndices.length], trialIndices));
  await write('arrays/perturbed.npy', writeNpy([perturbed.length], Int32Array.from(perturbed)));
  const page = renderEvaluation(summary);
  written.push(...(await exportFigures(storage, pageFigures(page), png)));
  await write('evaluation.html', page);
  await write('evaluation.json', `${JSON.stringify(summary)}\n`);
  return written;
}
