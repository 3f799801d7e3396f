// The flip-flop against its definition, its statistics and the trials that the original software made.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomKey } from '../../src/random.js';
import { createFlipflop, flipflopMask, flipflopTargets } from '../../src/tasks/flipflop.js';
import { type FlipflopOptions, flipflopOptions } from '../../src/tasks/options.js';
import type { TaskLoss } from '../../src/tasks/task.js';

const key = randomKey(5, 'data');
const options = (changes: Partial<FlipflopOptions> = {}): FlipflopOptions => flipflopOptions.parse({ name: 'flipflop', ...changes });

/** Tensors of a golden file, numbers only. */
function golden(file: string): Record<string, { shape: number[]; data: ArrayLike<number> }> {
  const bytes = readFileSync(new URL(`../golden/${file}`, import.meta.url));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  const kinds = { F64: Float64Array, F32: Float32Array, I32: Int32Array } as const;
  const tensors: Record<string, { shape: number[]; data: ArrayLike<number> }> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    const copy = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end));
    tensors[name] = { shape: entry.shape, data: new kinds[entry.dtype as keyof typeof kinds](copy.buffer) };
  }
  return tensors;
}

test('targets of the original software follow from its noiseless inputs, stimulated trials included', () => {
  const file = golden('task_nbff.safetensors');
  for (const prefix of ['', 'stim.']) {
    const inputs = file[`${prefix}true_inputs`] as { shape: number[]; data: Float64Array };
    const [trials, steps, bits] = inputs.shape as [number, number, number];
    const targets = flipflopTargets(inputs.data, trials, steps, bits);
    assert.equal([...targets], Array.from((file[`${prefix}targets`] as { data: ArrayLike<number> }).data));
  }
});

test('pulses have the stated rates, none in the first three steps, half of them up', () => {
  const task = createFlipflop(options());
  const set = task.generate(key, 0, 1000);
  let [up, down, early] = [0, 0, 0];
  set.trueInputs.forEach((value, at) => {
    if (value === 1) up++;
    if (value === -1) down++;
    if (value !== 0 && Math.floor(at / 3) % 500 < 3) early++;
  });
  const expected = 2 * 0.015 * 497;
  assert.is(early, 0);
  assert.ok(Math.abs((up + down) / 3000 - expected) < 0.02 * expected, `${(up + down) / 3000} pulses per channel, expected ${expected}`);
  // four standard errors of a binomial half
  assert.ok(Math.abs(up / (up + down) - 0.5) < 2 / Math.sqrt(up + down));
});

test('targets change in the step of the pulse and follow from the noiseless inputs', () => {
  const set = createFlipflop(options({ switchProbability: 0.1, steps: 60 })).generate(key, 0, 20);
  assert.equal(set.targets, flipflopTargets(set.trueInputs, 20, 60, 3));
  for (let at = 3; at < set.targets.length; at++) {
    if (Math.floor(at / 3) % 60 === 0) continue;
    if (set.targets[at] !== set.targets[at - 3]) assert.is(set.trueInputs[at], set.targets[at] === 1 ? 1 : -1);
  }
});

test('noise has the stated standard deviation and no mean', () => {
  const set = createFlipflop(options({ noise: 0.45 })).generate(key, 0, 700);
  let [sum, squares] = [0, 0];
  set.inputs.forEach((value, at) => {
    const noise = value - (set.trueInputs[at] as number);
    sum += noise;
    squares += noise * noise;
  });
  const count = set.inputs.length;
  assert.ok(count > 1e6);
  assert.ok(Math.abs(sum / count) < (4 * 0.45) / Math.sqrt(count));
  assert.ok(Math.abs(Math.sqrt(squares / count) / 0.45 - 1) < 0.005);
  const quiet = createFlipflop(options({ noise: 0 })).generate(key, 0, 3);
  assert.equal(quiet.inputs, quiet.trueInputs);
});

test('trial k is the same whatever is generated around it', () => {
  const task = createFlipflop(options({ steps: 40, stimulated: true }));
  const all = task.generate(key, 0, 9);
  const some = task.generate(key, 4, 3);
  const size = 40 * 3;
  for (const name of ['inputs', 'trueInputs', 'targets'] as const) assert.equal(some[name], all[name].slice(4 * size, 7 * size), name);
});

test('noise, seed and pulses are independent streams', () => {
  const [a, b] = [0.15, 0.3].map((noise) => createFlipflop(options({ noise })).generate(key, 0, 4)) as [
    ReturnType<ReturnType<typeof createFlipflop>['generate']>,
    ReturnType<ReturnType<typeof createFlipflop>['generate']>,
  ];
  assert.equal(a.trueInputs, b.trueInputs, 'more noise leaves the pulses');
  const other = createFlipflop(options()).generate(randomKey(6, 'data'), 0, 4);
  assert.not.equal(a.trueInputs, other.trueInputs, 'another seed moves them');
});

test('the stimulus adds one step of size 0.5 to 1.5 to one channel in the middle half, and freezes its target', () => {
  const steps = 41;
  const plain = createFlipflop(options({ steps, switchProbability: 0.2 })).generate(key, 0, 200);
  const stimulated = createFlipflop(options({ steps, switchProbability: 0.2, stimulated: true })).generate(key, 0, 200);
  const chosen = [0, 0, 0];
  for (let trial = 0; trial < 200; trial++) {
    const added = [0, 1, 2].filter((bit) => stimulated.trueInputs[(trial * steps + 10) * 3 + bit] !== plain.trueInputs[(trial * steps + 10) * 3 + bit]);
    assert.is(added.length, 1);
    const bit = added[0] as number;
    chosen[bit] = (chosen[bit] as number) + 1;
    for (let step = 0; step < steps; step++) {
      for (let channel = 0; channel < 3; channel++) {
        const at = (trial * steps + step) * 3 + channel;
        const difference = (stimulated.trueInputs[at] as number) - (plain.trueInputs[at] as number);
        if (channel === bit && step >= 10 && step < 30) {
          assert.ok(difference > 0.499 && difference < 1.501, `${difference}`);
          assert.is(stimulated.targets[at], stimulated.targets[(trial * steps + 9) * 3 + bit], 'the bit is frozen under the stimulus');
        } else assert.is(difference, 0);
      }
    }
  }
  assert.ok(Math.min(...chosen) > 40, `every channel is chosen about as often: ${chosen}`);
});

test('the loss leaves out the first five steps and the steps after a change, not the change itself', () => {
  const targets = new Float32Array(12).fill(1, 6);
  assert.equal([...flipflopMask(targets, 1, 12, 1, 4)], [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1]);
  assert.equal([...flipflopMask(targets, 1, 12, 1, 0)], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
});

test('a change soon after another prolongs the blind time, and trials and channels do not touch each other', () => {
  const steps = 14;
  const pulse = Float32Array.from({ length: steps }, (_, step) => (step === 7 ? 1 : 0));
  const two = new Float32Array(2 * steps * 2);
  for (let step = 0; step < steps; step++) two[step * 2 + 1] = pulse[step] as number;
  const mask = flipflopMask(two, 2, steps, 2, 4);
  const row = (trial: number, bit: number): number[] => Array.from({ length: steps }, (_, step) => mask[(trial * steps + step) * 2 + bit] as number);
  assert.equal(row(0, 1), [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1]);
  for (const [trial, bit] of [
    [0, 0],
    [1, 0],
    [1, 1],
  ] as const)
    assert.equal(row(trial, bit), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test('constant answers have the losses that are known for them', () => {
  for (const [switchProbability, half, zero] of [
    [0.015, 0.233, 0.435],
    [0.01, 0.238, 0.425],
  ] as const) {
    const task = createFlipflop(options({ switchProbability }));
    const set = task.generate(key, 0, 1000);
    const weights = task.loss.weights(set) as Float32Array;
    const { scale } = task.loss as TaskLoss;
    const loss = (answer: number): number =>
      (weights.reduce((sum, weight, at) => sum + weight * (answer - (set.targets[at] as number)) ** 2, 0) * scale) / set.trials;
    assert.ok(Math.abs(loss(0.5) - half) < 0.003, `always 0.5: ${loss(0.5)}`);
    assert.ok(Math.abs(loss(0) - zero) < 0.006, `always 0: ${loss(0)}`);
  }
});

test('scores count unmasked elements on the right side of 0.5 and trials without a mistake', () => {
  const task = createFlipflop(options({ steps: 30 }));
  const set = task.generate(key, 0, 10);
  assert.equal(task.metrics?.(set.targets, set), { bitAccuracy: 1, trialAccuracy: 1 });
  const wrong = set.targets.slice();
  wrong[29 * 3] = 1 - (wrong[29 * 3] as number);
  const mask = task.loss.weights(set) as Float32Array;
  assert.is(mask[29 * 3], 1);
  const counted = mask.reduce((sum, weight) => sum + weight, 0);
  assert.equal(task.metrics?.(wrong, set), { bitAccuracy: (counted - 1) / counted, trialAccuracy: 0.9 });
  assert.equal(task.metrics?.(new Float32Array(900).fill(Number.NaN), set), { bitAccuracy: 0, trialAccuracy: 0 });
});

test('sizes from 1 to 8 bits, 20 to 2000 steps, probabilities to 0.5 and noise to 1 are accepted', () => {
  for (const [bits, steps, switchProbability, noise] of [
    [1, 20, 0, 0],
    [8, 2000, 0.5, 1],
  ] as const) {
    const task = createFlipflop(options({ bits, steps, switchProbability, noise }));
    const set = task.generate(key, 0, 2);
    assert.is(set.inputs.length, 2 * steps * bits);
    const pulses = set.trueInputs.reduce((sum, value) => sum + Math.abs(value), 0);
    assert.ok(switchProbability === 0 ? pulses === 0 : pulses > 0.99 * 2 * (steps - 3) * bits);
  }
});

test.run();
