// motorloop compare: holds networks against each other and against a reference, and writes tables, arrays and a page into a directory of its own.
import { InvalidArgumentError, type Command } from 'commander';
import type { ComparisonSummary } from '../analysis/comparison-data.js';
import type { ReportEnvironment } from '../analysis/summary-data.js';
import { ConfigError } from '../errors.js';
import { openMapBackend } from '../jobs/analyse.js';
import { compareRuns } from '../jobs/compare.js';
import { type ComparedRun, comparedNames, findCompared, isMeant, type NamedSource } from '../jobs/compared-runs.js';
import { openDsaWorkers } from '../jobs/dsa-workers.js';
import { openBackend } from '../jobs/open-backend.js';
import { table } from '../jobs/table.js';
import { absolutePath, importModule, readFileBytes } from '../platform/files.js';
import { hostFacts, nodeStorage } from '../platform/node.js';
import { openPng } from '../platform/png.js';
import { outputColumns, styled } from '../platform/terminal.js';
import { machineText } from '../runs/manifest.js';
import { memoryStorage } from '../runs/memory-storage.js';
import type { CheckpointChoice } from '../runs/open-run.js';
import { unpackZip, zipLimits } from '../runs/zip.js';
import { checkpointChoice, noiseChoice } from './analysis-options.js';
import { freshDirectory } from './fresh-directory.js';
import { duration } from './numbers.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, list, wholeNumber } from './shared.js';

type Metric = 'angular' | 'euclidean' | 'wasserstein';

interface CompareOptions extends CommonOptions {
  readonly reference?: string;
  readonly group?: readonly string[];
  readonly noiseless?: boolean;
  readonly noise?: readonly string[];
  readonly checkpoint?: CheckpointChoice;
  readonly dataSeed?: number;
  readonly trials?: number;
  readonly dsa: boolean;
  readonly dsaOnly?: boolean;
  readonly dsaDelays: number;
  readonly dsaRank?: number;
  readonly dsaPercent: number;
  readonly dsaMetric: Metric;
  readonly fixedPoints: boolean;
  readonly starts: number;
  readonly png: boolean;
  readonly out?: string;
  readonly taskModule?: string;
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
}

export function register(program: Command): void {
  command(
    program,
    'compare <run...>',
    'compares networks: state R² both ways, DSA, trajectories and fixed points in one space; RUN is a run, an experiment, a zip, or imported arrays',
  )
    .option('--reference <run>', 'the one that all others are held against: a path, or a name as the table has it (default: the first)')
    .option('--group <name=run...>', 'puts runs into a group; may be repeated; groups are sorted by name')
    .option('--noiseless', 'latents without noise of any kind (default: noise as in training)')
    .option('--noise <source=value>', 'one source of noise: input=0, input=0.3, initial=0, state=0, …; may be repeated', list)
    .option('--checkpoint <which>', 'last, best, or the number of an epoch that was kept (default: last)', checkpointChoice)
    .option('--data-seed <n>', 'rolls runs out on a data set made with this seed, instead of the one they were trained on', wholeNumber(0))
    .option('--trials <n>', 'trials of that data set (default: as many as they were trained on)', wholeNumber(2))
    .option('--dsa-delays <n>', 'DSA: delays of the embedding', wholeNumber(1), 20)
    .option('--dsa-rank <n>', 'DSA: rank of the operators (default: 50, or what a small network has)', wholeNumber(1))
    .option('--dsa-percent <p>', 'DSA: percent of the validation trials, at least two of them', percent, 1)
    .option('--dsa-metric <name>', 'DSA: angular, euclidean or wasserstein', metric, 'angular')
    .option('--no-dsa', 'leaves DSA out')
    .option('--dsa-only', 'only what needs no common trials: DSA, dimensions, counts of fixed points')
    .option('--no-fixed-points', 'leaves fixed points out')
    .option('--starts <n>', 'starts of each search for fixed points', wholeNumber(1), 1024)
    .option('--no-png', 'figures as SVG only')
    .option('--out <dir>', 'where to write, new or empty (default: runs/DATE-TIME_compare)')
    .option('--task-module <file>', "JavaScript module of a task of one's own; runs do not hold it")
    .option('--backend <name>', 'where kernels run, as for run', 'auto')
    .option('--variant <name>', "a variant of the backend (default: the backend's own)")
    .option('--threads <n>', 'threads of the backend and of DSA (default: all cores)', wholeNumber(1))
    .action(action(compare));
}

function percent(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= 100)) throw new InvalidArgumentError(`expected a number above 0 and up to 100, got "${text}".`);
  return value;
}

function metric(text: string): Metric {
  if (text !== 'angular' && text !== 'euclidean' && text !== 'wasserstein')
    throw new InvalidArgumentError(`expected angular, euclidean or wasserstein, got "${text}".`);
  return text;
}

async function compare(given: readonly string[], options: CompareOptions, context: CommandContext): Promise<number> {
  const began = performance.now();
  if (!options.dsa && options.dsaOnly) throw new ConfigError('--dsa-only', ['expected DSA with it, got --no-dsa as well']);
  const out = options.out ?? (await freshDirectory('compare'));
  const storage = nodeStorage(out);
  // Everything is looked at before anything is written or measured.
  if ((await storage.list('')).length > 0)
    throw new ConfigError(out, ['expected a new or empty directory, got one that holds something; name another one with --out']);
  const noise = noiseChoice(options.noiseless, options.noise);
  const groups = parseGroups(options.group ?? []);
  const runs = await findAll(given, groups, options);
  const names = comparedNames(runs);
  if (runs.length < 2) throw new ConfigError('compare', [`expected two runs or more, got ${names.join(', ')}`]);
  const reference = referenceOf(runs, names, options.reference);
  await storage.checkWritable?.();
  const backend = await openBackend(options.backend, options);
  let mapBackend = backend;
  const workers = options.dsa ? openDsaWorkers(options.threads) : null;
  try {
    const { name, variant, reason } = backend.description;
    context.print(`backend ${name}, ${variant}: ${reason}`);
    context.print(`${runs.length} networks, reference ${names[reference]}, into ${out}`);
    if (options.fixedPoints) mapBackend = await openMapBackend(backend, options.threads);
    if (mapBackend !== backend) context.print(`fixed points run on ${mapBackend.description.name}: they need f64, which ${name} does not have`);
    const png = options.png ? await openPng() : null;
    if (typeof png === 'string') context.warn(png);
    const { taskModule, dataSeed, trials } = options;
    const { summary, written } = await compareRuns({
      ...{ runs, names, reference, backend, mapBackend, storage, signal: context.signal, png: typeof png === 'string' ? null : png },
      groups: runs.map((run) => groups.find((group) => group.members.some((member) => isMeant(run, member, plainPath(member))))?.name ?? null),
      ...(dataSeed === undefined && trials === undefined
        ? {}
        : { data: { ...(dataSeed === undefined ? {} : { seed: dataSeed }), ...(trials === undefined ? {} : { trials }) } }),
      ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
      ...(taskModule === undefined ? {} : { loadTask: () => importModule(taskModule, '.') }),
      comparison: {
        environment: await environmentOf(given, options),
        noise,
        sameTrials: options.dsaOnly !== true,
        dsa: options.dsa
          ? {
              ...{ delays: options.dsaDelays, fraction: options.dsaPercent / 100, metric: options.dsaMetric },
              ...(workers ? { workers } : {}),
              ...(options.dsaRank === undefined ? {} : { rank: options.dsaRank }),
            }
          : null,
        fixedPoints: options.fixedPoints ? { count: options.starts } : null,
        onProgress: (what, share) => context.progress.update(`comparing, ${what}: ${Math.round(100 * share)}%`),
      },
    });
    for (const [index, line] of summaryTable(summary, outputColumns()).entries()) context.print(index === 0 ? styled('bold', line) : line);
    for (const note of summary.notes) context.warn(note);
    const page = absolutePath(`${out}/comparison.html`);
    context.print(`done in ${duration((performance.now() - began) / 1000)}; open the page: ${styled('cyan', page)}`);
    await context.result({ directory: absolutePath(out), backend: backend.description, page, files: written, summary });
    return exitCodes.done;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    context.warn('stopped; nothing was written');
    return exitCodes.interrupted;
  } finally {
    await workers?.close();
    if (mapBackend !== backend) await mapBackend.dispose();
    await backend.dispose();
  }
}

interface Group {
  readonly name: string;
  readonly members: readonly string[];
}

/** `NAME=RUN RUN …`, flattened by the option parser: a word with a name before its `=` opens a group, others join the last one. */
function parseGroups(words: readonly string[]): Group[] {
  const groups: { name: string; members: string[] }[] = [];
  for (const word of words) {
    const [, name, run] = /^([^/\\=]+)=(.+)$/.exec(word) ?? [];
    if (name !== undefined && run !== undefined) groups.push({ name, members: [run] });
    else if (groups.length === 0) throw new ConfigError('--group', [`expected NAME=RUN, got ${JSON.stringify(word)}`]);
    else groups.at(-1)?.members.push(word);
  }
  return groups;
}

/** The runs that were named, then those that only a group or --reference names. */
async function findAll(given: readonly string[], groups: readonly Group[], { reference, checkpoint }: CompareOptions): Promise<ComparedRun[]> {
  const runs: ComparedRun[] = [];
  for (const name of given) runs.push(...(await findCompared(await openSource(name), checkpoint)));
  for (const name of [...groups.flatMap(({ members }) => members), ...(reference === undefined ? [] : [reference])]) {
    if (runs.some((run) => isMeant(run, name, plainPath(name))) || comparedNames(runs).includes(name)) continue;
    runs.push(...(await findCompared(await openSource(name), checkpoint)));
  }
  return runs;
}

/** An absolute path with `/`, whatever the system writes. */
const plainPath = (path: string) => absolutePath(path).replaceAll('\\', '/');

async function openSource(given: string): Promise<NamedSource> {
  const archive = await readFileBytes(given, zipLimits.bytes);
  const storage = archive ? memoryStorage(unpackZip(archive, given), given) : nodeStorage(given);
  return { given, storage, absolute: plainPath(given) };
}

function referenceOf(runs: readonly ComparedRun[], names: readonly string[], reference: string | undefined): number {
  if (reference === undefined) return 0;
  const named = names.indexOf(reference);
  if (named >= 0) return named;
  const meant = runs.flatMap((run, i) => (isMeant(run, reference, plainPath(reference)) ? [i] : []));
  if (meant.length === 1) return meant[0] as number;
  throw new ConfigError('--reference', [
    `expected one run, got ${reference}, which are ${meant.length}: ${meant.map((i) => names[i]).join(', ')}; name one of them`,
  ]);
}

async function environmentOf(given: readonly string[], options: CompareOptions): Promise<ReportEnvironment> {
  const host = await hostFacts();
  const quote = (word: string) => (/^[\w./=+,:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  const words = [
    ...given,
    ...(options.group && options.group.length > 0 ? ['--group', ...options.group] : []),
    ...(options.reference === undefined ? [] : ['--reference', options.reference]),
    ...(options.noiseless ? ['--noiseless'] : []),
    ...(options.noise ?? []).flatMap((entry) => ['--noise', entry]),
    ...(options.checkpoint === undefined ? [] : ['--checkpoint', String(options.checkpoint)]),
    ...(options.dataSeed === undefined ? [] : ['--data-seed', String(options.dataSeed)]),
    ...(options.trials === undefined ? [] : ['--trials', String(options.trials)]),
    ...(options.dsa
      ? [
          '--dsa-delays',
          String(options.dsaDelays),
          '--dsa-rank',
          String(options.dsaRank),
          '--dsa-percent',
          String(options.dsaPercent),
          '--dsa-metric',
          options.dsaMetric,
        ]
      : ['--no-dsa']),
    ...(options.dsaOnly ? ['--dsa-only'] : []),
    ...(options.fixedPoints ? ['--starts', String(options.starts)] : ['--no-fixed-points']),
  ];
  return {
    ...{ version: host.version, commit: host.commit, runtime: host.runtime, machine: machineText(host) },
    command: `motorloop compare ${words.map(quote).join(' ')}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** One row a network: both directions of R² side by side, DSA, fixed points. What has no number in any row is left out, then what does not fit. */
function summaryTable(summary: ComparisonSummary, width: number): string[] {
  const { analyses, againstReference, dsa, reference } = summary;
  const number = (value: number | null | undefined, digits = 3) => (value === null || value === undefined ? '' : value.toFixed(digits));
  const columns: Record<string, (i: number) => string> = {
    network: (i) => `${analyses[i]?.name}${i === reference ? ' (reference)' : ''}`,
    group: (i) => (analyses.some(({ group }) => group !== 'None') ? (analyses[i]?.group ?? '') : ''),
    loss: (i) => number(analyses[i]?.loss, 4),
    'R² from ref.': (i) => number(againstReference.stateR2[i]),
    'R² to ref.': (i) => number(againstReference.reconstructionR2[i]),
    CCA: (i) => number(summary.cca[i]?.[reference]),
    Procrustes: (i) => number(summary.procrustes[i]?.[reference]),
    DSA: (i) => number(dsa?.scores[i]?.[reference]),
    '± DSA': (i) => number(dsa?.spread[i]?.[reference], 4),
    'rate R²': (i) => number(againstReference.rateR2[i]),
    'input R²': (i) => number(againstReference.inputR2[i]),
    'cycle con.': (i) => number(againstReference.cycleConsistency[i]),
    stable: (i) => number(analyses[i]?.fixedPoints?.stable, 0),
    'fixed points': (i) => number(analyses[i]?.fixedPoints?.unique, 0),
  };
  for (const [name, cell] of Object.entries(columns)) if (analyses.every((_, i) => cell(i) === '')) delete columns[name];
  const render = () => {
    const header = Object.keys(columns);
    return table(
      header,
      analyses.map((_, i) => Object.values(columns).map((cell) => cell(i))),
      header.slice(1).filter((name) => name !== 'group'),
    );
  };
  let lines = render();
  for (const name of ['± DSA', 'input R²', 'fixed points', 'Procrustes', 'CCA', 'cycle con.', 'rate R²', 'group']) {
    if (lines.every((line) => [...line].length <= width)) break;
    delete columns[name];
    lines = render();
  }
  return lines;
}
