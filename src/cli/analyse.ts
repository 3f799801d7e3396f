// motorloop analyse: measures what the networks of a run do, of a directory or of a zip that the lab made: outputs, latents, fixed points, tangling, decoding.
import { type Command, InvalidArgumentError } from 'commander';
import type { ReportEnvironment } from '../analysis/summary-data.js';
import { type DynamicsOptions, type DynamicsPart, dynamicsParts } from '../analysis/dynamics.js';
import type { RunSummary } from '../analysis/summary-data.js';
import type { FixedPointMethod } from '../analysis/fixed-points/search-options.js';
import type { Backend } from '../backends/backend.js';
import { analyseExperiment, openMapBackend } from '../jobs/analyse.js';
import { openPng } from '../platform/png.js';
import type { CheckpointChoice } from '../runs/open-run.js';
import type { NoiseChoice, Phase } from '../analysis/analysis.js';
import { checkpointChoice, noiseChoice, phaseChoice, wordsAmong } from './analysis-options.js';
import { ConfigError } from '../errors.js';
import { absolutePath, importModule, readFileBytes } from '../platform/files.js';
import { hostFacts, nodeStorage } from '../platform/node.js';
import { outputColumns, styled } from '../platform/terminal.js';
import { findExperiment, type FoundExperiment } from '../runs/find-experiment.js';
import { machineText } from '../runs/manifest.js';
import { memoryStorage } from '../runs/memory-storage.js';
import { openRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { unpackZip, zipLimits } from '../runs/zip.js';
import { openBackend } from '../jobs/open-backend.js';
import { readRows } from '../jobs/run-rows.js';
import { runTable } from './run-table.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, list, wholeNumber } from './shared.js';

interface AnalyseOptions extends CommonOptions {
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
  readonly out?: string;
  readonly taskModule?: string;
  readonly noiseless?: boolean;
  readonly noise?: readonly string[];
  readonly checkpoint?: CheckpointChoice;
  readonly only?: readonly DynamicsPart[];
  readonly starts?: number;
  readonly inputs?: NonNullable<DynamicsOptions['inputs']>;
  readonly method?: FixedPointMethod;
  readonly iterations?: number;
  readonly phase?: Phase;
  readonly conditions?: readonly string[];
  readonly trialPhases?: readonly string[];
  readonly steps?: number;
  readonly basis?: 'last' | 'own';
  readonly seed?: number;
  readonly png: boolean;
}

export function register(program: Command): void {
  command(
    program,
    'analyse <run...>',
    'measures what the networks of a run do: outputs, latents, fixed points, tangling, decoding; writes analysis.json, report.html, arrays, figures and tables; RUN is a directory or a zip',
  )
    .option('--noiseless', 'without noise of any kind (default: noise as in training)')
    .option(
      '--noise <source=value>',
      'one source of noise: input=0, input=0.3, initial=0, state=0, vision=0, proprioception=0, action=0; may be repeated',
      list,
    )
    .option('--checkpoint <which>', 'last, best, or the number of an epoch that was kept (default: last)', checkpointChoice)
    .option(
      '--only <parts>',
      `of the dynamics only these, joined by commas: ${dynamicsParts.join(', ')} (default: the first three; the others take long)`,
      wordsAmong(dynamicsParts),
    )
    .option('--starts <n>', 'fixed points: samples of the latents to start from (default: 1024)', wholeNumber(1))
    .option(
      '--inputs <which>',
      'fixed points: zeros, mean, data (that of each sample), or numbers like 0.1,0,0 (default: zeros; mean where a body moves)',
      heldInputs,
    )
    .option('--method <name>', 'fixed points: levenberg-marquardt, ctdb or golub-sussillo (default: levenberg-marquardt)', searchMethod)
    .option('--iterations <n>', "fixed points: most iterations (default: the method's)", wholeNumber(1))
    .option('--phase <which>', 'fixed points: trials to sample, all, train or validation (default: validation)', phaseChoice)
    .option('--conditions <names>', 'phases: conditions (tasks of a battery), joined by commas (default: MemoryPro,MemoryAnti, else the first two)', names)
    .option('--trial-phases <names>', 'phases: phases of the trials, joined by commas (default: all)', names)
    .option('--steps <n>', 'phases: inputs on the way from one phase or condition to the next (default: 10)', wholeNumber(2))
    .option('--basis <which>', 'epochs: axes of the latents, last (those of the analysed checkpoint for all) or own (default: last)', basisChoice)
    .option('--seed <n>', 'fixed points: seed of the samples (default: 0)', wholeNumber(0))
    .option('--backend <name>', 'where kernels run, as for run', 'auto')
    .option('--variant <name>', "a variant of the backend (default: the backend's own)")
    .option('--threads <n>', 'threads of the backend (default: all cores)', wholeNumber(1))
    .option('--out <dir>', 'write there instead, new or empty (default: into the run; of NAME.zip, into NAME)')
    .option('--no-png', 'figures as SVG only')
    .option('--task-module <file>', "JavaScript module of a task of one's own; runs do not hold it")
    .action(action(analyse));
}

function basisChoice(text: string): 'last' | 'own' {
  if (text !== 'last' && text !== 'own') throw new InvalidArgumentError(`expected last or own, got "${text}".`);
  return text;
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim());

const methods: readonly FixedPointMethod[] = ['levenberg-marquardt', 'ctdb', 'golub-sussillo'];

function searchMethod(text: string): FixedPointMethod {
  const method = methods.find((name) => name === text);
  if (!method) throw new InvalidArgumentError(`expected ${methods.join(', ')}, got "${text}".`);
  return method;
}

/** Zeros, mean, data, or numbers joined by commas. */
function heldInputs(text: string): NonNullable<DynamicsOptions['inputs']> {
  if (text === 'zeros' || text === 'mean' || text === 'data') return text;
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) throw new InvalidArgumentError(`expected zeros, mean, data, or numbers joined by commas, got "${text}".`);
  return numbers;
}

async function analyse(runs: readonly string[], options: AnalyseOptions, context: CommandContext): Promise<number> {
  if (options.out !== undefined && runs.length > 1)
    throw new ConfigError('--out', [`expected one run when --out is given, got ${runs.length}; name them one by one`]);
  const noise = noiseChoice(options.noiseless, options.noise);
  // Everything is looked at before anything is written or measured.
  const opened = [];
  for (const run of runs) opened.push(await open(run, options));
  const backend = await openBackend(options.backend, options);
  const analyses: object[] = [];
  let mapBackend = backend;
  try {
    const { name, variant, reason } = backend.description;
    context.print(`backend ${name}, ${variant}: ${reason}`);
    mapBackend = await openMapBackend(backend, options.threads);
    if (mapBackend !== backend) context.print(`fixed points run on ${mapBackend.description.name}: they need f64, which ${name} does not have`);
    for (const run of opened) analyses.push(await analyseOne(run, { backend, mapBackend, noise }, options, context));
  } catch (error) {
    if (!context.signal.aborted) throw error;
    context.warn('stopped before the end: nothing more was written');
    return exitCodes.interrupted;
  } finally {
    if (mapBackend !== backend) await mapBackend.dispose();
    await backend.dispose();
  }
  await context.result({ analyses });
  return exitCodes.done;
}

/** A run that was named, and where its analysis goes. */
interface OpenedRun {
  readonly found: FoundExperiment;
  readonly target: string;
  /** Puts what was unpacked onto disk and returns where the analysis reads and writes. */
  settle(): Promise<FoundExperiment>;
}

async function open(run: string, { out, taskModule }: AnalyseOptions): Promise<OpenedRun> {
  const archive = await readFileBytes(run, zipLimits.bytes);
  const files = archive && unpackZip(archive, run);
  const found = await findExperiment(files ? memoryStorage(files, run) : nodeStorage(run));
  const { experiment, storage } = found;
  if (found.runs.length === 0) throw new ConfigError(run, [`expected at least one run that has begun, got none of ${experiment.name}`]);
  for (const path of found.runs) await openRun(storage, path);
  if (experiment.task.name === 'custom' && taskModule === undefined) {
    const { module } = experiment.task;
    throw new ConfigError(run, [
      `task.module: expected --task-module FILE for a task of one's own, got none; this run was made with ${JSON.stringify(module)}`,
    ]);
  }
  const target = out ?? (files ? run.replace(/(\.zip)?$/i, (ending) => (ending === '' ? '-run' : '')) : run);
  const disk = nodeStorage(target);
  const elsewhere = files !== null || out !== undefined;
  if (elsewhere && (await disk.list('')).length > 0)
    throw new ConfigError(target, ['expected a new or empty directory, got one that holds something; name another one with --out']);
  await disk.checkWritable?.();
  return {
    found,
    target,
    async settle() {
      if (!files) return elsewhere ? { ...found, storage: writingTo(disk, storage) } : found;
      for (const [path, data] of files) await disk.write(path, data);
      return findExperiment(disk);
    },
  };
}

/** Writes to `target`, and reads what was written there; everything else is read from `source`. */
function writingTo(target: Storage, source: Storage): Storage {
  return {
    ...source,
    write: target.write,
    append: target.append,
    remove: target.remove,
    exists: async (path) => (await target.exists(path)) || source.exists(path),
    read: async (path) => ((await target.exists(path)) ? target.read(path) : source.read(path)),
    async list(path) {
      const written = await target.list(path);
      return written.length > 0 ? written : source.list(path);
    },
  };
}

interface Means {
  readonly backend: Backend;
  readonly mapBackend: Backend;
  readonly noise: NoiseChoice;
}

async function analyseOne(opened: OpenedRun, { backend, mapBackend, noise }: Means, options: AnalyseOptions, context: CommandContext): Promise<object> {
  const { target } = opened;
  const { taskModule, checkpoint, only, starts, inputs, method, iterations, phase, seed } = options;
  const { storage, experiment, runs } = await opened.settle();
  context.print(`${experiment.name}, ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, into ${target}`);
  const png = options.png ? await openPng() : null;
  const { summary, movements, figures, tables } = await analyseExperiment({
    ...{ storage, experiment, backend, mapBackend, noise },
    signal: context.signal,
    environment: await environmentOf(storage, runs),
    png: typeof png === 'string' ? null : png,
    onProgress: (line) => context.progress.update(line),
    dynamics: {
      ...(only === undefined ? {} : { only }),
      ...(starts === undefined ? {} : { starts }),
      ...(inputs === undefined ? {} : { inputs }),
      ...(method === undefined ? {} : { method }),
      ...(iterations === undefined ? {} : { maxIterations: iterations }),
      ...(phase === undefined ? {} : { phase }),
      ...(seed === undefined ? {} : { seed }),
      phases: { conditions: options.conditions, trialPhases: options.trialPhases, steps: options.steps },
      basis: options.basis,
    },
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(taskModule === undefined ? {} : { loadTask: () => importModule(taskModule, '.') }),
  });
  const rows = await readRows(storage, experiment);
  for (const [index, line] of runTable(rows, outputColumns()).entries()) context.print(index === 0 ? styled('bold', line) : line);
  for (const run of summary.runs) printDynamics(run, context);
  for (const note of [...summary.notes, ...(typeof png === 'string' ? [png] : [])]) context.warn(note);
  const report = absolutePath(`${target}/report.html`);
  context.print(`${figures.length} files of figures and ${tables.length} tables beside it`);
  context.print(`report: ${styled('cyan', report)}`);
  const absolute = (paths: readonly string[]) => paths.map((name) => absolutePath(`${target}/${name}`));
  return {
    experiment: experiment.name,
    directory: absolutePath(target),
    backend: backend.description,
    noise: summary.noise,
    runs: rows,
    report,
    movements: absolute(movements),
    figures: absolute(figures),
    tables: absolute(tables),
    similarity: summary.similarity,
    dynamics: summary.runs.map(({ path, dynamics }) => ({ path, ...dynamics })),
    notes: summary.notes,
  };
}

/** Counts of fixed points, each with its name: none is the number of another. */
function printDynamics({ model, seed, dynamics }: RunSummary, context: CommandContext): void {
  const found = dynamics?.fixedPoints;
  if (found) {
    const { starts, seeded, converged, unique, stable, uniqueSlow, byIndex } = found.counts;
    const kinds = byIndex.map((count, directions) => `${directions}: ${count}`).join(', ');
    context.print(
      `${model}, seed ${seed}: fixed points ${unique} (stable ${stable}; by unstable directions ${kinds || 'none'}), slow points ${uniqueSlow}; of ${starts} starts, ${seeded} of them between stable points, ${converged} converged; input: ${found.input}`,
    );
  }
  for (const { condition, phase, unique, stable } of dynamics?.phases?.parts ?? [])
    context.print(`${model}, seed ${seed}: ${condition}, ${phase}: fixed points ${unique} (stable ${stable})`);
  for (const { epoch, explained, fixedPoints } of dynamics?.epochs?.epochs ?? [])
    context.print(
      `${model}, seed ${seed}: epoch ${epoch}: ${(100 * explained).toFixed(0)} % of the variance on the axes${fixedPoints ? `; fixed points ${fixedPoints.unique} (stable ${fixedPoints.stable})` : ''}`,
    );
  for (const { from, to, changes } of dynamics?.phases?.ways ?? []) {
    const count = (kind: string) => changes.filter((change) => change.kind === kind).length;
    context.print(
      `${model}, seed ${seed}: from ${from} to ${to}: ${count('appears')} appear, ${count('vanishes')} vanish, ${count('changes stability')} change stability`,
    );
  }
  for (const note of dynamics?.notes ?? []) context.print(`${model}, seed ${seed}: ${note}`);
}

/**
 * What the report says of program and machine: those that trained. The command is made here, never taken from the run: it may come from anyone.
 */
async function environmentOf(storage: Storage, runs: readonly string[]): Promise<ReportEnvironment> {
  const { manifest } = await openRun(storage, runs[0] as string);
  const host = manifest.host ?? (await hostFacts());
  const text = (fact: unknown): string => String(fact).slice(0, 200);
  const { name, variant } = manifest.backend;
  const plain = [name, variant].every((word) => /^[a-z0-9-]{1,30}$/.test(word));
  return {
    version: text(host.version),
    commit: host.commit === null ? null : text(host.commit),
    runtime: text(host.runtime),
    machine: text(machineText(host)),
    command: manifest.imported !== undefined ? null : `motorloop run experiment.json${plain ? ` --backend ${name} --variant ${variant}` : ''}`,
    date: manifest.started.slice(0, 10),
  };
}
