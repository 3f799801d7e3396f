// check, kind random_target_dataset: targets, forces and noiseless inputs rebuilt trial by trial; our own generator's statistics against the file's.
import { fingertipOf } from '../../arm/kinematics.js';
import { RunFormatError } from '../../errors.js';
import { randomKey } from '../../random.js';
import { createTask } from '../../tasks/index.js';
import { taskOptions } from '../../tasks/options.js';
import { fillContext, goLevel, setPlace } from '../../tasks/reach.js';
import type { Place } from '../../tasks/reach-checks.js';
import { goCueOf, pushOf } from '../../tasks/reach-metrics.js';
import type { Task, TrialSet } from '../../tasks/task.js';
import type { Comparison } from './compare.js';
import { compareMoment, compareSamples, momentsOf, standardErrors } from './statistics.js';

/** Seed of our own trials: any will do, a fixed one makes the verdict repeat. */
const seed = 0;
/** Standard deviations beyond which normal noise lies once in 10¹⁰ draws. */
const largestNoise = 6.5;
/** The class's `context_input_noise`. */
const defaultNoise = 0.05;
/** Goals and inputs are float32 numbers of at most 1. */
const roundingBound = 5e-6;

/** Checks the tensors of the first trials and the statistics of many; sizes, forces and noise come from the file. */
export function checkRandomTarget(comparison: Comparison): void {
  const task = taskOf(comparison);
  rebuild(comparison, task);
  checkStatistics(comparison, task);
}

function taskOf({ file }: Comparison): Task {
  const config = file.section('config');
  const timeStep = config.number('dt', 0.01);
  const aligned = config.entry('is_aligned') === true;
  // In double, as the original: 1.13 s is 112 steps of 0.01 s.
  const steps = file.has('inputs') ? (file.tensor('inputs', [null, null, 3]).shape[1] as number) : Math.floor(config.number('max_ep_duration', 3) / timeStep);
  const options = taskOptions.safeParse({
    name: 'random-target',
    variant: aligned ? 'aligned' : config.string('dataset_name', '') === 'MoveBump' ? 'move-bump' : 'standard',
    steps,
    bumpLow: config.number('bump_mag_low', 5),
    bumpHigh: config.number('bump_mag_high', 10),
    contextNoise: config.number('context_input_noise', defaultNoise),
    effector: { effector: 'RigidTendonArm26', muscle: 'MujocoHill', timeStep },
    sensors: { visionDelay: 0, proprioceptionDelay: 0 },
  });
  if (!options.success)
    throw new RunFormatError(
      `${file.name}: expected the options of a random-target data set in config, got ${options.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  return createTask(options.data);
}

/**
 * Rebuilds the trials that the file holds in full: start from `ics`, times from `extra`, the goal from the last target (in a catch trial, whose targets
 * stay at the start, from the mean of the inputs that show it), the force from its first step. Inputs must differ from it by the noise alone.
 */
function rebuild(comparison: Comparison, task: Task): void {
  const { file } = comparison;
  if (!file.has('targets')) return;
  const [trials, steps] = file.tensor('targets', [null, null, 2]).shape as [number, number, number];
  const values = (name: string, ...shape: number[]) => Float64Array.from(file.tensor(name, shape).data);
  const [theirTargets, theirInputs, theirLoads] = [
    values('targets', trials, steps, 2),
    values('inputs', trials, steps, 3),
    values('inputs_to_env', trials, steps, 2),
  ];
  const [joints, extra] = [Float32Array.from(values('ics', trials, 4)), values('extra', trials, 2)];
  if (!task.plant) return;
  const starts = fingertipOf(task.plant.body, joints, trials);
  const targets = new Float32Array(trials * steps * 2);
  const inputs = new Float32Array(trials * steps * 3);
  const loads = new Float32Array(trials * steps * 2);
  for (let trial = 0; trial < trials; trial++) {
    const [targetOn, goCue] = [extra[2 * trial] as number, extra[2 * trial + 1] as number];
    const last = 2 * ((trial + 1) * steps - 1);
    const shown = theirInputs.subarray((trial * steps + targetOn) * 3, ((trial + 1) * steps - 1) * 3);
    const goal: Place = goCue < 0 ? [everyThird(shown, 0), everyThird(shown, 1)] : [theirTargets[last] as number, theirTargets[last + 1] as number];
    const rows = { targets: targets.subarray(trial * steps * 2, (trial + 1) * steps * 2), inputs: inputs.subarray(trial * steps * 3, (trial + 1) * steps * 3) };
    fillContext(rows, steps, [starts[2 * trial] as number, starts[2 * trial + 1] as number], goal, targetOn, goCue);
    refillLoad(loads.subarray(trial * steps * 2, (trial + 1) * steps * 2), theirLoads.subarray(trial * steps * 2, (trial + 1) * steps * 2), steps);
  }
  comparison.given('ics', 'extra', 'inputs');
  comparison.compareData('targets', targets);
  comparison.compareExactly('inputs_to_env', loads);
  comparison.compareExactly(
    'conds',
    Int32Array.from({ length: trials }, (_, trial) => ((extra[2 * trial + 1] as number) < 0 ? 1 : 0)),
  );
  compareNoise(comparison, theirInputs, inputs, comparison.file.section('config').number('context_input_noise', defaultNoise));
}

function everyThird(values: Float64Array, first: number): number {
  let sum = 0;
  for (let i = first; i < values.length; i += 3) sum += values[i] as number;
  return values.length === 0 ? 0 : (3 * sum) / values.length;
}

/** One push [T, 2] of constant force between the first and the last step on which the file's has any. */
function refillLoad(loads: Float32Array, theirs: Float64Array, steps: number): void {
  const first = theirs.findIndex((value) => value !== 0) >> 1;
  const last = theirs.findLastIndex((value) => value !== 0) >> 1;
  if (last >= 0) setPlace(loads, 2, first, Math.min(steps, last + 1), [theirs[2 * first] as number, theirs[2 * first + 1] as number]);
}

/** What the inputs have besides the rebuilt ones must be normal noise of the stated deviation: no outlier, its mean and deviation within their errors. */
function compareNoise(comparison: Comparison, theirs: Float64Array, rebuilt: Float32Array, deviation: number): void {
  const noise = theirs.map((value, i) => value - (rebuilt[i] as number));
  const { count, mean, deviation: found } = momentsOf(noise);
  const largest = noise.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  comparison.compareStatistic('inputs (largest noise)', largest, 0, largestNoise * deviation + roundingBound);
  comparison.compareStatistic('inputs (noise mean)', mean, 0, (standardErrors * deviation) / Math.sqrt(count) + roundingBound);
  comparison.compareStatistic('inputs (noise deviation)', found, deviation, (standardErrors * deviation) / Math.sqrt(2 * count) + roundingBound);
}

/** Statistics of as many trials of our own, trial by trial where the file has them so, and the moments of its summary. */
function checkStatistics(comparison: Comparison, task: Task): void {
  const { file } = comparison;
  const perTrial = file.names.filter((name) => name.startsWith('stats.'));
  const stated = file.section('stats');
  if (perTrial.length === 0 && stated.keys.length === 0) return;
  const recorded = perTrial.length > 0 ? (file.tensor(perTrial[0] as string).shape[0] as number) : 2000;
  const trials = Math.max(2, stated.number('n', recorded));
  const set = task.generate(randomKey(seed, 'check'), 0, trials);
  const own = describe(set, task);
  for (const [name, ours] of Object.entries(own.columns)) {
    const [tensor, column] = name.split('/') as [string, string | undefined];
    if (!file.has(tensor)) continue;
    comparison.given(tensor);
    compareSamples(comparison, column === undefined ? tensor : `${tensor}[${column}]`, ours, columnOf(comparison, name));
  }
  if (file.has('stats.bump_force')) {
    const [xs, ys] = [columnOf(comparison, 'stats.bump_force/0'), columnOf(comparison, 'stats.bump_force/1')];
    const theirs = xs.map((x, i) => Math.sqrt(x * x + (ys[i] as number) ** 2));
    compareSamples(comparison, 'stats.bump_force (magnitude)', own.magnitudes, theirs);
  }
  const rate = (value: number) => ({ count: trials, mean: value, deviation: Math.sqrt(value * (1 - value)) });
  const compareRate = (key: string, ours: number) => compareMoment(comparison, key, rate(ours), rate(stated.number(key, ours)));
  const compareMean = (key: string, values: Float64Array) => {
    const ours = momentsOf(values);
    compareMoment(comparison, key, ours, { ...ours, mean: stated.number(key, ours.mean) });
  };
  compareRate('catch_rate', momentsOf(own.columns['stats.catch'] as Float64Array).mean);
  compareRate('bump_rate', own.pushes.length / trials);
  compareMean('bump_magnitude_mean', own.magnitudes);
  compareMean('bump_duration_mean_untruncated', Float64Array.from(own.pushes.filter(({ end }) => end < set.steps).map(({ start, end }) => end - start)));
  const noise = momentsOf(set.inputs.map((value, i) => value - (set.trueInputs[i] as number)));
  compareMoment(comparison, 'context_noise_mean', noise, { ...noise, mean: stated.number('context_noise_mean', noise.mean) });
  // The deviation of a normal sample has the standard error σ / √(2 N).
  const spread = { count: noise.count, mean: noise.deviation, deviation: noise.deviation / Math.SQRT2 };
  compareMoment(comparison, 'context_noise_sd', spread, { ...spread, mean: stated.number('context_noise_sd', noise.deviation) });
  if (stated.entry('go_cue_level') !== undefined) comparison.compareStatistic('stats.go_cue_level', goLevel, stated.number('go_cue_level', goLevel), 0);
}

/** A column `tensor/column` of the file; of times and forces only where there are any: go cue −1 is a catch trial, start −1 no push. */
function columnOf({ file }: Comparison, name: string): Float64Array {
  const [tensor, column] = name.split('/') as [string, string | undefined];
  const { data, shape } = file.tensor(tensor);
  const width = shape[1] ?? 1;
  const values = Float64Array.from({ length: shape[0] as number }, (_, trial) => data[trial * width + Number(column ?? 0)] as number);
  if (name === 'stats.target_on_go_cue/1') return values.filter((value) => value >= 0);
  if (!tensor.startsWith('stats.bump_')) return values;
  const starts = file.has('stats.bump_start') ? file.tensor('stats.bump_start', [null]).data : values;
  return values.filter((_, trial) => (starts[trial] as number) >= 0);
}

/** Our own trials in the columns of the file. */
function describe(set: TrialSet, task: Task) {
  const { trials, steps, extra, targets, joints, endpointLoads } = set;
  const all = Array.from({ length: trials }, (_, trial) => trial);
  const goes = all.flatMap((trial) => goCueOf(set, trial) ?? []);
  const pushes = all.flatMap((trial) => {
    const push = pushOf(set, trial);
    const at = 2 * (trial * steps + (push?.start ?? 0));
    return push ? [{ ...push, force: [endpointLoads?.[at] as number, endpointLoads?.[at + 1] as number] as const }] : [];
  });
  const starts = task.plant && joints ? fingertipOf(task.plant.body, joints, trials) : new Float32Array(2 * trials);
  const column = (values: Float32Array, stride: number, offset: number) => Float64Array.from(all, (trial) => values[trial * stride + offset] as number);
  const columns: Record<string, Float64Array> = {
    'stats.target_on_go_cue/0': column(extra, 2, 0),
    'stats.target_on_go_cue/1': Float64Array.from(goes),
    'stats.catch': Float64Array.from(set.conditions),
    'stats.bump_start': Float64Array.from(pushes, ({ start }) => start),
    'stats.bump_duration': Float64Array.from(pushes, ({ start, end }) => end - start),
  };
  for (const axis of [0, 1] as const) {
    columns[`stats.bump_force/${axis}`] = Float64Array.from(pushes, ({ force }) => force[axis]);
    columns[`stats.initial_target/${axis}`] = column(starts, 2, axis);
    columns[`stats.final_target/${axis}`] = column(targets, 2 * steps, 2 * (steps - 1) + axis);
  }
  for (let i = 0; i < 4; i++) columns[`stats.ics/${i}`] = column(joints as Float32Array, 4, i);
  return { columns, pushes, magnitudes: Float64Array.from(pushes, ({ force: [x, y] }) => Math.sqrt(x * x + y * y)) };
}
