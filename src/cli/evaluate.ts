// motorloop evaluate: rolls trained networks out in their own and in a changed environment, on the same trials, and compares.
import { type Command, InvalidArgumentError } from 'commander';
import type { Phase } from '../analysis/analysis.js';
import type { EvaluationSummary } from '../analysis/evaluation-data.js';
import type { ReportEnvironment } from '../analysis/summary-data.js';
import type { BackendDescription } from '../backends/backend.js';
import type { EvaluateJob, JobEvent } from '../browser/protocol.js';
import { parseYaml } from '../config/yaml.js';
import { ConfigError } from '../errors.js';
import { evaluateAndWrite, occupied } from '../jobs/evaluate.js';
import { openBackend } from '../jobs/open-backend.js';
import { table } from '../jobs/table.js';
import { absolutePath, importModule, readTextFile } from '../platform/files.js';
import { hostFacts, nodeStorage } from '../platform/node.js';
import { openPng } from '../platform/png.js';
import { styled } from '../platform/terminal.js';
import { metricLabel, metricNumber } from '../report/metric-text.js';
import { machineText } from '../runs/manifest.js';
import { memoryStorage } from '../runs/memory-storage.js';
import type { Storage } from '../runs/storage.js';
import { type NetworkOptions, networkOptions, noiseChoice, openSource, phaseChoice } from './analysis-options.js';
import { fileUrls, withChromium } from './in-chromium.js';
import { action, type CommandContext, type CommonOptions, command, list, place, type Place } from './shared.js';

interface EvaluateOptions extends CommonOptions, NetworkOptions {
  readonly intervention?: readonly string[];
  readonly set?: readonly string[];
  readonly name?: string;
  readonly out?: string;
  readonly phase?: Phase;
  readonly png: boolean;
  readonly in: Place;
}

export function register(program: Command): void {
  const adding = command(
    program,
    'evaluate <run>',
    'rolls the networks of a run out in a changed environment and in their own, on the same trials, and compares; RUN is a directory or a zip',
  )
    .option('--intervention <file|json>', 'what is done to network or body: a file, or text like "{ kind: curl-field, strength: 13 }"; may be repeated', list)
    .option('--set <path=value>', 'change an option of the environment, e.g. task.noise=0.3 or interventions=[]; may be repeated', list)
    .option('--name <name>', 'name of the evaluation and of its folder (default: what is changed)', folderName)
    .option('--out <dir>', 'where to write, new or empty (default: RUN/evaluation/NAME)')
    .option('--phase <which>', 'trials: all, train or validation (default: validation)', phaseChoice)
    .option('--no-png', 'figures as SVG only')
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node');
  networkOptions(adding).action(action(evaluate));
}

function folderName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/.test(text)) throw new InvalidArgumentError(`expected letters, digits and . _ + -, got "${text}".`);
  return text;
}

async function evaluate(run: string, options: EvaluateOptions, context: CommandContext): Promise<void> {
  const noise = noiseChoice(options.noiseless, options.noise);
  const interventions = (await Promise.all((options.intervention ?? []).map(readInterventions))).flat();
  const set = Object.fromEntries((options.set ?? []).map(readOverride));
  const { source: storage, zipped } = await openSource(run);
  if (zipped && options.out === undefined) throw new ConfigError('--out', ['expected --out DIR for a zip, got none: nothing is written into it']);
  if (zipped && options.in === 'chromium') throw new ConfigError('--in', ['expected a directory for chromium, got a zip; unpack it first']);
  const { name, phase, checkpoint } = options;
  // before anything is measured, which may take long
  const chosen = options.out ?? (name === undefined ? null : `${run.replace(/[/\\]+$/, '')}/evaluation/${name}`);
  if (chosen !== null && (await nodeStorage(chosen).list('')).length > 0) throw occupied(nodeStorage(chosen));
  let directory = options.out ?? run;
  const target = async (evaluation: string): Promise<Storage> => {
    if (options.out === undefined) directory = await freshFolder(`${run.replace(/[/\\]+$/, '')}/evaluation/${evaluation}`, name !== undefined);
    const folder = nodeStorage(directory);
    await folder.checkWritable?.();
    return folder;
  };
  const work: Work = {
    ...{ run, storage, target },
    options: {
      ...{ interventions, set, noise, environment: await environmentOf(run, options) },
      ...(name === undefined ? {} : { name }),
      ...(phase === undefined ? {} : { phase }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    },
  };
  const { summary, written } = await (options.in === 'node' ? evaluateHere : evaluateInChromium)(work, options, context);
  const { trials, changes, networks, notes } = summary;
  context.print(
    `${changes.join('; ')}: ${trials.count} ${trials.phase === 'all' ? '' : trials.phase === 'train' ? 'training ' : 'validation '}trials, ${trials.perturbed} of them concerned`,
  );
  for (const [index, line] of scoreTable(summary).entries()) context.print(index === 0 ? styled('bold', line) : line);
  for (const { model, seed, untouched } of networks)
    if (untouched.trials > 0 && !untouched.identical) context.warn(`${model}, seed ${seed}: outputs of trials that nothing concerns differ`);
  for (const note of notes) context.warn(note);
  const page = absolutePath(`${directory}/evaluation.html`);
  context.print(`${written.length} files; page: ${styled('cyan', page)}`);
  await context.result({ ...summary, directory: absolutePath(directory), page, files: written });
}

/** What is evaluated, and where the result goes. */
interface Work {
  readonly run: string;
  readonly storage: Storage;
  readonly target: (name: string) => Promise<Storage>;
  readonly options: EvaluateJob['options'];
}

type Evaluated = Promise<{ readonly summary: EvaluationSummary; readonly written: readonly string[] }>;

async function evaluateHere({ storage, target, options: given }: Work, options: EvaluateOptions, context: CommandContext): Evaluated {
  const { taskModule } = options;
  const png = options.png ? await openPng() : null;
  if (typeof png === 'string') context.warn(png);
  const backend = await openBackend(options.backend, options);
  try {
    printBackend(backend.description, context);
    return await evaluateAndWrite({
      ...given,
      ...{ storage, target, backend, signal: context.signal, png: typeof png === 'string' ? null : png },
      onProgress: (done, of) => context.progress.update(`${done} of ${of} networks`),
      ...(taskModule === undefined ? {} : { loadTask: () => importModule(taskModule, '.') }),
    });
  } finally {
    await backend.dispose();
  }
}

/** The same in a worker of a headless browser; figures are SVG only. */
async function evaluateInChromium({ run, storage, target, options: given }: Work, options: EvaluateOptions, context: CommandContext): Evaluated {
  if (options.taskModule !== undefined) throw new ConfigError('--task-module', ['expected it without --in chromium, got both; run it in Node']);
  const { backend, variant, threads } = options;
  const made = memoryStorage();
  const summary = await withChromium({ folders: { '/run/': absolutePath(run) } }, async ({ start, url }) => {
    const job = { name: run, options: given, backend, ...(variant === undefined ? {} : { variant }), ...(threads === undefined ? {} : { threads }) };
    const onEvent = (event: JobEvent) => {
      if (event.type === 'backend') printBackend(event.backend, context);
    };
    return start({ kind: 'evaluate', job, files: await fileUrls(storage, `${url}run/`) }, { signal: context.signal, onEvent, storage: made });
  });
  const folder = await target(summary.name);
  if ((await folder.list('')).length > 0) throw occupied(folder);
  const written = [...made.files.keys()];
  for (const path of written) await folder.write(path, await made.read(path));
  return { summary, written };
}

function printBackend({ name, variant, reason }: BackendDescription, context: CommandContext): void {
  context.print(`backend ${name}, ${variant}: ${reason}`);
}

/** A list of interventions, unchecked: of a file or of text; one alone counts as a list of one. */
async function readInterventions(given: string): Promise<unknown[]> {
  const inline = /^\s*[[{]/.test(given);
  const value = parseYaml(inline ? given : await readTextFile(given), inline ? '--intervention' : given);
  const listed = value !== null && typeof value === 'object' && 'interventions' in value ? value.interventions : value;
  if (Array.isArray(listed)) return listed;
  if (listed !== null && typeof listed === 'object') return [listed];
  throw new ConfigError(inline ? '--intervention' : given, ['expected an intervention, e.g. { kind: curl-field, strength: 13 }, or a list of them']);
}

function readOverride(override: string): [string, unknown] {
  const at = override.indexOf('=');
  if (at <= 0) throw new ConfigError('--set', [`expected PATH=VALUE, e.g. task.noise=0.3, got '${override}'`]);
  const path = override.slice(0, at).trim();
  return [path, parseYaml(override.slice(at + 1), `--set ${path}`)];
}

/** The folder, or unless it was named so the same with a number behind it where it holds something. */
async function freshFolder(stem: string, named: boolean): Promise<string> {
  for (let copy = 1; ; copy++) {
    const folder = copy === 1 ? stem : `${stem}-${copy}`;
    if (named || (await nodeStorage(folder).list('')).length === 0) return folder;
  }
}

async function environmentOf(run: string, options: EvaluateOptions): Promise<ReportEnvironment> {
  const host = await hostFacts();
  const words = [
    'evaluate',
    run,
    ...(options.intervention ?? []).flatMap((entry) => ['--intervention', entry]),
    ...(options.set ?? []).flatMap((entry) => ['--set', entry]),
    ...(options.phase === undefined ? [] : ['--phase', options.phase]),
    ...(options.noiseless ? ['--noiseless'] : []),
    ...(options.noise ?? []).flatMap((entry) => ['--noise', entry]),
    ...(options.checkpoint === undefined ? [] : ['--checkpoint', String(options.checkpoint)]),
    ...(options.taskModule === undefined ? [] : ['--task-module', options.taskModule]),
  ];
  const quote = (word: string) => (/^[\w./=+,:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  return {
    ...{ version: host.version, commit: host.commit, runtime: host.runtime, machine: machineText(host) },
    command: `motorloop ${words.map(quote).join(' ')}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** A row a network and score. */
function scoreTable({ networks }: EvaluationSummary): string[] {
  const number = (name: string, value: number | null | undefined) =>
    name === 'sidewaysDeviation' ? (value === null || value === undefined ? '' : (value * 100).toFixed(2)) : (metricNumber(name, value) ?? '');
  const rows = networks.flatMap(({ model, seed, scores }) =>
    scores.map(({ name, own, changed, difference }, i) => [
      i === 0 ? `${model}, seed ${seed}` : '',
      name === 'sidewaysDeviation' ? 'sideways deviation (cm)' : metricLabel(name),
      ...[own, changed, difference?.median].map((value) => number(name, value)),
    ]),
  );
  const header = ['network', 'score', 'own', 'changed', 'median difference'];
  return table(header, rows, header.slice(2));
}
