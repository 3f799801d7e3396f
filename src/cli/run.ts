// motorloop run: trains every model of an experiment, writes the run directories, compares the networks, writes the report.
import type { Command } from 'commander';
import type { Backend, BackendDescription } from '../backends/backend.js';
import type { JobEvent } from '../browser/protocol.js';
import type { Experiment } from '../config/experiment.js';
import { parseExperiments } from '../config/experiment.js';
import { setOption } from '../config/overrides.js';
import { experimentRuns } from '../config/train.js';
import { applyOverrides, parseYaml } from '../config/yaml.js';
import { ConfigError } from '../errors.js';
import { absolutePath, folderOf, importModule, readTextFile } from '../platform/files.js';
import { hostFacts, nodeStorage } from '../platform/node.js';
import { outputColumns, styled } from '../platform/terminal.js';
import { openRunBackend } from '../jobs/open-backend.js';
import { type ExperimentResult, runExperiment } from '../jobs/run-experiment.js';
import { openExperimentDirectory } from '../runs/experiment-directory.js';
import { freshDirectory } from './fresh-directory.js';
import { fileUrls, withChromium } from './in-chromium.js';
import { duration } from './numbers.js';
import { runTable } from './run-table.js';
import { RunView } from './run-view.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, list, place, type Place, wholeNumber } from './shared.js';

interface RunOptions extends CommonOptions {
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly in: Place;
}

export function register(program: Command): void {
  command(program, 'run <file>', 'trains every model of an experiment, evaluates, writes run directories and the report')
    .option('--backend <name>', 'where kernels run: auto, webgpu, wasm or reference', 'auto')
    .option('--variant <name>', "a variant of the backend: simd or relaxed for wasm (default: the backend's own)")
    .option('--threads <n>', 'threads of the backend (default: all cores)', wholeNumber(1))
    .option('--epochs <n>', 'train for N epochs, whatever the experiment says', wholeNumber(1))
    .option('--seed <n>', 'seed of the experiment', wholeNumber(0))
    .option('--set <path=value>', 'change an option of the experiment, e.g. training.batchSize=32; may be repeated', list)
    .option('--out <dir>', 'output directory, new or empty (default: runs/DATE-TIME_NAME)')
    .option('--resume', 'go on with the runs that --out holds')
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node')
    .action(action(run));
}

async function run(file: string, options: RunOptions, context: CommandContext): Promise<number> {
  if (options.resume && options.out === undefined)
    throw new ConfigError('--resume', ['expected --out DIR as well, got none; name the directory to go on with']);
  const experiments = parseExperiments(overridden(parseYaml(await readTextFile(file), file), options), file);
  const base = options.out ?? (await freshDirectory(experiments[0]?.name ?? 'experiment'));
  // The directory of a single experiment is checked when it is opened; that of a grid holds one directory for each.
  if (experiments.length > 1 && !options.resume && (await nodeStorage(base).list('')).length > 0) {
    throw new ConfigError(base, ['expected a new or empty output directory, got one that holds something; name another one, or add --resume to continue it']);
  }
  const directories = experiments.map(({ name }) => (experiments.length === 1 ? base : `${base}/${name}`));
  const results = await (options.in === 'node' ? runHere : runInChromium)(file, experiments, directories, options, context);
  await context.result(experiments.length === 1 ? results[0] : { experiments: results });
  return context.signal.aborted ? exitCodes.interrupted : exitCodes.done;
}

type RunAll = (
  file: string,
  experiments: readonly Experiment[],
  directories: readonly string[],
  options: RunOptions,
  context: CommandContext,
) => Promise<object[]>;

const runHere: RunAll = async (file, experiments, directories, options, context) => {
  const backend = await openRunBackend(options, options.resume ? directories.map(nodeStorage) : [], context.warn);
  const results: object[] = [];
  try {
    printBackend(backend.description, context);
    for (const [i, experiment] of experiments.entries()) {
      results.push(await runOne(file, experiment, directories[i] as string, backend, options, context));
      if (context.signal.aborted) break;
    }
  } finally {
    await backend.dispose();
  }
  return results;
};

/** The same in a worker of a headless browser: what it writes arrives change by change, so that the directory can be resumed at any moment. */
const runInChromium: RunAll = async (file, experiments, directories, options, context) => {
  const { signal, progress } = context;
  const modules = folderOf(file);
  const folders = { '/modules/': modules, ...Object.fromEntries(directories.map((directory, i) => [`/runs/${i}/`, absolutePath(directory)])) };
  return withChromium({ folders }, async ({ start, url, host }) => {
    const results: object[] = [];
    for (const [i, experiment] of experiments.entries()) {
      const directory = directories[i] as string;
      const storage = nodeStorage(directory);
      await openExperimentDirectory(storage, experiment, { resume: options.resume === true }); // refuses what cannot be written or resumed
      const view = new RunView(context, experimentRuns(experiment).length);
      const onEvent = (event: JobEvent) => {
        if (event.type === 'backend') printBackend(event.backend, context);
        else if (event.type === 'analysis') progress.update(analysing(event.share));
        else if (event.type === 'line') context.warn(event.text);
        else if (event.type !== 'check') view.handle(event);
      };
      context.print(`${experiment.name}, seed ${experiment.seed}, into ${directory}`);
      const { backend, variant, threads } = options;
      const job = {
        experiment,
        name: file,
        modules: `${url}modules/`,
        host,
        command: `motorloop ${commandLine(file, options, null)}`,
        backend,
        ...(variant === undefined ? {} : { variant }),
        ...(threads === undefined ? {} : { threads }),
      };
      const files = await fileUrls(storage, `${url}runs/${i}/`);
      const result = await start({ kind: 'run', job, files }, { signal, onEvent, storage });
      results.push(conclude(result, file, directory, options, context));
      if (signal.aborted) break;
    }
    return results;
  });
};

function printBackend({ name, variant, reason }: BackendDescription, context: CommandContext): void {
  context.print(`backend ${name}, ${variant}: ${reason}`);
}

const analysing = (share: number): string => `comparing the networks: ${Math.round(100 * share)}%`;

/** One experiment into one directory, with what a person sees of it. */
async function runOne(file: string, experiment: Experiment, out: string, backend: Backend, options: RunOptions, context: CommandContext): Promise<object> {
  const view = new RunView(context, experimentRuns(experiment).length);
  context.print(`${experiment.name}, seed ${experiment.seed}, into ${out}`);
  const work = runExperiment({
    experiment,
    storage: nodeStorage(out),
    backend,
    resume: options.resume === true,
    signal: context.signal,
    host: await hostFacts(),
    command: `motorloop ${commandLine(file, options, null)}`,
    loadTask: (module) => importModule(module, file),
    onEvent: (event) => view.handle(event),
    onAnalysis: (share) => context.progress.update(analysing(share)),
  });
  const result = await work.catch((error) => {
    if (backend.lostReason() !== null) context.warn(`to go on: motorloop ${commandLine(file, options, out)} --resume`);
    throw error;
  });
  return conclude(result, file, out, options, context);
}

/** Says how an experiment ended; returns its part of --json. */
function conclude(result: ExperimentResult, file: string, out: string, options: RunOptions, context: CommandContext): object {
  const directory = absolutePath(out);
  if (result.report === null) {
    context.warn(`stopped; to go on: motorloop ${commandLine(file, options, out)} --resume`);
    return { ...result, directory };
  }
  const report = absolutePath(`${out}/${result.report}`);
  const movements = result.movements.map((name) => absolutePath(`${out}/${name}`));
  context.print();
  for (const [index, line] of runTable(result.runs, outputColumns()).entries()) context.print(index === 0 ? styled('bold', line) : line);
  context.print();
  context.print(`done in ${duration(result.seconds)}; open the report: ${styled('cyan', report)}`);
  if (movements.length > 0) context.print(`moving pictures: ${movements.join(', ')}`);
  return { ...result, directory, report, movements };
}

/** The experiment as written, with the changes that the command line asks for. */
function overridden(value: unknown, options: RunOptions): unknown {
  let changed = applyOverrides(value, options.set ?? []);
  const fields = (changed ?? {}) as { seeds?: unknown; models?: unknown };
  if (options.epochs !== undefined) {
    changed = setOption(changed, 'training.epochs', options.epochs, '--epochs');
    const models = Array.isArray(fields.models) ? fields.models : [];
    for (const [index, model] of models.entries()) {
      const own = (model as { training?: { epochs?: unknown } } | null)?.training;
      if (own?.epochs !== undefined) changed = setOption(changed, `models.${index}.training.epochs`, options.epochs, '--epochs');
    }
  }
  if (options.seed !== undefined) {
    changed = setOption(changed, 'seed', options.seed, '--seed');
    if (Array.isArray(fields.seeds)) changed = setOption(changed, 'seeds', [options.seed], '--seed');
  }
  return changed;
}

/** The command that does the same again. */
function commandLine(file: string, options: RunOptions, out: string | null): string {
  const given = [
    ...(options.backend === 'auto' ? [] : ['--backend', options.backend]),
    ...(options.variant === undefined ? [] : ['--variant', options.variant]),
    ...(options.in === 'node' ? [] : ['--in', options.in]),
    ...(options.epochs === undefined ? [] : ['--epochs', String(options.epochs)]),
    ...(options.seed === undefined ? [] : ['--seed', String(options.seed)]),
    ...(options.set ?? []).flatMap((override) => ['--set', override]),
    ...(out === null ? [] : ['--out', out]),
  ];
  return ['run', file, ...given].map((word) => (/^[\w./=+,:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
