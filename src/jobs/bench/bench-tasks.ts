// Tasks that `bench train-step` knows: the flip-flop, the multitask battery, reaching, and a decoupled task for a network of the reaching network's size.
import { ConfigError } from '../../errors.js';
import { deriveKey, fillNormal, type RandomKey } from '../../random.js';
import { createTask } from '../../tasks/index.js';
import { taskOptions } from '../../tasks/options.js';
import type { Task, TrialSet } from '../../tasks/task.js';

export const benchTasks = ['flipflop', 'multitask', 'reach', 'decoupled-reach'] as const;
type BenchTask = (typeof benchTasks)[number];

/** Shortest trials of random-target reaching: benchmarks with shorter ones time the beginning of these. */
const fewestReachSteps = 35;

/** Room for the longest trials of the battery. */
const fewestMultitaskSteps = 320;

/** A task with trials of this many steps. Throws ConfigError for a name that is none of `benchTasks`. */
export function createBenchTask(name: string, steps: number): Task {
  switch (name as BenchTask) {
    case 'flipflop':
      return createTask(taskOptions.parse({ name, steps }));
    case 'multitask':
      // All fifteen tasks; trials have `steps` steps, whatever their lengths: none is skipped, so that rows compare with those of other tasks.
      return shortened(createTask(taskOptions.parse({ name, steps: Math.max(steps, fewestMultitaskSteps) })), steps);
    case 'reach':
      // All defaults: RigidTendonArm26 with MuJoCo-Hill muscles, 10 ms, Euler; delays of 50 and 20 ms, noise on both senses and the actions.
      return shortened(createTask(taskOptions.parse({ name: 'random-target', steps: Math.max(steps, fewestReachSteps) })), steps);
    case 'decoupled-reach':
      return decoupledReach(steps);
    default:
      throw new ConfigError('bench train-step', [`--task: expected ${benchTasks.join(', ')}, got "${name}"`]);
  }
}

/** The first `steps` steps of every trial, all of which count. */
function shortened(task: Task, steps: number): Task {
  if (steps === task.steps) return task;
  const cut = (values: Float32Array, trials: number) => {
    const row = values.length / trials;
    const kept = (row / task.steps) * steps;
    return Float32Array.from({ length: trials * kept }, (_, i) => values[Math.floor(i / kept) * row + (i % kept)] as number);
  };
  const generate = (key: RandomKey, first: number, count: number): TrialSet => {
    const { lengths: _lengths, phases: _phases, ...set } = task.generate(key, first, count);
    const loads = set.endpointLoads && { endpointLoads: cut(set.endpointLoads, count) };
    const arrays = { inputs: cut(set.inputs, count), trueInputs: cut(set.trueInputs, count), targets: cut(set.targets, count) };
    return { ...set, steps, ...arrays, ...loads };
  };
  return { ...task, steps, generate };
}

const [inputSize, outputSize] = [17, 6];

/** As many inputs and outputs as the network that moves the arm, but nothing behind it: what the loop costs is the difference. */
function decoupledReach(steps: number): Task {
  return {
    name: 'decoupled-reach',
    parameters: { steps },
    steps,
    stepDuration: null,
    inputSize,
    outputSize,
    inputLabels: labels('input', inputSize),
    outputLabels: labels('output', outputSize),
    loss: { kind: 'squared error', scale: 1 / (steps * outputSize), weights: () => null },
    generate: (key, first, count) => {
      const draws = (purpose: string, size: number) => {
        const values = new Float32Array(count * steps * size);
        for (let trial = 0; trial < count; trial++) {
          fillNormal(values.subarray(trial * steps * size, (trial + 1) * steps * size), deriveKey(key, purpose), first + trial);
        }
        return values.map((value) => 0.3 * value);
      };
      const inputs = draws('inputs', inputSize);
      return {
        trials: count,
        steps,
        inputs,
        trueInputs: inputs,
        targets: draws('targets', outputSize),
        conditions: new Int32Array(count),
        extra: new Float32Array(0),
      };
    },
  };
}

function labels(text: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${text} ${i + 1}`);
}
