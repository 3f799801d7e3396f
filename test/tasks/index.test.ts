// Tasks by name, registered tasks, and tasks of one's own from a module.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/errors.js';
import { builtInTasks, createTask, loadCustomTask, loadTask, registerTask, type TaskFactory } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import type { Task } from '../../src/tasks/task.js';

const flipflop = createTask(taskOptions.parse({ name: 'flipflop' }));
const custom = (module: string, parameters = {}) => taskOptions.parse({ name: 'custom', module, parameters });
const refuses = (message: RegExp) => (error: unknown) => error instanceof ConfigError && message.test(error.message);

test('every built-in task is made from its defaults', () => {
  for (const name of builtInTasks) assert.is(createTask(taskOptions.parse({ name })).name, name);
  assert.equal(flipflop.parameters, { bits: 3, steps: 500, switchProbability: 0.015, noise: 0.15, transitionBlind: 4, stimulated: false });
});

test('a registered task is found by its name and gets its parameters', async () => {
  registerTask('mine', (parameters) => ({ ...flipflop, name: 'mine', parameters }));
  assert.equal(createTask(custom('mine', { a: 1 })).parameters, { a: 1 });
  assert.is((await loadTask(custom('mine'), () => Promise.reject(new Error('not asked for')))).name, 'mine');
  assert.throws(() => createTask(custom('yours')), refuses(/task: module: expected a registered task, got 'yours'/));
  assert.throws(() => registerTask('none', undefined as unknown as TaskFactory), refuses(/expected a function/));
});

test('a module is loaded through the loader and its default export called', async () => {
  const seen: string[] = [];
  const task = await loadTask(custom('./file.mjs', { steps: 3 }), (module) => {
    seen.push(module);
    return Promise.resolve({ default: (parameters: object) => ({ ...flipflop, name: 'loaded', parameters }) });
  });
  assert.equal(seen, ['./file.mjs']);
  assert.equal(task.parameters, { steps: 3 });
});

test('a module that exports no task is refused with every reason', () => {
  const make = (exported: unknown) => () => loadCustomTask(exported, {}, 'task.module ./x.mjs');
  for (const namespace of [{}, null, { default: 5 }])
    assert.throws(make(namespace), refuses(/task\.module \.\/x\.mjs: expected a module whose default export is a function/));
  assert.throws(make({ default: () => 5 }), refuses(/expected a Task, got number/));
  const broken = { ...flipflop, inputSize: 0, outputLabels: ['a'], loss: { kind: 'hinge', scale: Number.NaN } };
  assert.throws(
    make({ default: () => broken }),
    refuses(
      /6 problems[\s\S]*inputSize: expected a positive whole number, got 0[\s\S]*outputLabels: expected 3 names[\s\S]*loss\.kind[\s\S]*loss\.scale: expected a positive number, got NaN[\s\S]*loss\.weights/,
    ),
  );
  assert.throws(make({ default: () => ({}) as Task }), refuses(/generate: expected a function, got undefined/));
});

test('a task of one’s own that moves a body has a plant, a loss of its kind and two outputs', () => {
  const reach = createTask(taskOptions.parse({ name: 'random-target', steps: 40 }));
  const mine = (changes: object) => () => loadCustomTask({ default: () => ({ ...reach, name: 'mine', ...changes }) }, {}, 'task.module x');
  assert.is(mine({})().name, 'mine');
  assert.throws(mine({ plant: undefined }), refuses(/plant: expected a plant \(createPlant\), got undefined/));
  assert.throws(mine({ loss: flipflop.loss }), refuses(/plant: expected nothing, or a loss of kind 'reach', got an object/));
  assert.throws(mine({ outputSize: 6, outputLabels: [...'abcdef'] }), refuses(/outputSize: expected 2, the coordinates of the end point, got 6/));
  assert.throws(
    mine({ loss: { ...reach.loss, position: 'cubic', actionWeight: -1, rampEpochs: 0.5 } }),
    refuses(/3 problems[\s\S]*loss\.position: expected 'squared' or 'absolute', got cubic[\s\S]*loss\.actionWeight[\s\S]*loss\.rampEpochs/),
  );
});

test('what a factory throws becomes a message about the task’s parameters', () => {
  const picky: TaskFactory = () => {
    throw new Error('noise must be even');
  };
  assert.throws(
    () => loadCustomTask({ default: picky }, {}, 'task.module x'),
    refuses(/^task\.module x: expected parameters that the task accepts, got: noise must be even$/),
  );
});

test.run();
