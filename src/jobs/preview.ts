// Trials of a task drawn without training: numbers about them, and a sheet of traces and spaces as one SVG or an HTML page.
import type { Plant } from '../arm/plant.js';
import type { Experiment } from '../config/experiment.js';
import { ConfigError } from '../errors.js';
import { intervenedTask, interveneTrials, interventionWindows } from '../interventions/apply.js';
import { interventionProblems } from '../interventions/check.js';
import { describeIntervention } from '../interventions/describe.js';
import { type Schedule, scheduleColours } from '../report/schedule-figure.js';
import { type SheetText, trialPage, trialSheet } from '../report/trial-page.js';
import { checkDataMemory, generateTrials, selectTrials, splitTrials } from '../tasks/data.js';
import { loadTask, type TaskLoader } from '../tasks/index.js';
import { type Statistic, trialStatistics } from '../tasks/statistics.js';
import type { Task, TrialSet } from '../tasks/task.js';

export interface PreviewOptions {
  /** Its task, its data and its interventions count. */
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
  /** What is done, and in how many of the `statisticTrials` trials; the statistics are those of the task without it. */
  readonly interventions: readonly { readonly says: string; readonly trials: number }[];
  readonly title: string;
  /** The sheet: SVG or HTML. */
  readonly sheet: string;
}

/** Statistics are taken over at least this many trials: six would say little. */
const statisticTrials = 200;

/** Draws trials. Throws ConfigError for a task that cannot be made or would not fit into memory. */
export async function previewTask({ experiment, trials, format }: PreviewOptions, loader?: TaskLoader): Promise<Preview> {
  const { seed } = experiment.data;
  const plain = await loadTask(experiment.task, loader);
  const count = Math.max(statisticTrials, trials);
  checkDataMemory(plain, count);
  const set = generateTrials(plain, seed, 0, count);
  const statistics = trialStatistics(plain, set);
  const { task, changed, windows } = intervened(experiment, plain, set);
  const first = Array.from({ length: trials }, (_, i) => i);
  const shown = selectTrials(changed, first);
  const views = first.map((trial) => ({
    ...{ task, set: shown, trial },
    acting: windows.flatMap((all, k) => {
      const [from, until] = all[trial] ?? [0, 0];
      return until > from ? [{ from, until, colour: scheduleColours[k % scheduleColours.length] as string }] : [];
    }),
  }));
  const names = (experiment.interventions ?? []).map(describeIntervention);
  const rows = Array.from({ length: Math.min(count, Math.max(trials, scheduledTrials)) }, (_, i) => i);
  const schedule: Schedule = {
    names,
    trials: rows,
    windows: windows.map((all) => all.slice(0, rows.length)),
    steps: task.steps,
    stepDuration: task.stepDuration,
  };
  const text = { ...sheetText(task, seed, statistics), ...(names.length > 0 ? { schedule } : {}) };
  return {
    task: task.name,
    parameters: task.parameters,
    seed,
    steps: task.steps,
    inputLabels: task.inputLabels,
    outputLabels: task.outputLabels,
    statistics,
    statisticTrials: count,
    interventions: names.map((says, k) => ({ says, trials: windows[k]?.filter((window) => window !== null).length ?? 0 })),
    title: text.title,
    sheet: format === 'svg' ? trialSheet(views, text) : trialPage(views, text),
  };
}

/** Trials of the overview of what is done, at least. */
const scheduledTrials = 24;

/** The trials as interventions change them, and when each acts on each of them. Throws ConfigError for interventions that the task does not allow. */
function intervened({ interventions = [], data, models, name }: Experiment, task: Task, set: TrialSet) {
  const problems = interventionProblems(interventions, { task, sample: set, trials: Math.max(data.trials, set.trials), models }, ['interventions']);
  if (problems.length > 0) throw new ConfigError(name, problems);
  const training = new Uint8Array(set.trials);
  for (const trial of splitTrials(data).trainingIndices) if (trial < set.trials) training[trial] = 1;
  const changed = intervenedTask(interventions, task);
  const context = { task: changed, set, hiddenSize: models[0]?.hiddenSize ?? 1, training };
  const windows = interventionWindows(interventions, context).map((all) => all.map((window) => window && ([window.from, window.until] as const)));
  return { task: changed, changed: interveneTrials(interventions, context), windows };
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
