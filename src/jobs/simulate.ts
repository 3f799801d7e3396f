// Simulates a population that watches a trained run, and writes it: the data set, what it is in words and numbers, a page and its figures.
import type { NoiseChoice } from '../analysis/analysis.js';
import type { RunAnalysis } from '../analysis/run-analysis.js';
import { exportFigures, pageFigures, type PngRenderer } from '../report/export-figures.js';
import { renderSpikes } from '../report/spikes-page.js';
import { type Storage, writeJson } from '../runs/storage.js';
import { type DatasetFormat, datasetArrays, writeDataset } from '../simulator/dataset.js';
import type { SimulatorInput } from '../simulator/options.js';
import { simulateRun } from '../simulator/simulate-run.js';
import { type Embedding, NeuralSimulator } from '../simulator/simulator.js';
import { spikesView, type SpikeStatistics } from '../simulator/statistics.js';

export interface SimulateJob {
  readonly analysis: RunAnalysis;
  readonly options: SimulatorInput;
  /** Of a data set written before. Default: made from these trials. */
  readonly embedding?: Embedding;
  readonly noise?: NoiseChoice;
  readonly storage: Storage;
  /** Of the data set, without its ending; page and description have the same. */
  readonly name: string;
  readonly format: DatasetFormat;
  readonly png: PngRenderer | null;
  readonly onProgress: (line: string) => void;
}

export interface Simulated {
  /** Paths in the storage, the data set first. */
  readonly files: readonly string[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly statistics: SpikeStatistics;
}

/** Simulates and writes. Where a body moves, the default scaling is 4. Throws what simulator, rollout and storage throw; nothing is written then. */
export async function simulateSpikes(job: SimulateJob): Promise<Simulated> {
  const { analysis, storage, name, format, onProgress } = job;
  const simulator = new NeuralSimulator({ ...(analysis.task.plant ? { scaling: 4 } : {}), ...job.options }, job.embedding ?? null);
  const simulated = await simulateRun(simulator, analysis, job.noise);
  const arrays = datasetArrays(simulated);
  const view = spikesView(simulated);
  const page = renderSpikes(view);
  onProgress(`${analysis.name}: writing`);
  const file = `${name}.${format}`;
  const bytes = await writeDataset(arrays, format, `${storage.location}/${file}`);
  const shapes = Object.fromEntries([...arrays].map(([key, { shape }]) => [key, shape]));
  const { byNeuron, byRate, ...numbers } = view.statistics;
  await storage.write(file, bytes);
  await storage.write(`${name}.html`, page);
  await writeJson(storage, `${name}.json`, {
    experiment: simulated.experiment,
    run: simulated.run,
    checkpoint: simulated.checkpoint,
    dataSeed: simulated.dataSeed,
    noise: simulated.noise,
    options: simulated.options,
    embedding: job.embedding ? 'given' : 'made from these trials',
    events: simulated.events,
    statistics: numbers,
    arrays: shapes,
  });
  const figures = await exportFigures(
    storage,
    pageFigures(page).map((figure) => ({ ...figure, name: `${name}-${figure.name}` })),
    job.png,
  );
  return { files: [file, `${name}.html`, `${name}.json`, ...figures], shapes, statistics: view.statistics };
}
