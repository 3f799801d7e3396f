// Puts a summary into the experiment's directory: analysis.json with everything, and per run the arrays of its figures for NumPy.
import { writeNpy } from '../runs/npy.js';
import type { Storage } from '../runs/storage.js';
import type { ExperimentSummary, FigureArray } from './summary-data.js';

/**
 * Writes `analysis.json` and, for every run, `arrays/scree.npy` [K]; for the drawn ones also `arrays/latents_pca.npy` [trials, T, 3],
 * `outputs.npy` and `targets.npy` [trials, T, O], `inputs.npy` [trials, T, I] and `trials.npy` [trials] (positions in the data set),
 * and where a body moves `joint.npy` [trials, T, 2] (rad or m), `activation.npy` and `force.npy` (N) [trials, T, M]: the state after each step.
 */
export async function writeSummary(storage: Storage, summary: ExperimentSummary): Promise<void> {
  await storage.write('analysis.json', `${JSON.stringify(summary)}\n`);
  const { inputs, targets, indices } = summary.trials;
  for (const { path, scree, latents, outputs, reach } of summary.runs) {
    const write = ({ shape, values }: FigureArray, name: string) => storage.write(`${path}/arrays/${name}.npy`, writeNpy(shape, Float64Array.from(values)));
    await write({ shape: [scree.ratios.length], values: scree.ratios }, 'scree');
    if (!latents || !outputs) continue;
    await write(latents, 'latents_pca');
    await write(outputs, 'outputs');
    await write(targets, 'targets');
    await write(inputs, 'inputs');
    for (const name of ['joint', 'activation', 'force'] as const) if (reach?.[name]) await write(reach[name], name);
    await storage.write(`${path}/arrays/trials.npy`, writeNpy([indices.length], Int32Array.from(indices)));
  }
}
