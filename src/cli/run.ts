// motorloop run: trains every model of an experiment, writes the run directories, compares the networks, writes the report.
import type { Command } from 'commander';
import type { Backend, BackendDescription } from '../backends/backend.js';
import type { JobEvent } from '../browser/protocol.js';
import { type Experiment, parseExperiment } from '../config/experiment.js';
import { parseGrid } from '../config/grid.js';
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
import { runGridCommand } from './run-grid.js';
import { runTable } from './run-table.js';
import { RunView } from './run-view.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, list, place, type Place, wholeNumber } from './shared.js';

interface RunOptions extends CommonOptions {
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
  readonly workers?: number;
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
    .option('--workers <n>', 'of a grid: networks that train side by side (default: as many as there are cores)', wholeNumber(1))
    .option('--epochs <n>', 'train for N epochs, whatever the experiment says', wholeNumber(1))
    .option('--seed <n>', 'seed of the experiment', wholeNumber(0))
    .option('--set <path=value>', 'change an option of the experiment, e.g. training.batchSize=32; may be repeated', list)
    .option('--out <dir>', 'output directory, new or empty (default: runs/DATE-TIME_NAME; of a grid: runs/NAME_HASH, which goes on with what is there)')
    .option('--resume', 'go on with the runs that --out holds')
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node')
    .action(action(run));
}

async function run(file: string, options: RunOptions, context: CommandContext): Promise<number> {
  if (options.resume && options.out === undefined)
    throw new ConfigError('--resume', ['expected --out DIR as well, got none; name the directory to go on with']);
  const value = overridden(parseYaml(await readTextFile(file), file), options);
  const grid = parseGrid(value, file);
  if (grid) {
    if (options.in !== 'node') throw new ConfigError('--in', ['expected node for a file with grid, whose workers are threads, got chromium']);
    const { backend, variant, threads, workers, out } = options;
    return runGridCommand(grid, { file, backend, variant, threads, workers, out, command: `motorloop ${commandLine(file, options, null)}` }, context);
  }
  if (options.workers !== undefined)
    throw new ConfigError('--workers', [`expected a file with grid, got ${file} without; --threads is for a single experiment`]);
  const experiment = parseExperiment(value, file);
  const out = options.out ?? (await freshDirectory(experiment.name));
  await context.result(await (options.in === 'node' ? runHere : runInChromium)(file, experiment, out, options, context));
  return context.signal.aborted ? exitCodes.interrupted : exitCodes.done;
}

type RunOne = (file: string, experiment: Experiment, out: string, options: RunOptions, context: CommandContext) => Promise<object>;

const runHere: RunOne = async (file, experiment, out, options, context) => {
  const backend = await openRunBackend(options, options.resume ? [nodeStorage(out)] : [], context.warn);
  try {
    printBackend(backend.description, context);
    return await runOne(file, experiment, out, backend, options, context);
  } finally {
    await backend.dispose();
  }
};

/** The same in a worker of a headless browser: what it writes arrives change by change, so that the directory can be resumed at any moment. */
const runInChromium: RunOne = async (file, experiment, out, options, context) => {
  const { signal, progress } = context;
  return withChromium({ folders: { '/modules/': folderOf(file), '/run/': absolutePath(out) } }, async ({ start, url, host }) => {
    const storage = nodeStorage(out);
    await openExperimentDirectory(storage, experiment, { resume: options.resume === true }); // refuses what cannot be written or resumed
    const view = new RunView(context, experimentRuns(experiment).length);
    const onEvent = (event: JobEvent) => {
      if (event.type === 'backend') printBackend(event.backend, context);
      else if (event.type === 'analysis') progress.update(analysing(event.share));
      else if (event.type === 'line') context.warn(event.text);
      else if (event.type !== 'check') view.handle(event);
    };
    context.print(`${experiment.name}, seed ${experiment.seed}, into ${out}`);
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
    const files = await fileUrls(storage, `${url}run/`);
    const result = await start({ kind: 'run', job, files }, { signal, onEvent, storage });
    return conclude(result, file, out, options, context);
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
