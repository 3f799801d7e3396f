// Evaluates trained networks in a changed environment and writes the result: what `motorloop evaluate` does, whoever starts it.
import { evaluateRun, type EvaluateRunOptions, type RunEvaluation } from '../analysis/evaluation.js';
import type { EvaluationSummary } from '../analysis/evaluation-data.js';
import { ConfigError } from '../errors.js';
import { writeEvaluation } from '../report/evaluation-files.js';
import type { PngRenderer } from '../report/export-figures.js';
import type { Storage } from '../runs/storage.js';

export interface EvaluateJob extends EvaluateRunOptions {
  /** The run or experiment's directory. */
  readonly storage: Storage;
  /** Where to write, from the name of the evaluation: new or empty. */
  readonly target: (name: string) => Promise<Storage>;
  /** Null: figures as SVG only. */
  readonly png: PngRenderer | null;
}

/** Measures, then writes. Throws what `evaluateRun` and the storages throw, and ConfigError when the target holds something. */
export async function evaluateAndWrite({ storage, target, png, ...options }: EvaluateJob): Promise<{ summary: EvaluationSummary; written: string[] }> {
  const evaluation: RunEvaluation = await evaluateRun(storage, options);
  const folder = await target(evaluation.summary.name);
  if ((await folder.list('')).length > 0) throw occupied(folder);
  return { summary: evaluation.summary, written: await writeEvaluation(folder, evaluation, png) };
}

/** What to say of a directory that is not overwritten. */
export function occupied({ location }: Storage): ConfigError {
  return new ConfigError(location, ['expected a new or empty directory, got one that holds something; name another one with --name or --out']);
}
