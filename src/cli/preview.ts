// motorloop preview: draws trials of a task, built in or from an experiment file, and says what they look like in numbers; trains nothing.
import type { Command } from 'commander';
import type { Plant } from '../arm/plant.js';
import { type Experiment, parseExperiments } from '../config/experiment.js';
import { setOption } from '../config/overrides.js';
import { applyOverrides, parseYaml } from '../config/yaml.js';
import { ConfigError } from '../errors.js';
import { absolutePath, importModule, readTextFile, writeTextFile } from '../platform/files.js';
import { type SheetText, trialPage, trialSheet } from '../report/trial-page.js';
import { checkDataMemory, generateTrials, selectTrials } from '../tasks/data.js';
import { builtInTasks, loadTask } from '../tasks/index.js';
import { type Statistic, trialStatistics } from '../tasks/statistics.js';
import type { Task } from '../tasks/task.js';
import { action, type CommandContext, type CommonOptions, command, list, wholeNumber } from './shared.js';
import { table } from './table.js';

interface PreviewOptions extends CommonOptions {
  readonly trials: number;
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly out?: string;
}

/** Statistics are taken over at least this many trials: six would say little. */
const statisticTrials = 200;
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
  const { seed } = experiment.data;
  const task = await loadTask(experiment.task, (module) => importModule(module, source));
  const count = Math.max(statisticTrials, options.trials);
  checkDataMemory(task, count);
  const set = generateTrials(task, seed, 0, count);
  const statistics = trialStatistics(task, set);
  const shown = selectTrials(
    set,
    Array.from({ length: options.trials }, (_, i) => i),
  );
  const views = Array.from({ length: options.trials }, (_, trial) => ({ task, set: shown, trial }));
  const text = sheetText(task, seed, statistics);
  const file = options.out ?? `preview-${task.name.replaceAll(/[^A-Za-z0-9_-]/g, '-')}.html`;
  await writeTextFile(file, file.endsWith('.svg') ? trialSheet(views, text) : trialPage(views, text));

  context.print(`${text.title}; statistics over ${count} trials`);
  context.print(`  inputs   ${task.inputLabels.join(', ')}`);
  context.print(`  outputs  ${task.outputLabels.join(', ')}`);
  for (const line of table(
    ['', '', ''],
    statistics.map(({ name, text }) => ['', spaced(name), text]),
  ).slice(1))
    context.print(line);
  context.print(`${options.trials} trials drawn: ${absolutePath(file)}`);
  await context.result({
    task: task.name,
    parameters: task.parameters,
    seed,
    trials: options.trials,
    steps: task.steps,
    inputLabels: task.inputLabels,
    outputLabels: task.outputLabels,
    statistics: Object.fromEntries(statistics.map(({ name, value }) => [name, value])),
    statisticTrials: count,
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

function sheetText(task: Task, seed: number, statistics: readonly Statistic[]): SheetText {
  const say = (name: string): string | undefined => statistics.find((statistic) => statistic.name === name)?.text;
  const options = Object.entries(task.parameters)
    .filter(([name, value]) => value !== undefined && !(task.plant && ['effector', 'sensors'].includes(name)))
    .map(([name, value]) => `${spaced(name)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
  const pulses = say('pulseProbability');
  return {
    title: `${task.name}, seed ${seed}`,
    facts: [options, ...(task.plant ? bodyFacts(task.plant) : []), ...(pulses === undefined ? [] : [`Total pulse probability ${pulses}`]), scoring(task)],
  };
}

/** The body and its senses, a line each. */
function bodyFacts({ body, sensors }: Plant): string[] {
  const frames = (count: number): string => `${Number((count * body.timeStep).toPrecision(6))} s`;
  const noise = (value: number | readonly number[]): string => (typeof value === 'number' ? String(value) : 'one a feature');
  return [
    `${body.name}: ${body.muscles} muscles (${body.muscleNames.join(', ')}), time step ${body.timeStep} s`,
    `Delays: vision ${frames(sensors.visionDelay)}, proprioception ${frames(sensors.proprioceptionDelay)}; noise: vision ${noise(sensors.visionNoise)}, proprioception ${noise(sensors.proprioceptionNoise)}, action ${noise(sensors.actionNoise)}, observation ${noise(sensors.observationNoise)}`,
  ];
}

/** What training minimises, in one sentence. */
function scoring(task: Task): string {
  if (task.name === 'flipflop')
    return `The loss is the mean squared error; it leaves out the first five steps and the ${String(task.parameters.transitionBlind)} steps after a change of the target`;
  const { loss } = task;
  if (loss.kind !== 'reach') return `The loss is the ${loss.kind}${loss.kind === 'squared error' ? ', weighted by the task' : ''}`;
  const position = loss.position === 'squared' ? 'mean squared error of the position' : 'mean of |dx| + |dy|';
  const ramp = loss.rampEpochs > 0 ? `; the position counts on more and more steps over the first ${loss.rampEpochs} epochs` : '';
  return `The loss is ${loss.positionWeight} × the ${position} + ${loss.actionWeight} × the mean squared action${ramp}`;
}

/** `pulseProbability` → `pulse probability`. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
