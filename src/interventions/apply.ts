// From options to what a rollout needs: the trials as they are changed on the host, tables of what acts on single trials at single steps, and which trials
// are concerned when. A pure function of its arguments; trials that are not concerned keep every bit.
import { fingertipOf } from '../arm/kinematics.js';
import { delayFrames } from '../arm/create-plant.js';
import type { Plant } from '../arm/plant.js';
import { normalAt, randomKey, uniformAt } from '../random.js';
import type { TrialData } from '../tasks/data.js';
import type { Task, TrialInterventions, TrialSet } from '../tasks/task.js';
import { chosenUnits, isChosen } from './choose.js';
import { EditableTrials } from './editable-trials.js';
import { parseMoment, type StepWindow, stepsOf, windowOf } from './moments.js';
import type { Intervention, InterventionOf } from './options.js';
import { channelForce, forceOf, type LinearForce, noiseStock, RowTable, sumOfForces } from './tables.js';

/** What a network is put into. */
export interface InterventionContext {
  readonly task: Task;
  readonly set: TrialSet;
  /** Units of the network. */
  readonly hiddenSize: number;
  /** 1 for trials that train [S]; absent: none does. */
  readonly training?: Uint8Array;
  /** Of fresh trials, from 0: keys draws. Default 0. */
  readonly epoch?: number;
}

/**
 * The task with senses as interventions of whole runs make them: delays, and noise of the senses. Draws of trials do not depend on either. Returns `task`
 * itself where there is nothing of the kind. Options that `interventionProblems` has nothing against.
 */
export function intervenedTask(options: readonly Intervention[], task: Task): Task {
  const plant = options.reduce((plant: Plant | undefined, option) => plant && changedSenses(option, plant), task.plant);
  return plant === task.plant ? task : (Object.create(task, { plant: { value: plant, enumerable: true } }) as Task);
}

function changedSenses(option: Intervention, plant: Plant): Plant {
  const { sensors, body } = plant;
  if (option.kind === 'delay') {
    const frames = (delay: number | undefined, now: number) => (delay === undefined ? now : (delayFrames(delay, body.timeStep) as number));
    const delays = { visionDelay: frames(option.vision, sensors.visionDelay), proprioceptionDelay: frames(option.proprioception, sensors.proprioceptionDelay) };
    return { ...plant, sensors: { ...sensors, ...delays } };
  }
  if (option.kind !== 'noise' || option.target === 'input' || option.target === 'state') return plant;
  const name = `${option.target}Noise` as const;
  const add = (deviation: number) => Math.hypot(deviation, option.deviation);
  const now = sensors[name];
  return { ...plant, sensors: { ...sensors, [name]: typeof now === 'number' ? add(now) : now.map(add) } };
}

/** Task and data of a run with its interventions; the same objects where there are none. `hiddenSize` is that of the network. */
export function intervene(options: readonly Intervention[], task: Task, data: TrialData, hiddenSize: number): { task: Task; data: TrialData } {
  if (options.length === 0) return { task, data };
  const changed = intervenedTask(options, task);
  const training = new Uint8Array(data.set.trials);
  for (const trial of data.trainingIndices) training[trial] = 1;
  const at = (set: TrialSet, epoch: number) => interveneTrials(options, { task: changed, set, hiddenSize, training, epoch });
  const { epochSet } = data;
  return { task: changed, data: { ...data, set: at(data.set, 0), ...(epochSet ? { epochSet: (epoch: number) => at(epochSet(epoch), epoch) } : {}) } };
}

/**
 * The trials with what is done to them: arrays changed on the host, and tables for what acts inside a rollout. Options that `interventionProblems` has nothing
 * against; throws ConfigError when too many different ones overlap.
 */
export function interveneTrials(options: readonly Intervention[], context: InterventionContext): TrialSet {
  const windows = interventionWindows(options, context);
  const interventions = { ...unitTables(options, windows, context), ...bodyTables(options, windows, context) };
  const edited = editTrials(options, windows, context);
  return Object.keys(interventions).length > 0 ? { ...edited, interventions } : edited;
}

/** For each intervention the steps in which it acts on each trial [S], or null. */
type Windows = readonly (readonly (StepWindow | null)[])[];

/** Which trials interventions concern, and when. */
export function interventionWindows(options: readonly Intervention[], { task, set, training, epoch = 0 }: Omit<InterventionContext, 'hiddenSize'>): Windows {
  return options.map((option) =>
    Array.from({ length: set.trials }, (_, trial): StepWindow | null => {
      const { phase = 'both', trials } = option;
      if (phase !== 'both' && (training?.[trial] === 1) !== (phase === 'train')) return null;
      if (!isChosen(trials, trial, set.conditions[trial] as number, epoch)) return null;
      const span = windowOf(option, task, set, trial);
      if (option.kind === 'channel' && span && lineOf(task, set, trial, option) === null) return null;
      return span;
    }),
  );
}

/** Everything that is done to the arrays of the trials. */
function editTrials(options: readonly Intervention[], windows: Windows, { task, set, epoch = 0 }: InterventionContext): TrialSet {
  const trials = new EditableTrials(task, set);
  for (const [k, option] of options.entries()) {
    for (const [trial, span] of (windows[k] as (StepWindow | null)[]).entries()) {
      if (!span) continue;
      if (option.kind === 'load') {
        if (option.endpoint) trials.load('endpointLoads', trial, span, option.endpoint);
        if (option.joint) trials.load('jointLoads', trial, span, option.joint);
      } else if (option.kind === 'target-jump') trials.moveTarget(trial, span, option);
      else if (option.kind === 'input-pulse') trials.pulse(trial, span, channelOf(option, task), option.height);
      else if (option.kind === 'noise' && option.target === 'input') {
        const key = randomKey(option.seed, 'input noise of an intervention', epoch);
        trials.addNoise(trial, span, option.deviation, (at) => normalAt(key, trial, at));
      }
    }
  }
  return trials.set();
}

/** Number of the channel that a pulse names. */
export function channelOf({ channel }: InterventionOf<'input-pulse'>, { inputLabels }: Pick<Task, 'inputLabels'>): number {
  return typeof channel === 'number' ? channel : inputLabels.indexOf(channel);
}

/** One intervention on the state, ready to be put into a row. */
interface UnitChange {
  readonly k: number;
  /** What tells its rows apart at a step of a trial whose span begins at `from`. */
  level(trial: number, step: number, from: number): number;
  /** Whether it also acts on the state before the first step. */
  readonly initial: boolean;
  apply(gain: Float32Array, shift: Float32Array, level: number): void;
}

/** Rows of gains and shifts of the state: entry 0 of a trial acts on the initial state, entry t + 1 on the state after step t. */
function unitTables(options: readonly Intervention[], windows: Windows, context: InterventionContext): Pick<TrialInterventions, 'units'> {
  const { set, hiddenSize } = context;
  const changes = options.flatMap((option, k) => unitChange(option, k, context) ?? []);
  // what holds a unit comes last, so that nothing is added to a unit that is held or lesioned
  changes.sort((a, b) => Number(a.initial) - Number(b.initial));
  if (changes.length === 0) return {};
  const table = new RowTable(2 * hiddenSize, 'changes of the state');
  const entries = set.steps + 1;
  const rows = new Int32Array(set.trials * entries);
  for (let trial = 0; trial < set.trials; trial++) {
    const acting = changes.flatMap((change) => {
      const span = windows[change.k]?.[trial];
      return span ? [{ change, span }] : [];
    });
    if (acting.length === 0) continue;
    for (let entry = 0; entry < entries; entry++) {
      const step = entry - 1;
      const now = acting.filter(({ change, span: { from, until } }) => (step < 0 ? change.initial && from === 0 : step >= from && step < until));
      if (now.length === 0) continue;
      const levels = now.map(({ change, span }) => change.level(trial, step, span.from));
      rows[trial * entries + entry] = table.number(now.map(({ change }, i) => `${change.k}:${levels[i]}`).join(' '), (row) => {
        const [gain, shift] = [row.subarray(0, hiddenSize).fill(1), row.subarray(hiddenSize)];
        now.forEach(({ change }, i) => {
          change.apply(gain, shift, levels[i] as number);
        });
      });
    }
  }
  return table.used ? { units: { rows, gains: table.columns(0, hiddenSize), shifts: table.columns(hiddenSize), width: hiddenSize } } : {};
}

function unitChange(option: Intervention, k: number, { task, hiddenSize, epoch = 0 }: InterventionContext): UnitChange | null {
  if (option.kind === 'unit-clamp' || option.kind === 'unit-lesion') {
    const units = chosenUnits(option.units, hiddenSize);
    const value = option.kind === 'unit-clamp' ? option.value : 0;
    const hold = (gain: Float32Array, shift: Float32Array) => {
      for (const unit of units) {
        gain[unit] = 0;
        shift[unit] = value;
      }
    };
    return { k, initial: true, level: () => 0, apply: hold };
  }
  if (option.kind === 'stimulation') {
    const units = chosenUnits(option.units, hiddenSize);
    const { amplitude, pattern, ramp } = option;
    const rise = ramp === undefined ? 0 : (stepsOf(parseMoment(ramp) as NonNullable<ReturnType<typeof parseMoment>>, task.stepDuration) as number);
    return {
      k,
      initial: false,
      level: (_, step, from) => (rise === 0 ? 1 : Math.min(rise, step - from + 1)),
      apply: (_, shift, level) => {
        const share = rise === 0 ? 1 : level / rise;
        for (const [i, unit] of units.entries()) (shift[unit] as number) += amplitude * share * (pattern?.[i] ?? 1);
      },
    };
  }
  if (option.kind !== 'noise' || option.target !== 'state') return null;
  const key = randomKey(option.seed, 'state noise of an intervention', epoch);
  const stock = noiseStock(hiddenSize, randomKey(option.seed, 'stock of state noise'));
  return {
    k,
    initial: false,
    level: (trial, step) => Math.floor(uniformAt(key, trial, step) * stock.rows),
    apply: (_, shift, level) => {
      for (const [unit, draw] of stock.row(level).entries()) (shift[unit] as number) += option.deviation * draw;
    },
  };
}

/** Rows of force fields and of muscle strengths. */
function bodyTables(options: readonly Intervention[], windows: Windows, { task, set }: InterventionContext): Pick<TrialInterventions, 'fields' | 'strengths'> {
  const body = task.plant?.body;
  if (!body) return {};
  const kinds = (names: readonly string[]) => options.flatMap((option, k) => (names.includes(option.kind) ? [k] : []));
  const forces = kinds(['curl-field', 'fixed-field', 'linear-field', 'channel']);
  const strengths = kinds(['strength']);
  const fieldTable = new RowTable(12, 'force fields');
  const strengthTable = new RowTable(body.muscles, 'muscle strengths');
  const fieldRows = new Int32Array(forces.length > 0 ? set.trials * set.steps : 0);
  const strengthRows = new Int32Array(strengths.length > 0 ? set.trials * set.steps : 0);
  for (let trial = 0; trial < set.trials; trial++) {
    const force = new Map<number, LinearForce>();
    for (const k of forces) {
      const option = options[k] as InterventionOf<'curl-field' | 'fixed-field' | 'linear-field' | 'channel'>;
      if (windows[k]?.[trial]) force.set(k, option.kind === 'channel' ? (lineOf(task, set, trial, option) as LinearForce) : forceOf(option));
    }
    const within = (k: number) => options[k]?.kind === 'channel';
    eachStep(forces, windows, trial, (step, now) => {
      const key = now.map((k) => (within(k) ? `${k}@${trial}` : String(k))).join(' ');
      fieldRows[trial * set.steps + step] = fieldTable.number(key, (row) => {
        const { f, c, A, B } = sumOfForces(now.map((k) => force.get(k) as LinearForce));
        row.set([...f, ...c, ...A, ...B]);
      });
    });
    eachStep(strengths, windows, trial, (step, now) => {
      strengthRows[trial * set.steps + step] = strengthTable.number(now.join(' '), (row) => {
        row.fill(1);
        for (const k of now) {
          const { muscles } = options[k] as InterventionOf<'strength'>;
          for (const [m, name] of body.muscleNames.entries()) (row[m] as number) *= (muscles.all ?? 1) * (muscles[name] ?? 1);
        }
      });
    });
  }
  return {
    ...(fieldTable.used ? { fields: { rows: fieldRows, values: fieldTable.columns(), width: fieldTable.width } } : {}),
    ...(strengthTable.used ? { strengths: { rows: strengthRows, values: strengthTable.columns(), width: strengthTable.width } } : {}),
  };
}

/** Calls `act` for every step of a trial in which some of the interventions `ks` act, with those that do. */
function eachStep(ks: readonly number[], windows: Windows, trial: number, act: (step: number, now: number[]) => void): void {
  const acting = ks.filter((k) => windows[k]?.[trial]);
  const of = (k: number) => windows[k]?.[trial] as StepWindow;
  const last = Math.max(0, ...acting.map((k) => of(k).until));
  for (let step = Math.min(last, ...acting.map((k) => of(k).from)); step < last; step++) {
    const now = acting.filter((k) => step >= of(k).from && step < of(k).until);
    if (now.length > 0) act(step, now);
  }
}

/** The walls of a trial's channel; null where start and target are one place, or the target is not known. */
function lineOf(task: Task, set: TrialSet, trial: number, option: InterventionOf<'channel'>): LinearForce | null {
  const goal = new EditableTrials(task, set).goal(trial);
  const [x, y] = fingertipOf((task.plant as Plant).body, (set.joints as Float32Array).subarray(4 * trial, 4 * trial + 4), 1);
  return goal && channelForce(option, [x as number, y as number], goal);
}
