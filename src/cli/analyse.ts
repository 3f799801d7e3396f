// motorloop analyse: measures again what the networks of a run do, of a directory or of a zip that the lab made, and writes analysis and report into it.
import type { Command } from 'commander';
import type { ReportEnvironment } from '../analysis/summary-data.js';
import type { Backend } from '../backends/backend.js';
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
import { action, type CommandContext, type CommonOptions, command, wholeNumber } from './shared.js';

interface AnalyseOptions extends CommonOptions {
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
  readonly out?: string;
  readonly taskModule?: string;
}

export function register(program: Command): void {
  command(program, 'analyse <run...>', 'measures again what the networks of a run do: analysis.json, arrays and report.html; RUN is a directory or a zip')
    .option('--backend <name>', 'where kernels run, as for run', 'auto')
    .option('--variant <name>', "a variant of the backend (default: the backend's own)")
    .option('--threads <n>', 'threads of the backend (default: all cores)', wholeNumber(1))
    .option('--out <dir>', 'write there instead, new or empty (default: into the run; of NAME.zip, into NAME)')
    .option('--task-module <file>', "JavaScript module of a task of one's own; runs do not hold it")
    .action(action(analyse));
}

async function analyse(runs: readonly string[], options: AnalyseOptions, context: CommandContext): Promise<void> {
  if (options.out !== undefined && runs.length > 1)
    throw new ConfigError('--out', [`expected one run when --out is given, got ${runs.length}; name them one by one`]);
  // Everything is looked at before anything is written or measured.
  const opened = [];
  for (const run of runs) opened.push(await open(run, options));
  const backend = await openBackend(options.backend, options);
  const analyses: object[] = [];
  try {
    const { name, variant, reason } = backend.description;
    context.print(`backend ${name}, ${variant}: ${reason}`);
    for (const run of opened) analyses.push(await analyseOne(run, backend, options, context));
  } finally {
    await backend.dispose();
  }
  await context.result({ analyses });
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

/** Reads from `source`, writes to `target`. */
function writingTo(target: Storage, source: Storage): Storage {
  return { ...source, write: target.write, append: target.append, remove: target.remove };
}

async function analyseOne(opened: OpenedRun, backend: Backend, { taskModule }: AnalyseOptions, context: CommandContext): Promise<object> {
  const { target } = opened;
  const { storage, experiment, runs } = await opened.settle();
  context.print(`${experiment.name}, ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, into ${target}`);
  const { writeReport } = await import('../report/write-report.js');
  const { summary, movements } = await writeReport({
    storage,
    experiment,
    backend,
    signal: context.signal,
    environment: await environmentOf(storage, runs),
    onProgress: (share) => context.progress.update(`comparing the networks: ${Math.round(100 * share)}%`),
    ...(taskModule === undefined ? {} : { loadTask: () => importModule(taskModule, '.') }),
  });
  const rows = await readRows(storage, experiment);
  for (const [index, line] of runTable(rows, outputColumns()).entries()) context.print(index === 0 ? styled('bold', line) : line);
  for (const note of summary.notes) context.warn(note);
  const report = absolutePath(`${target}/report.html`);
  context.print(`report: ${styled('cyan', report)}`);
  return {
    experiment: experiment.name,
    directory: absolutePath(target),
    backend: backend.description,
    runs: rows,
    report,
    movements: movements.map((name) => absolutePath(`${target}/${name}`)),
    similarity: summary.similarity,
    notes: summary.notes,
  };
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
    command: `motorloop run experiment.json${plain ? ` --backend ${name} --variant ${variant}` : ''}`,
    date: manifest.started.slice(0, 10),
  };
}
