// check on multitask files with other bins, seeds, tasks and sizes than the golden ones, and on files that are wrong.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { checkFile } from '../../../src/jobs/check/replay.js';
import { randomKey } from '../../../src/random.js';
import { writeSafetensors } from '../../../src/runs/safetensors.js';
import { createMultitask, multitaskDraws, phaseSteps } from '../../../src/tasks/multitask.js';
import { type MultitaskName, multitaskOptions } from '../../../src/tasks/multitask-options.js';
import { fillTrial, planTrial } from '../../../src/tasks/multitask-trial.js';

const backend = createReferenceBackend();
const tasks: MultitaskName[] = ['MatchCatAnti', 'ContextIntMultimodal', 'ReactPro', 'NonMatch2Sample'];
const options = multitaskOptions.parse({ name: 'multitask', tasks, binSize: 40, targets: 12, compat: 'ctdb' });
const config = { bin_size: 40, num_targets: 12, n_timesteps: 160, noise: 0.3, task_list: tasks, n_stats: 150 };
const json = (values: object) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));

/** A file of trials as the original records them. */
function trialFile(change: (plan: { inputs: Float32Array; targets: Float32Array; phases: Record<string, number[]>[] }) => void = () => undefined): Uint8Array {
  const draws = Array.from({ length: 12 }, (_, trial) => multitaskDraws(options, randomKey(9, 'data'), trial));
  const plans = draws.map((draw) => planTrial(draw, options));
  const total = plans.reduce((sum, { length }) => sum + length, 0);
  const [inputs, targets] = [new Float32Array(total * 20), new Float32Array(total * 3)];
  const offsets = [0];
  for (const plan of plans) {
    const from = offsets.at(-1) as number;
    fillTrial(plan, inputs.subarray(from * 20, (from + plan.length) * 20), targets.subarray(from * 3, (from + plan.length) * 3));
    offsets.push(from + plan.length);
  }
  const phases = plans.map((plan) => Object.fromEntries(plan.phases.map(({ name, start, end }) => [name, [start, end]])));
  change({ inputs, targets, phases });
  const parameters = draws.map(({ lengths, angles, amplitudes, responds }) => ({
    ...Object.fromEntries(Object.entries(lengths).map(([name, length]) => [`${name}_len`, length])),
    targ_ang_1: angles[0],
    targ_ang_2: angles[1],
    ...(amplitudes ? { targ_mag_1: amplitudes[0][0], targ_mag_2: amplitudes[0][1], targ_mag_1B: amplitudes[1][0], targ_mag_2B: amplitudes[1][1] } : {}),
    ...(responds === undefined ? {} : { isOpposite: responds }),
  }));
  return writeSafetensors(
    {
      inputs: { shape: [total, 20], data: inputs },
      targets: { shape: [total, 3], data: targets },
      offsets: { shape: [13], data: Int32Array.from(offsets) },
      task_index: { shape: [12], data: Int32Array.from(plans, (_, i) => i % 4) },
      extra: { shape: [12, 2], data: Int32Array.from(plans.flatMap(({ response }) => response)) },
    },
    json({ config, tasks_in_this_file: tasks, trial_parameters: parameters, phase_dicts: phases }),
  );
}

const check = async (name: string, bytes: Uint8Array) => {
  const result = await checkFile(backend, name, () => bytes);
  return { ok: result.ok, problem: result.problem, bad: result.quantities.filter((quantity) => !quantity.ok).map((quantity) => quantity.name) };
};

test('trials of other bins, tasks and directions are rebuilt, and any difference is found', async () => {
  assert.equal(await check('task_multitask_7.safetensors', trialFile()), { ok: true, problem: null, bad: [] });
  const changed = [
    ['inputs', ({ inputs }: { inputs: Float32Array }) => inputs.fill(0.5, 40, 41)],
    ['targets', ({ targets }: { targets: Float32Array }) => targets.fill(1, 0, 3)],
    ['phase_dicts (trials that differ)', ({ phases }: { phases: Record<string, number[]>[] }) => Object.assign(phases[3] as object, { context: [0, 1] })],
  ] as const;
  for (const [name, change] of changed) assert.equal((await check('task_multitask_7.safetensors', trialFile(change as never))).bad, [name]);
});

/** A file of statistics, from the generator with another seed. */
function statisticsFile(shift = 0, fixation = false): Uint8Array {
  const perTask = Object.fromEntries(
    tasks.map((name) => {
      const set = createMultitask({ ...options, tasks: [name], noise: 0 }).generate(randomKey(123, 'other'), 0, config.n_stats);
      const summary = (values: number[]) => [values.reduce((a, b) => a + b, 0) / values.length + shift, Math.min(...values), Math.max(...values)];
      const phases = phaseSteps(name, 40).map(([phase]) => [
        phase,
        summary((set.phases ?? []).map((own) => own.filter((one) => one.name === phase).map(({ start, end }) => end - start)[0] as number)),
      ]);
      const silent = Array.from({ length: set.trials }, (_, trial) => (trial * set.steps + (set.extra[2 * trial] as number)) * 3).filter(
        (at) => set.targets[at + 1] === 0 && set.targets[at + 2] === 0,
      );
      return [
        name,
        {
          phase_len_mean_min_max: Object.fromEntries(phases),
          total_len_mean_min_max: summary(Array.from(set.lengths ?? [])),
          fraction_of_trials_with_all_zero_response_target: silent.length / set.trials,
          fixation_target_is_1_before_response: fixation || !/NonMatch|Cat/.test(name),
        },
      ];
    }),
  );
  const shapes = { inputs: [8, 160, 20], targets: [8, 160, 3], conds: [8, 1], extra: [8, 2] };
  return writeSafetensors(
    { extra: { shape: [8, 2], data: new Float32Array(16) } },
    json({ config, per_task: perTask, noise_sd: 0.3, noise_in_padding: 0, dataset_shapes: shapes }),
  );
}

test('statistics of another seed agree, shifted ones and other rules do not', async () => {
  assert.equal(await check('task_multitask_stats.safetensors', statisticsFile()), { ok: true, problem: null, bad: [] });
  const shifted = await check('task_multitask_stats.safetensors', statisticsFile(12));
  assert.ok(shifted.bad.includes('ReactPro.context (mean)') && shifted.bad.includes('MatchCatAnti.mem1 (mean)'), shifted.bad.join());
  assert.equal((await check('task_multitask_stats.safetensors', statisticsFile(0, true))).bad, [
    'MatchCatAnti: share of trials with a fixation target',
    'NonMatch2Sample: share of trials with a fixation target',
  ]);
});

test('files without their draws, or with tasks that do not exist, are broken and say where', async () => {
  const tensors = { inputs: { shape: [1, 20], data: new Float32Array(20) }, task_index: { shape: [1], data: Int32Array.of(0) } };
  const file = (metadata: object) => writeSafetensors(tensors, json(metadata));
  assert.match((await check('task_multitask_1', file({}))).problem ?? '', /expected metadata trial_parameters as a list/);
  assert.match(
    (await check('task_multitask_1', file({ trial_parameters: [{}], tasks_in_this_file: ['Juggling'] }))).problem ?? '',
    /expected names of tasks in tasks_in_this_file/,
  );
  assert.match(
    (await check('task_multitask_1', file({ trial_parameters: [{}], tasks_in_this_file: ['IntMod1'] }))).problem ?? '',
    /trial_parameters\[0\]\.targ_ang_1: expected a number/,
  );
  assert.match((await check('task_multitask_1', writeSafetensors({}, {}))).problem ?? '', /task_multitask_1: expected trials or statistics/);
});

test.run();
