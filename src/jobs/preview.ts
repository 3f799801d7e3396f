// Trials of a task drawn without training: numbers about them, and a sheet of traces and spaces as one SVG or an HTML page.
import type { Plant } from '../arm/plant.js';
import type { Experiment } from '../config/experiment.js';
import { type SheetText, trialPage, trialSheet } from '../report/trial-page.js';
import { checkDataMemory, generateTrials, selectTrials } from '../tasks/data.js';
import { loadTask, type TaskLoader } from '../tasks/index.js';
import { type Statistic, trialStatistics } from '../tasks/statistics.js';
import type { Task } from '../tasks/task.js';

export interface PreviewOptions {
  /** Its task and `data.seed` count. */
  readonly experiment: Experiment;
  /** How many trials to draw, at least 1. */
  readonly trials: number;
  /** A static SVG, or a page whose cubes turn with the mouse. */
  readonly format: 'svg' | 'html';
}

export interface Preview {
  readonly task: string;
  readonly parameters: Task['parameters'];
  readonly seed: number;
  /** Time steps of a trial. */
  readonly steps: number;
  readonly inputLabels: readonly string[];
  readonly outputLabels: readonly string[];
  /** Over `statisticTrials` trials; the first `trials` of them are drawn. */
  readonly statistics: readonly Statistic[];
  readonly statisticTrials: number;
  readonly title: string;
  /** The sheet: SVG or HTML. */
  readonly sheet: string;
}

/** Statistics are taken over at least this many trials: six would say little. */
const statisticTrials = 200;

/** Draws trials. Throws ConfigError for a task that cannot be made or would not fit into memory. */
export async function previewTask({ experiment, trials, format }: PreviewOptions, loader?: TaskLoader): Promise<Preview> {
  const { seed } = experiment.data;
  const task = await loadTask(experiment.task, loader);
  const count = Math.max(statisticTrials, trials);
  checkDataMemory(task, count);
  const set = generateTrials(task, seed, 0, count);
  const statistics = trialStatistics(task, set);
  const shown = selectTrials(
    set,
    Array.from({ length: trials }, (_, i) => i),
  );
  const views = Array.from({ length: trials }, (_, trial) => ({ task, set: shown, trial }));
  const text = sheetText(task, seed, statistics);
  return {
    task: task.name,
    parameters: task.parameters,
    seed,
    steps: task.steps,
    inputLabels: task.inputLabels,
    outputLabels: task.outputLabels,
    statistics,
    statisticTrials: count,
    title: text.title,
    sheet: format === 'svg' ? trialSheet(views, text) : trialPage(views, text),
  };
}

function sheetText(task: Task, seed: number, statistics: readonly Statistic[]): SheetText {
  const say = (name: string): string | undefined => statistics.find((statistic) => statistic.name === name)?.text;
  const options = Object.entries(task.parameters)
    .filter(([name, value]) => value !== undefined && !(task.plant && ['effector', 'sensors'].includes(name)))
    .map(
      ([name, value]) =>
        `${spaced(name)} ${Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    )
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
export function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
