// What the report shows of the multitask battery: success by task, one trial of each, choices against evidence, and where responses end. Pure functions of
// trials and outputs; the draws of a trial are read back from its noiseless inputs.
import { multitaskResponses, silentNorm } from '../tasks/multitask-metrics.js';
import type { MultitaskName } from '../tasks/multitask-options.js';
import { familyOf, multitaskInputs } from '../tasks/multitask-trial.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { round } from './scores.js';
import type { FigureArray, MultitaskExample, MultitaskRun, MultitaskTaskScore, PsychometricPoint } from './summary-data.js';

/** Responses that a figure shows of one task at most. */
const mostResponses = 60;
/** Width of the bins of the angle between two stimuli, degrees; their centres are 0, 30, …, 180. */
const angleBin = 30;

/** Names of the battery's tasks, in the order of their conditions, or null for another task. */
export function multitaskTasks(task: Pick<Task, 'name' | 'conditionLabels'>): readonly MultitaskName[] | null {
  return task.name === 'multitask' && task.conditionLabels ? (task.conditionLabels as readonly MultitaskName[]) : null;
}

/** The first trial of every task in a set, laid out for figures; `indices`: places in the data set. */
export function multitaskExamples(task: Task, set: TrialSet, indices: ArrayLike<number>): MultitaskExample[] {
  return exampleTrials(task, set).map(({ name, trial }) => ({
    task: name,
    index: indices[trial] as number,
    phases: set.phases?.[trial] ?? [],
    inputs: rowsOf(set.inputs, set, trial, task.inputSize),
    targets: rowsOf(set.targets, set, trial, task.outputSize),
  }));
}

/** How a network does, task by task; outputs [S, T, 3] of the trials of `set`. */
export function summariseMultitask(task: Task, set: TrialSet, outputs: Float32Array, shown: boolean): MultitaskRun | null {
  const tasks = multitaskTasks(task);
  if (!tasks) return null;
  const responses = multitaskResponses(outputs, set);
  const scores = tasks.map((name, condition): MultitaskTaskScore => {
    const trials = responses.flatMap((_, trial) => (set.conditions[trial] === condition ? [trial] : []));
    const share = (holds: (trial: number) => boolean): number | null => (trials.length === 0 ? null : round(trials.filter(holds).length / trials.length));
    const family = familyOf(name);
    return {
      task: name,
      trials: trials.length,
      success: share((trial) => responses[trial]?.right === true),
      published: share((trial) => responses[trial]?.rightAsPublished === true),
      responses: trials.slice(0, shown ? mostResponses : 0).map((trial) => {
        const { output, target, asked, right } = responses[trial] as (typeof responses)[number];
        return { output: [round(output[0]), round(output[1])], target: [round(target[0]), round(target[1])], asked, right };
      }),
      psychometric:
        family === 'decision'
          ? points(trials.map((trial) => ({ at: evidence(set, trial, name) / 100, yes: choseFirst(set, trial, outputs) })))
          : family === 'match'
            ? points(trials.map((trial) => ({ at: angleBetween(set, trial), yes: responded(responses[trial]?.output ?? [0, 0]) })))
            : [],
    };
  });
  const examples = shown ? exampleTrials(task, set).map(({ trial }) => rowsOf(outputs, set, trial, task.outputSize)) : [];
  return { scores, examples };
}

function exampleTrials(task: Task, set: TrialSet): { name: MultitaskName; trial: number }[] {
  return (multitaskTasks(task) ?? []).flatMap((name, condition) => {
    const trial = set.conditions.indexOf(condition);
    return trial < 0 ? [] : [{ name, trial }];
  });
}

/** The steps of one trial that count [L, width]. */
function rowsOf(values: Float32Array, { steps, lengths }: TrialSet, trial: number, width: number): FigureArray {
  const length = lengths?.[trial] ?? steps;
  const start = trial * steps * width;
  return { shape: [length, width], values: Array.from(values.subarray(start, start + length * width), round) };
}

/** Cosine and sine that modality 0 or 1 shows at the beginning of a phase. */
function stimulus({ phases, trueInputs, steps }: TrialSet, trial: number, phase: string, modality: number): readonly [number, number] {
  const start = phases?.[trial]?.find(({ name }) => name === phase)?.start ?? 0;
  const at = (trial * steps + start) * multitaskInputs + 1 + 2 * modality;
  return [trueInputs[at] as number, trueInputs[at + 1] as number];
}

const norm = ([x, y]: readonly [number, number]): number => Math.sqrt(x * x + y * y);

/** First minus second amplitude of what the task asks to look at, in hundredths, so that equal ones are equal. */
function evidence(set: TrialSet, trial: number, name: MultitaskName): number {
  const looked = name === 'ContextIntMultimodal' ? [0, 1] : name === 'IntMod2' || name === 'ContextIntMod2' ? [1] : [0];
  const sum = (phase: string): number => looked.reduce((total, modality) => total + norm(stimulus(set, trial, phase, modality)), 0);
  return Math.round(100 * (sum('stim1') - sum('stim2')));
}

/** Whether the response points closer to the first stimulus of a decision than to the second. */
function choseFirst(set: TrialSet, trial: number, outputs: Float32Array): boolean {
  const at = (trial * set.steps + (set.extra[2 * trial + 1] as number) - 1) * 3;
  const [x, y] = [outputs[at + 1] as number, outputs[at + 2] as number];
  const along = (phase: string): number => {
    const both = [stimulus(set, trial, phase, 0), stimulus(set, trial, phase, 1)] as const;
    const seen = norm(both[0]) > 0 ? both[0] : both[1];
    return (x * seen[0] + y * seen[1]) / norm(seen);
  };
  return along('stim1') > along('stim2');
}

/** Angle between both stimuli of a match task, degrees, in bins. */
function angleBetween(set: TrialSet, trial: number): number {
  const sides = (phase: string): readonly [number, number] => {
    const first = stimulus(set, trial, phase, 0);
    return norm(first) > 0 ? first : stimulus(set, trial, phase, 1);
  };
  const [a, b] = [sides('stim1'), sides('response')];
  const angle = (Math.abs(Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])) * 180) / Math.PI;
  return angleBin * Math.round(angle / angleBin);
}

/** Whether there is a response at all, by the rule of success. */
const responded = (output: readonly [number, number]): boolean => norm(output) >= silentNorm;

function points(samples: readonly { at: number; yes: boolean }[]): PsychometricPoint[] {
  const groups = new Map<number, boolean[]>();
  for (const { at, yes } of samples) groups.set(at, [...(groups.get(at) ?? []), yes]);
  return [...groups.entries()]
    .sort(([a], [b]) => a - b)
    .map(([at, answers]) => ({ at, share: round(answers.filter(Boolean).length / answers.length), trials: answers.length }));
}
