// The multitask battery against its tables: lengths, conditions, rules, responses, padding, loss and the rule of success.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomKey } from '../../src/random.js';
import { generateData, selectTrials } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { createMultitask, multitaskDraws, phaseSteps } from '../../src/tasks/multitask.js';
import { multitaskMetrics, multitaskResponses } from '../../src/tasks/multitask-metrics.js';
import { type MultitaskName, multitaskNames, type MultitaskOptions, multitaskOptions } from '../../src/tasks/multitask-options.js';
import { taskOptions } from '../../src/tasks/options.js';
import { familyOf, largerStimulus, multitaskInputLabels, planTrial, ruleChannel } from '../../src/tasks/multitask-trial.js';
import type { Task, TrialSet } from '../../src/tasks/task.js';

const key = randomKey(5, 'data');
const options = (changes: object = {}): MultitaskOptions => multitaskOptions.parse({ name: 'multitask', ...changes });
const make = (changes: object = {}): Task => createMultitask(options(changes));
const input = (set: TrialSet, trial: number, step: number, channel: number) => set.trueInputs[(trial * set.steps + step) * 20 + channel] as number;
const target = (set: TrialSet, trial: number, step: number, channel: number) => set.targets[(trial * set.steps + step) * 3 + channel] as number;

const trialsPerTask = 1000;
/** A thousand trials a task, laid out without arrays of inputs. */
const plans = new Map(
  multitaskNames.map((name) => {
    const own = options({ tasks: [name] });
    return [
      name,
      Array.from({ length: trialsPerTask }, (_, trial) => ({ draws: multitaskDraws(own, key, trial), plan: planTrial(multitaskDraws(own, key, trial), own) })),
    ];
  }),
);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Within four standard errors of a mean with this deviation. */
const near = (actual: number, expected: number, deviation: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= (4 * deviation) / Math.sqrt(trialsPerTask) + 1e-12, `${what}: expected ${expected}, got ${actual}`);

const tables: Record<string, Record<string, [number, number]>> = {
  delay: { context: [15, 34], stim1: [10, 74], response: [15, 34], total: [40, 142] },
  memory: { context: [15, 34], stim1: [10, 79], mem1: [10, 79], response: [15, 34], total: [50, 226] },
  react: { context: [25, 124], response: [15, 84], total: [40, 208] },
  decision: { context: [10, 29], stim1: [10, 79], mem1: [10, 79], stim2: [10, 79], mem2: [5, 14], response: [15, 34], total: [60, 314] },
  match: { context: [10, 29], stim1: [10, 79], mem1: [10, 79], response: [15, 34], total: [45, 221] },
};

test('phases have the lengths of their family, uniformly, in order and without gaps', () => {
  for (const [name, trials] of plans) {
    const { total, ...phases } = tables[familyOf(name)] as Record<string, [number, number]>;
    assert.equal(
      phaseSteps(name, 20).map(([phase, first, last]) => [phase, [first, last]]),
      Object.entries(phases),
    );
    for (const [phase, [first, last]] of Object.entries(phases)) {
      const lengths = trials
        .map(({ plan }) => plan.phases.find((one) => one.name === phase) as { start: number; end: number })
        .map(({ start, end }) => end - start);
      assert.is(Math.min(...lengths), first, `${name} ${phase}: shortest`);
      assert.is(Math.max(...lengths), last, `${name} ${phase}: longest`);
      near(mean(lengths), (first + last) / 2, (last - first + 1) / Math.sqrt(12), `${name} ${phase}`);
    }
    for (const { plan } of trials) {
      assert.ok(plan.length >= ((total as number[])[0] as number) && plan.length <= ((total as number[])[1] as number), `${name}: ${plan.length} steps`);
      assert.is(plan.phases[0]?.start, 0);
      assert.is(plan.phases.at(-1)?.end, plan.length);
      for (let i = 1; i < plan.phases.length; i++) assert.is(plan.phases[i]?.start, plan.phases[i - 1]?.end);
    }
  }
});

test('directions, matches, coherences and silence have their shares over 1000 trials a task', () => {
  for (const [name, trials] of plans) {
    const directions = trials.map(({ draws }) => Math.round(((draws.angles[0] + Math.PI) * 16) / Math.PI));
    assert.ok(trials.every(({ draws }, i) => Math.abs(draws.angles[0] - (-Math.PI + (Math.PI * (directions[i] as number)) / 16)) < 1e-12));
    assert.is(new Set(directions).size, 32, name);
    assert.is(Math.min(...directions), 0);
    near(mean(directions), 15.5, 9.24, `${name}: directions`);
    const silent = trials.filter(({ plan }) => plan.target[0] === 0 && plan.target[1] === 0).length / trialsPerTask;
    if (familyOf(name) !== 'match') assert.is(silent, 0, name);
    else near(silent, 0.5, 0.5, `${name}: share of trials without a response`);
    if (familyOf(name) !== 'decision') continue;
    for (const pair of [0, 1]) {
      const amplitudes = trials.map(({ draws }) => draws.amplitudes?.[pair] as [number, number]);
      near(mean(amplitudes.map(([first, second]) => (first + second) / 2)), 1, 0.4 / Math.sqrt(12), `${name}: mean amplitude`);
      near(mean(amplitudes.map(([first, second]) => Math.sign(first - second))), 0, 1, `${name}: sign`);
      const levels = amplitudes.map(([first, second]) => Math.round(Math.abs(first - second) * 50));
      assert.equal(
        [...new Set(levels)].sort((a, b) => a - b),
        [8, 16, 32],
      );
      for (const level of [8, 16, 32]) near(levels.filter((one) => one === level).length / trialsPerTask, 1 / 3, 0.472, `${name}: coherence`);
    }
    const turns = trials.map(({ draws: { angles } }) => (angles[1] - angles[0] + 4 * Math.PI) % (2 * Math.PI));
    assert.ok(Math.min(...turns) >= Math.PI / 2 - 1e-9 && Math.max(...turns) <= 1.5 * Math.PI + 1e-9);
  }
});

test('the larger stimulus of the modality that counts is asked for, the first on a tie', () => {
  const turned = (name: MultitaskName) => (plans.get(name) as NonNullable<ReturnType<typeof plans.get>>).map(({ draws }) => draws);
  const larger = { IntMod1: 0, IntMod2: 0, ContextIntMod1: 0, ContextIntMod2: 1 } as const;
  for (const [name, pair] of Object.entries(larger)) {
    for (const draws of turned(name as MultitaskName)) {
      const [first, second] = (draws.amplitudes as NonNullable<typeof draws.amplitudes>)[pair];
      assert.is(largerStimulus(draws, 'none'), first > second ? 0 : 1);
      assert.is(largerStimulus(draws, 'ctdb'), first > second ? 0 : 1);
    }
  }
  let ties = 0;
  for (const draws of turned('ContextIntMultimodal')) {
    const [a, b] = draws.amplitudes as [[number, number], [number, number]];
    // In hundredths, exactly: coherences are 8, 16 and 32 of them.
    const difference = Math.round(100 * (a[0] - a[1])) + Math.round(100 * (b[0] - b[1]));
    if (difference === 0) ties++;
    assert.is(largerStimulus(draws, 'none'), difference >= 0 ? 0 : 1);
  }
  near(ties / trialsPerTask, 1 / 6, 0.373, 'ties');
});

test('one rule channel is on inside the trial, all is zero behind it, and noise stays inside', () => {
  const task = make();
  const set = task.generate(key, 0, 30);
  assert.is(task.steps, 320);
  assert.is(multitaskInputLabels.length, 20);
  let squares = 0;
  let count = 0;
  for (let trial = 0; trial < set.trials; trial++) {
    const name = multitaskNames[trial % 15] as MultitaskName;
    assert.is(set.conditions[trial], trial % 15);
    const length = set.lengths?.[trial] as number;
    for (let step = 0; step < set.steps; step++) {
      for (let channel = 0; channel < 20; channel++) {
        const at = (trial * set.steps + step) * 20 + channel;
        if (step >= length) assert.is(set.inputs[at], 0);
        else {
          squares += ((set.inputs[at] as number) - (set.trueInputs[at] as number)) ** 2;
          count++;
        }
        if (channel >= 5) assert.is(set.trueInputs[at], step < length && channel === ruleChannel(name) ? 1 : 0);
      }
      if (step >= length) for (let channel = 0; channel < 3; channel++) assert.is(target(set, trial, step, channel), 0);
    }
  }
  assert.ok(Math.abs(Math.sqrt(squares / count) - 0.3) < 0.003);
});

test('stimuli, fixation and response follow the rules of each task', () => {
  const set = make({ noise: 0 }).generate(key, 0, 150);
  for (let trial = 0; trial < set.trials; trial++) {
    const name = multitaskNames[trial % 15] as MultitaskName;
    const family = familyOf(name);
    const [start, end] = [set.extra[2 * trial] as number, set.extra[2 * trial + 1] as number];
    const phase = (of: string) => set.phases?.[trial]?.find((one) => one.name === of);
    const asked = target(set, trial, start, 1) !== 0 || target(set, trial, start, 2) !== 0;
    for (let step = 0; step < end; step++) {
      const norm = Math.hypot(target(set, trial, step, 1), target(set, trial, step, 2));
      assert.ok(Math.abs(norm - (asked && step >= start ? 1 : 0)) < 1e-6, `${name}: response of norm ${norm} at step ${step}`);
      assert.is(target(set, trial, step, 0), step < start ? 1 : 0);
      assert.is(input(set, trial, step, 0), step < start || family === 'react' || family === 'match' ? 1 : 0);
    }
    const stimulus = (step: number, modality: number) => [input(set, trial, step, 1 + 2 * modality), input(set, trial, step, 2 + 2 * modality)] as const;
    const shown = (of: string, modality: number) => stimulus(phase(of)?.start as number, modality);
    if (name.endsWith('Pro') || name.endsWith('Anti')) {
      if (family !== 'match') {
        const seen = stimulus(family === 'react' ? start : (phase('stim1')?.start as number), 0);
        const sign = name.endsWith('Anti') ? -1 : 1;
        for (const axis of [0, 1] as const) assert.ok(Math.abs(target(set, trial, start, 1 + axis) - sign * seen[axis]) < 1e-6, name);
      }
    }
    if (family === 'delay') assert.ok(Math.abs(Math.hypot(...stimulus(end - 1, 0)) - 1) < 1e-6);
    if (family === 'memory') assert.equal(stimulus(end - 1, 0), [0, 0]);
    if (family === 'react') assert.equal(stimulus(start - 1, 0), [0, 0]);
    if (family === 'match' && asked) assert.equal([target(set, trial, start, 1), target(set, trial, start, 2)], [...stimulus(start, 0)]);
    if (family === 'decision') {
      const [one, two] = [Math.hypot(...shown('stim1', 0)), Math.hypot(...shown('stim1', 1))];
      assert.is(one > 0, name !== 'IntMod2');
      assert.is(two > 0, name !== 'IntMod1');
      assert.equal(shown('mem1', 0), [0, 0]);
      assert.equal(shown('mem2', 1), [0, 0]);
    }
  }
});

test('a trial of a task is the same in any range, order and subset of tasks', () => {
  const all = make();
  const whole = all.generate(key, 0, 60);
  const part = all.generate(key, 17, 4);
  for (const name of ['inputs', 'targets', 'extra', 'lengths', 'conditions'] as const) {
    const values = whole[name] as Float32Array;
    const width = values.length / 60;
    assert.equal([...(part[name] as Float32Array)], [...values.subarray(17 * width, 21 * width)], name);
  }
  assert.equal(part.phases, whole.phases?.slice(17, 21));
  // Trial 2 of MatchCatPro: number 2·15 + 13 of all, number 2·2 + 1 of two.
  const two = make({ tasks: ['ReactAnti', 'MatchCatPro'] }).generate(key, 5, 1);
  assert.is(two.conditions[0], 1);
  assert.equal([...two.inputs], [...whole.inputs.subarray(43 * 320 * 20, 44 * 320 * 20)]);
});

test('options: bins, steps, variants of Driscoll, and the published tasks', () => {
  const coarse = make({ binSize: 40 });
  assert.is(coarse.steps, 160);
  assert.is(coarse.stepDuration, 0.04);
  assert.is(make({ tasks: ['DelayPro'], steps: 142 }).steps, 142);
  assert.throws(() => make({ tasks: ['DelayPro', 'ReactPro'], steps: 207 }), /steps: expected room for trials of 208 steps of 20 ms, got 207/);
  assert.throws(() => multitaskOptions.parse({ name: 'multitask', tasks: ['DelayPro', 'DelayPro'] }), /tasks that differ/);
  assert.is(createTask(taskOptions.parse({ name: 'multitask', tasks: ['IntMod1'] })).conditionLabels?.[0], 'IntMod1');
  const match = ['Match2Sample', 'NonMatch2Sample', 'MatchCatPro', 'MatchCatAnti'];
  const old = make({ tasks: match, compat: 'ctdb', noise: 0 }).generate(key, 0, 40);
  for (let trial = 0; trial < 40; trial++) assert.is(target(old, trial, 0, 0), trial % 4 === 0 ? 1 : 0);
  const fixating = make({ tasks: match, noResponse: 'fixate', noise: 0 }).generate(key, 0, 40);
  for (let trial = 0; trial < 40; trial++) {
    const start = fixating.extra[2 * trial] as number;
    const silent = target(fixating, trial, start, 1) === 0 && target(fixating, trial, start, 2) === 0;
    assert.is(target(fixating, trial, start, 0), silent ? 1 : 0);
  }
  const random = make({ tasks: ['DelayPro'], modality: 'random', noise: 0 }).generate(key, 0, 40);
  const second = Array.from({ length: 40 }, (_, trial) =>
    Math.hypot(input(random, trial, (random.extra[2 * trial] as number) - 1, 3), input(random, trial, (random.extra[2 * trial] as number) - 1, 4)),
  );
  assert.ok(second.some((size) => size > 0.99) && second.some((size) => size === 0));
  const different = options({ tasks: ['NonMatch2Sample'], nonMatch: 'different' });
  for (let trial = 0; trial < 40; trial++) {
    const { angles, responds } = multitaskDraws(different, key, trial);
    assert.is(angles[0] !== angles[1], responds);
  }
});

test('chosen trials keep lengths and phases, and fresh trials bring theirs', () => {
  const task = make({ tasks: ['DelayPro', 'IntMod1'] });
  const { set, trainingIndices, epochSet } = generateData(task, { trials: 20, validationFraction: 0.2, seed: 0, fresh: true });
  const chosen = selectTrials(set, [3, 1]);
  assert.equal([...(chosen.lengths as Int32Array)], [set.lengths?.[3], set.lengths?.[1]]);
  assert.equal(chosen.phases, [set.phases?.[3], set.phases?.[1]]);
  const later = epochSet?.(1) as TrialSet;
  trainingIndices.forEach((trial) => assert.is(later.phases?.[trial]?.at(-1)?.end, later.lengths?.[trial]));
  assert.ok(trainingIndices.some((trial) => later.lengths?.[trial] !== set.lengths?.[trial]));
});

test('success counts directions within 18°, and silence by the norm of the response', () => {
  const set = make({ tasks: ['DelayPro', 'MatchCatPro'], noise: 0 }).generate(key, 0, 40);
  const outputs = set.targets.slice();
  const at = (trial: number) => (trial * set.steps + (set.extra[2 * trial + 1] as number) - 1) * 3;
  const perfect = multitaskMetrics(outputs, set, ['DelayPro', 'MatchCatPro']);
  assert.is(perfect.success, 1);
  assert.is(perfect['success MatchCatPro'], 1);
  // The first trial turned by 17°, the third by 19°; a silent one answers at 45° with a norm of 0.28, then 0.32, and one at 200° with 1.
  const turn = (trial: number, degrees: number) => {
    const angle = Math.atan2(set.targets[at(trial) + 2] as number, set.targets[at(trial) + 1] as number) + (degrees * Math.PI) / 180;
    outputs.set([Math.cos(angle), Math.sin(angle)], at(trial) + 1);
  };
  turn(0, 17);
  turn(2, 19);
  const silent = Array.from({ length: 40 }, (_, trial) => trial).filter((trial) => set.targets[at(trial) + 1] === 0 && set.targets[at(trial) + 2] === 0);
  const [a, b, c, d] = silent as [number, number, number, number];
  outputs.set([0.2, 0.2], at(a) + 1);
  outputs.set([0.23, 0.23], at(b) + 1);
  outputs.set([Math.cos(3.5), Math.sin(3.5)], at(c) + 1);
  outputs.set([1, 0], at(d) + 1);
  const responses = multitaskResponses(outputs, set);
  assert.equal(
    [0, 2, a, b, c, d].map((trial) => responses[trial]?.right),
    [true, false, true, false, false, false],
  );
  assert.equal(
    [0, 2, a, b, c, d].map((trial) => responses[trial]?.rightAsPublished),
    [true, false, false, false, true, true],
  );
  const metrics = multitaskMetrics(outputs, set, ['DelayPro', 'MatchCatPro']);
  assert.is(metrics['success DelayPro'], 19 / 20);
  assert.is(metrics['success MatchCatPro'], 17 / 20);
  assert.is(metrics.lowestSuccess, 17 / 20);
  assert.is(metrics['published success MatchCatPro'], 18 / 20);
});

test.run();
