// The end of an experiment: measures what its networks do and writes analysis, arrays, report and moving pictures into its directory.
import { type SummaryOptions, summariseExperiment } from '../analysis/summary.js';
import type { ExperimentSummary } from '../analysis/summary-data.js';
import { writeSummary } from '../analysis/write-summary.js';
import { latentsGifs } from './latents-gif.js';
import { movementGifs } from './movement-gif.js';
import { renderReport } from './report.js';

export interface WrittenReport {
  readonly summary: ExperimentSummary;
  /** Names of the moving pictures beside `report.html`; none without a body. */
  readonly movements: readonly string[];
}

export interface WriteReportOptions extends SummaryOptions {
  /** What else is measured before anything is written, e.g. fixed points: gets the summary and returns the one to write. */
  readonly extend?: (summary: ExperimentSummary) => Promise<ExperimentSummary>;
}

/**
 * Analyses the experiment in `options.storage` and writes `analysis.json`, `report.html`, each run's `arrays/*.npy` and, where a body moves, GIFs.
 * The same runs give the same files, but for `options.environment`. Throws what `summariseExperiment` and the storage throw.
 */
export async function writeReport(options: WriteReportOptions): Promise<WrittenReport> {
  const { storage } = options;
  const measured = await summariseExperiment(options);
  const summary = options.extend ? await options.extend(measured) : measured;
  await writeSummary(storage, summary);
  await storage.write('report.html', renderReport(summary));
  const gifs = [...movementGifs(summary), ...latentsGifs(summary)];
  for (const { name, data } of gifs) await storage.write(name, data);
  return { summary, movements: gifs.map(({ name }) => name) };
}
