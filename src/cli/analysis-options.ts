// What commands about trained networks share: which noise, which checkpoint, which trials, which backend; and opening their runs.
import { type Command, InvalidArgumentError } from 'commander';
import type { NoiseChoice, Phase } from '../analysis/analysis.js';
import { resolveNoise } from '../analysis/noise-choice.js';
import { openAnalyses, type OpenAnalysisOptions } from '../analysis/open-analysis.js';
import type { RunAnalysis } from '../analysis/run-analysis.js';
import { ConfigError } from '../errors.js';
import { importModule, readFileBytes } from '../platform/files.js';
import { nodeStorage } from '../platform/node.js';
import { memoryStorage } from '../runs/memory-storage.js';
import type { CheckpointChoice } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { unpackZip, zipLimits } from '../runs/zip.js';
import { type CommandContext, list, wholeNumber } from './shared.js';

/** Options of every command that rolls trained networks out. */
export interface NetworkOptions {
  readonly noiseless?: boolean;
  readonly noise?: readonly string[];
  readonly checkpoint?: CheckpointChoice;
  readonly taskModule?: string;
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
}

/** Adds them. */
export function networkOptions(command: Command): Command {
  return command
    .option('--noiseless', 'without noise of any kind (default: noise as in training)')
    .option('--noise <source=value>', 'one source of noise, as for analyse; may be repeated', list)
    .option('--checkpoint <which>', 'last, best, or the number of an epoch that was kept (default: last)', checkpointChoice)
    .option('--task-module <file>', "JavaScript module of a task of one's own; runs do not hold it")
    .option('--backend <name>', 'where kernels run, as for run', 'auto')
    .option('--variant <name>', "a variant of the backend (default: the backend's own)")
    .option('--threads <n>', 'threads of the backend (default: all cores)', wholeNumber(1));
}

/** A directory, or what a zip holds. */
export async function openSource(run: string): Promise<{ readonly source: Storage; readonly zipped: boolean }> {
  const archive = await readFileBytes(run, zipLimits.bytes);
  return { source: archive ? memoryStorage(unpackZip(archive, run), run) : nodeStorage(run), zipped: archive !== null };
}

/** The runs of a source, to be rolled out on a backend. */
export function openRuns(
  source: Storage,
  { checkpoint, taskModule }: NetworkOptions,
  context: CommandContext,
  more: Pick<OpenAnalysisOptions, 'backend' | 'data'>,
): Promise<RunAnalysis[]> {
  return openAnalyses(source, {
    ...more,
    signal: context.signal,
    onProgress: (done, of) => context.progress.update(`rolling out: ${done} of ${of} trials`),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(taskModule === undefined ? {} : { loadTask: () => importModule(taskModule, '.') }),
  });
}

/** Option parser: `last`, `best`, or the number of an epoch. */
export function checkpointChoice(text: string): CheckpointChoice {
  if (text === 'last' || text === 'best') return text;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected last, best or the number of an epoch, got "${text}".`);
  return wholeNumber(1)(text);
}

/** Option parser: all, train, validation or val. */
export function phaseChoice(text: string): Phase {
  if (text === 'val') return 'validation';
  if (text !== 'all' && text !== 'train' && text !== 'validation') throw new InvalidArgumentError(`expected all, train or validation, got "${text}".`);
  return text;
}

/** Option parser of a list of words, each among those known. */
export function wordsAmong<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) => {
    const words = text.split(',').map((word) => word.trim());
    const bad = words.find((word) => !(known as readonly string[]).includes(word));
    if (bad !== undefined) throw new InvalidArgumentError(`expected some of ${known.join(', ')}, joined by commas, got "${bad}".`);
    return [...new Set(words)] as T[];
  };
}

/** The choice that `--noiseless` and the entries of `--noise`, `SOURCE=0` or `input=0.3`, come to. Throws ConfigError that names every bad entry. */
export function noiseChoice(noiseless: boolean | undefined, entries: readonly string[] = []): NoiseChoice {
  const sources: Record<string, number | boolean> = {};
  for (const entry of entries.flatMap((text) => text.split(','))) {
    const match = /^\s*([a-z]+)\s*=\s*(on|off|\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/i.exec(entry);
    if (!match) throw new ConfigError('--noise', [`expected SOURCE=0, SOURCE=on or input=NUMBER, got ${JSON.stringify(entry.slice(0, 60))}`]);
    const [, name, value] = match as unknown as [string, string, string];
    sources[name] = value === 'on' ? true : value === 'off' ? false : Number(value);
  }
  const choice: NoiseChoice = { noiseless: noiseless ?? false, sources };
  try {
    resolveNoise(choice);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError('--noise', error.problems);
    throw error;
  }
  return choice;
}
