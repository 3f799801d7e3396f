// The flip-flop's ideal observer: certain without noise, a constant answer with too much of it, and never behind another causal answer.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { idealScores, taskLoss } from '../../src/analysis/scores.js';
import { generateTrials } from '../../src/tasks/data.js';
import { loadTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import type { Task, TrialSet } from '../../src/tasks/task.js';

const test = suite('flip-flop observer');

const taskWith = (options: Record<string, unknown>): Promise<Task> =>
  loadTask(taskOptions.parse({ name: 'flipflop', bits: 2, steps: 200, switchProbability: 0.03, ...options }));
const lossOf = (task: Task, set: TrialSet): number => (idealScores(task, set) as { loss: number }).loss;

test('knows every bit without noise and nearly every one with little', async () => {
  const quiet = await taskWith({ noise: 0 });
  assert.is(lossOf(quiet, generateTrials(quiet, 1, 0, 20)), 0);
  const little = await taskWith({ noise: 0.05 });
  assert.ok(lossOf(little, generateTrials(little, 1, 0, 20)) < 1e-6);
});

test('has a lower loss than thresholds, leaky or not, and than a smoothed version of itself', async () => {
  const task = await taskWith({ noise: 0.35 });
  const set = generateTrials(task, 2, 0, 400);
  const ideal = lossOf(task, set);
  const answers = task.ideal?.(set) as Float32Array;
  const held = (threshold: number, leak: number) => {
    const out = new Float32Array(set.inputs.length);
    for (let at = 0; at < out.length; at++) {
      const before = at % 400 < 2 ? 0 : (out[at - 2] as number);
      const x = set.inputs[at] as number;
      out[at] = x > threshold ? 1 : x < -threshold ? 0 : before + leak * (0.5 - before);
    }
    return out;
  };
  for (const threshold of [0.5, 0.7, 0.9]) for (const leak of [0, 0.02, 0.1]) assert.ok((taskLoss(task, held(threshold, leak), set) as number) > ideal);
  const duller = answers.map((answer) => 0.5 + 0.9 * (answer - 0.5));
  const bolder = answers.map((answer) => Math.min(1, Math.max(0, 0.5 + 1.1 * (answer - 0.5))));
  assert.ok((taskLoss(task, duller, set) as number) > ideal);
  assert.ok((taskLoss(task, bolder, set) as number) > ideal);
});

test('is calibrated: where it says p, a share p of the counted bits is 1', async () => {
  const task = await taskWith({ noise: 0.4, transitionBlind: 3 });
  const set = generateTrials(task, 3, 0, 600);
  const answers = task.ideal?.(set) as Float32Array;
  const weights = task.loss.kind === 'squared error' ? (task.loss.weights(set) as Float32Array) : new Float32Array();
  const bins = Array.from({ length: 5 }, () => ({ said: 0, ones: 0, count: 0 }));
  answers.forEach((answer, at) => {
    if (weights[at] === 0) return;
    const bin = bins[Math.min(4, Math.floor(5 * answer))] as (typeof bins)[number];
    bin.said += answer;
    bin.ones += set.targets[at] as number;
    bin.count++;
  });
  for (const { said, ones, count } of bins) {
    assert.ok(count > 1000);
    assert.ok(Math.abs(said - ones) / count < 0.02, `${said / count} ${ones / count}`);
  }
});

test('is not known where pulses have no known size', async () => {
  const task = await taskWith({ noise: 0.2, stimulated: true });
  assert.is(idealScores(task, generateTrials(task, 1, 0, 2)), null);
});

test.run();
