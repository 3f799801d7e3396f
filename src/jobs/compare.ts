// Compares what was found (compared-runs.ts) and writes the result: what `motorloop compare` does, whoever starts it.
import { Comparison } from '../analysis/comparison.js';
import type { ComparisonSummary } from '../analysis/comparison-data.js';
import type { ComparisonOptions } from '../analysis/comparison-summary.js';
import type { OpenAnalysisOptions } from '../analysis/open-analysis.js';
import type { Backend } from '../backends/backend.js';
import { writeComparison } from '../report/comparison-files.js';
import type { PngRenderer } from '../report/export-figures.js';
import type { Storage } from '../runs/storage.js';
import { checkSameData, type ComparedRun, openCompared } from './compared-runs.js';

export interface CompareJob {
  readonly runs: readonly ComparedRun[];
  readonly names: readonly string[];
  /** Group of each run; null: its own. */
  readonly groups: readonly (string | null)[];
  /** Position among `runs`. */
  readonly reference: number;
  readonly backend: Backend;
  /** Runs f64 kernels; `openMapBackend` gives it. */
  readonly mapBackend: Backend;
  /** Null: figures as SVG only. */
  readonly png: PngRenderer | null;
  /** Where to write. */
  readonly storage: Storage;
  /** Rolls all runs out on trials made anew. */
  readonly data?: OpenAnalysisOptions['data'];
  readonly checkpoint?: OpenAnalysisOptions['checkpoint'];
  readonly loadTask?: OpenAnalysisOptions['loadTask'];
  readonly comparison: Omit<ComparisonOptions, 'backend' | 'signal'>;
  readonly signal: AbortSignal;
}

/** Checks that the runs belong together, measures, writes. Throws what `checkSameData`, `Comparison.summarise` and the storage throw, and the signal's reason. */
export async function compareRuns(job: CompareJob): Promise<{ summary: ComparisonSummary; written: string[] }> {
  const { runs, names, groups, backend, mapBackend, signal, comparison } = job;
  if (comparison.sameTrials !== false) checkSameData(runs, names, job.data !== undefined);
  const analyses = await openCompared(runs, names, {
    ...{ backend, mapBackend, signal },
    ...(job.data ? { data: job.data } : {}),
    ...(job.checkpoint === undefined ? {} : { checkpoint: job.checkpoint }),
    ...(job.loadTask ? { loadTask: job.loadTask } : {}),
  });
  try {
    const loaded = new Comparison();
    for (const [i, analysis] of analyses.entries()) loaded.load(analysis, { group: groups[i] ?? analysis.group, reference: i === job.reference });
    const summary = await loaded.regroup().summarise({ ...comparison, backend, signal });
    signal.throwIfAborted();
    return { summary, written: await writeComparison(job.storage, summary, job.png) };
  } finally {
    for (const analysis of analyses) if (analysis.kind === 'run') await analysis.dispose();
  }
}
