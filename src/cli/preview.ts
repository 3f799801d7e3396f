// motorloop preview: draws trials of a task, built in or from an experiment file, and says what they look like in numbers; trains nothing.
import type { Command } from 'commander';
import type { Experiment } from '../config/experiment.js';
import { parseExperiments } from '../config/grid.js';
import { setOption } from '../config/overrides.js';
import { applyOverrides, parseYaml } from '../config/yaml.js';
import { ConfigError } from '../errors.js';
import { previewTask, spaced } from '../jobs/preview.js';
import { table } from '../jobs/table.js';
import { absolutePath, importModule, readTextFile, writeTextFile } from '../platform/files.js';
import { builtInTasks } from '../tasks/index.js';
import { action, type CommandContext, type CommonOptions, command, list, wholeNumber } from './shared.js';

interface PreviewOptions extends CommonOptions {
  readonly trials: number;
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly out?: string;
}

const mostTrials = 100;

export function register(program: Command): void {
  command(program, 'preview <task>', `draws trials of a task (${builtInTasks.join(', ')}) or of an experiment file: inputs, targets, state space`)
    .option('--trials <n>', 'how many trials to draw', wholeNumber(1), 6)
    .option('--seed <n>', "seed of the data (default: the experiment's, else 0)", wholeNumber(0))
    .option('--set <path=value>', 'change an option, e.g. task.noise=0.3; may be repeated', list)
    .option('--out <file>', 'file to write, .html or .svg (default: preview-NAME.html)')
    .action(action(preview));
}

async function preview(source: string, options: PreviewOptions, context: CommandContext): Promise<void> {
  if (options.trials > mostTrials) throw new ConfigError('--trials', [`expected at most ${mostTrials}, got ${options.trials}`]);
  if (options.out !== undefined && !/\.(html|svg)$/.test(options.out))
    throw new ConfigError('--out', [`expected a file ending in .html or .svg, got "${options.out}"`]);
  const experiment = await readExperiment(source, options, context);
  const format = options.out?.endsWith('.svg') ? 'svg' : 'html';
  const drawn = await previewTask({ experiment, trials: options.trials, format }, (module) => importModule(module, source));
  const file = options.out ?? `preview-${drawn.task.replaceAll(/[^A-Za-z0-9_-]/g, '-')}.html`;
  await writeTextFile(file, drawn.sheet);

  const { task, parameters, seed, steps, inputLabels, outputLabels, statistics, statisticTrials } = drawn;
  context.print(`${drawn.title}; statistics over ${statisticTrials} trials`);
  context.print(`  inputs   ${inputLabels.join(', ')}`);
  context.print(`  outputs  ${outputLabels.join(', ')}`);
  for (const line of table(
    ['', '', ''],
    statistics.map(({ name, text }) => ['', spaced(name), text]),
  ).slice(1))
    context.print(line);
  for (const { says, trials } of drawn.interventions) context.print(`  done     ${says}: ${trials} of ${statisticTrials} trials`);
  context.print(`${options.trials} trials drawn: ${absolutePath(file)}`);
  await context.result({
    task,
    parameters,
    seed,
    trials: options.trials,
    steps,
    inputLabels,
    outputLabels,
    statistics: Object.fromEntries(statistics.map(({ name, value }) => [name, value])),
    statisticTrials,
    interventions: drawn.interventions,
    file: absolutePath(file),
  });
}

/** The experiment of a file, or one around a built-in task with its defaults; of a grid the first point. */
async function readExperiment(source: string, options: PreviewOptions, context: CommandContext): Promise<Experiment> {
  const builtIn = builtInTasks.includes(source);
  if (!builtIn && !/[./\\]/.test(source))
    throw new ConfigError('preview', [`expected a task (${builtInTasks.join(', ')}) or an experiment file, got "${source}"`]);
  const written = builtIn ? { name: 'preview', task: { name: source }, models: [{ cell: 'gru' }] } : parseYaml(await readTextFile(source), source);
  let changed = applyOverrides(written, options.set ?? []);
  if (options.seed !== undefined) changed = setOption(changed, 'data.seed', options.seed, '--seed');
  const experiments = parseExperiments(changed, source);
  if (experiments.length > 1) context.warn(`${source} spans ${experiments.length} experiments; this is ${experiments[0]?.name}`);
  return experiments[0] as Experiment;
}
