// What `compare` is given: runs, experiments' directories, archives, arrays from elsewhere; opened as analyses with names of their own.
import { type ExternalAnalysis, isExternalAnalysis, openExternalAnalysis } from '../analysis/external-analysis.js';
import { openAnalysis, type OpenAnalysisOptions } from '../analysis/open-analysis.js';
import type { RunAnalysis } from '../analysis/run-analysis.js';
import { experimentRuns } from '../config/train.js';
import { ConfigError } from '../errors.js';
import { describeInterventions } from '../interventions/describe.js';
import { differences } from '../runs/difference.js';
import { findExperiment, type FoundExperiment } from '../runs/find-experiment.js';
import { openRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';

/** Something that was named, where its files are, and a path that tells whether two names mean the same. */
export interface NamedSource {
  readonly given: string;
  readonly storage: Storage;
  /** Absolute path, with `/`. */
  readonly absolute: string;
}

/** One network (or set of arrays) among those that were named. */
export interface ComparedRun {
  readonly source: NamedSource;
  /** Absolute path of the run. */
  readonly absolute: string;
  readonly run: { readonly found: FoundExperiment; readonly path: string; readonly model: string; readonly seed: number } | null;
  readonly external: ExternalAnalysis | null;
}

/** Whether a name means this run: its path, a path above it, the archive that it is in, or what it is called. */
export function isMeant({ absolute, run, external }: ComparedRun, given: string, givenPath: string): boolean {
  return absolute === givenPath || absolute.startsWith(`${givenPath}/`) || given === external?.name || given === (run && runName(run));
}

const runName = ({ model, seed }: { readonly model: string; readonly seed: number }) => `${model}, seed ${seed}`;

/** All networks that one name leads to. Throws RunFormatError or ConfigError when it is nothing that can be compared. */
export async function findCompared(source: NamedSource, checkpoint: OpenAnalysisOptions['checkpoint'] = 'last'): Promise<ComparedRun[]> {
  const { storage, absolute, given } = source;
  if (await isExternalAnalysis(storage)) return [{ source, absolute, run: null, external: await openExternalAnalysis(storage) }];
  const found = await findExperiment(storage);
  const single = await storage.exists('manifest.json');
  const runs: ComparedRun[] = [];
  const without: string[] = [];
  for (const { identity } of experimentRuns(found.experiment)) {
    const { path, model, seed } = identity;
    if (!found.runs.includes(path)) continue;
    if ((await openRun(found.storage, path)).checkpoints.includes(checkpoint))
      runs.push({ source, absolute: single ? absolute : `${absolute}/${path}`, run: { found, path, model, seed }, external: null });
    else without.push(path);
  }
  if (runs.length > 0) return runs;
  const got = without.length > 0 ? `${without.join(', ')} without one; has an epoch been finished?` : 'none that has begun';
  throw new ConfigError(given, [`expected at least one run with a checkpoint "${checkpoint}", got ${got}`]);
}

/** Last name of a path, without the ending of an archive. */
const baseName = (given: string) =>
  given
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/\.zip$/i, '');

/**
 * A name for each: `MODEL, seed N` where that is enough, else the name of its directory, with the run where that holds several, else the path as given.
 * Throws ConfigError when a run was named twice.
 */
export function comparedNames(runs: readonly ComparedRun[]): string[] {
  const twice = runs.filter((run, i) => runs.findIndex(({ absolute }) => absolute === run.absolute) < i);
  if (twice.length > 0) throw new ConfigError('compare', [...new Set(twice.map(({ absolute }) => `expected each run once, got ${absolute} twice`))]);
  const alone = (run: ComparedRun) => runs.filter(({ source }) => source === run.source).length === 1;
  const inner = ({ run, external }: ComparedRun) => (run ? runName(run) : (external as ExternalAnalysis).name);
  const whole = (run: ComparedRun) => !run.run || run.absolute !== run.source.absolute;
  const levels: ((run: ComparedRun) => string)[] = [
    inner,
    (run) => (alone(run) && whole(run) ? baseName(run.source.given) : `${baseName(run.source.given)}: ${inner(run)}`),
    (run) => (alone(run) ? run.source.given : `${run.source.given}: ${inner(run)}`),
    ({ absolute }) => absolute,
  ];
  let names = runs.map(levels[0] as (run: ComparedRun) => string);
  for (const level of levels.slice(1)) {
    const taken = new Set(names.filter((name, i) => names.indexOf(name) < i));
    names = names.map((name, i) => (taken.has(name) ? level(runs[i] as ComparedRun) : name));
  }
  return names;
}

/**
 * Throws ConfigError, naming every difference, unless all runs have the task and the data of the first: only then are their trials the same. `anyData`:
 * the data are made anew for all, so that only the tasks must agree.
 */
export function checkSameData(runs: readonly ComparedRun[], names: readonly string[], anyData: boolean): void {
  const experiments = runs.map(({ run }) => run?.found.experiment);
  const first = experiments.findIndex((experiment) => experiment !== undefined);
  if (first < 0) return;
  const of = (i: number) => ({ task: experiments[i]?.task, ...(anyData ? {} : { data: experiments[i]?.data }) });
  const problems = experiments.flatMap((experiment, i) => {
    const all = experiment ? differences(of(first), of(i)) : [];
    // parameters of different tasks have nothing to do with each other
    const named = all.filter(({ path }) => path === 'task.name');
    const differing = named.length > 0 ? named : all;
    if (differing.length === 0) return [];
    const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
    const done = [first, i].map((at) => describeInterventions(experiments[at]?.interventions));
    const lines = differing.map(({ path, was, is }) => `${path} is ${text(is)}, not ${text(was)} as in ${names[first]}`);
    if (done[0] !== done[1]) lines.push(`interventions are ${done[1]}, not ${done[0]}`);
    return [`${names[i]}: ${lines.join('; ')}`];
  });
  if (problems.length === 0) return;
  throw new ConfigError('compare', [
    ...problems.map((problem) => `expected runs on the same trials, got ${problem}`),
    `--data-seed N rolls all of them out on one data set, where the task is the same; --dsa-only compares what needs no common trials: DSA, dimensions and counts of fixed points`,
  ]);
}

/** Opens what was found under the names chosen. */
export async function openCompared(
  runs: readonly ComparedRun[],
  names: readonly string[],
  options: Omit<OpenAnalysisOptions, 'run' | 'name' | 'group'>,
): Promise<(RunAnalysis | ExternalAnalysis)[]> {
  const opened: (RunAnalysis | ExternalAnalysis)[] = [];
  for (const [i, { run, external, source }] of runs.entries()) {
    const name = names[i] as string;
    opened.push(run ? await openAnalysis(source.storage, { ...options, run: run.path, name }) : { ...(external as ExternalAnalysis), name });
  }
  return opened;
}
